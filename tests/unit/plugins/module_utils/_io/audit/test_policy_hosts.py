# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One address of a policy host as the audit sees it: as senders do, with either key type, and as a browser."""

from __future__ import annotations

import pytest
import trustme
from servers.https_server import Answer, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit import policy_hosts
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.patience import Patience, TooLate

HOST, ADDRESS = "mta-sts.example.com", "127.0.0.1"
RSA, ECDSA = trustme.KeyType.RSA, trustme.KeyType.ECDSA
BOTH = ["rsa", "ecdsa"]
POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def visit(authority, tmp_path):
    """Return a function that visits a host with this answer and certificates of these key types."""
    authority.cert_pem.write_to_path(tmp_path / "root.pem")

    def visit(answer, *key_types, patience=None, **options):
        certificates = [authority.issue_cert(HOST, key_type=key_type) for key_type in key_types]
        with serve(answer, *certificates) as port:
            options = {"timeout": 5, "allow_private": True, "attempts": 1, **options}
            how = FetchOptions(str(tmp_path / "root.pem"), port, **options)
            return policy_hosts.visit(HOST, ADDRESS, how, patience or Patience(30))

    return visit


def test_a_policy_is_fetched_as_senders_do_and_once_more_with_either_key_type(visit):
    answer = Answer(body=POLICY)
    seen = visit(answer, RSA, ECDSA)
    assert (seen.address, seen.fetch.status, seen.fetch.body) == (ADDRESS, 200, POLICY)
    assert {family: fetched.body for family, fetched in seen.families.items()} == {"rsa": POLICY, "ecdsa": POLICY}
    assert seen.browser is None
    assert [request["User-Agent"] for request in answer.requests] == ["postmaster.mta_sts"] * 3


@pytest.mark.parametrize(("key_type", "there", "missing"), [(RSA, "rsa", "ecdsa"), (ECDSA, "ecdsa", "rsa")])
def test_a_key_type_that_a_server_has_no_certificate_of_is_none(visit, key_type, there, missing):
    families = visit(Answer(body=POLICY), key_type).families
    assert families[there].body == POLICY
    assert families[missing] is None


def test_a_body_that_came_again_is_kept_once(visit):
    seen = visit(Answer(body=POLICY), ECDSA)
    assert seen.families["ecdsa"].body is seen.fetch.body


def test_no_certificate_is_kept(visit):
    shown = visit(Answer(body=POLICY), ECDSA).fetch.tls
    assert (shown.version, shown.certificate) == ("TLSv1.3", b"")


@pytest.mark.parametrize(("status", "is_asked"), [(200, False), (301, False), (400, True), (403, True), (503, True)])
def test_who_turns_a_sender_away_is_asked_as_a_browser_too(visit, status, is_asked):
    answer = Answer(status, body=POLICY)
    seen = visit(answer, ECDSA)
    assert seen.fetch.status == status
    assert (seen.browser is not None) is is_asked
    assert any("Firefox" in request["User-Agent"] for request in answer.requests) is is_asked


def test_a_redirect_is_told_with_where_it_leads(visit):
    seen = visit(Answer(302, {"Location": "https://www.example.com/"}), ECDSA)
    assert (seen.fetch.status, seen.fetch.location) == (302, "https://www.example.com/")


def test_a_host_that_cannot_be_visited_has_a_fault_and_is_not_asked_again(visit):
    answer = Answer(body=POLICY)
    seen = visit(answer, ECDSA, allow_private=False)
    assert (seen.fetch.fault.kind, seen.families, seen.browser, answer.requests) == ("private", {}, None, [])


class Unready(list):
    """The requests of a server that breaks off the first of them."""

    def append(self, request):
        super().append(request)
        if len(self) == 1:
            raise ConnectionAbortedError


@pytest.mark.parametrize(("attempts", "is_well"), [(1, False), (2, True)])
def test_a_fault_that_may_pass_is_tried_again(visit, attempts, is_well):
    seen = visit(Answer(body=POLICY, requests=Unready()), ECDSA, attempts=attempts)
    assert (seen.fetch.fault is None) is is_well


class ForLooks(Patience):
    """Patience for so many looks."""

    def __init__(self, looks):
        super().__init__(30)
        self._looks = looks

    def allow(self, seconds):
        self._looks -= 1
        if self._looks < 0:
            raise TooLate
        return super().allow(seconds)


def test_without_time_for_the_first_look_nothing_is_known(visit):
    with pytest.raises(TooLate):
        visit(Answer(body=POLICY), ECDSA, patience=ForLooks(0))


@pytest.mark.parametrize(
    ("looks", "families", "is_asked"), [(1, [], False), (2, ["rsa"], False), (3, BOTH, False), (4, BOTH, True)]
)
def test_what_there_is_no_time_for_after_the_first_look_is_left_out(visit, looks, families, is_asked):
    seen = visit(Answer(403), RSA, ECDSA, patience=ForLooks(looks))
    assert seen.fetch.status == 403
    assert list(seen.families) == families
    assert (seen.browser is not None) is is_asked
