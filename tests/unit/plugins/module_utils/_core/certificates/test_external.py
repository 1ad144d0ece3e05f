# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates that somebody else renews: senders take all of them, or the domain is told what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import Certificate
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.external import Pair, judge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.outcomes import CertificateOutcome

HOST = "mta-sts.example.com"
START, END = 1_800_000_000, 1_807_776_000  # 2027-01-15T08:00:00Z, 2027-04-15T08:00:00Z
NOW = START + 86400
GOOD = Certificate(START, END, "CN=R10", (HOST,), "p256", "f" * 64)
RSA, EC = "/etc/ssl/rsa.pem", "/etc/ssl/ecdsa.pem"
OBTAIN = f"Obtain a certificate that names {HOST}"
RENEW = "Renew it, and see why that did not happen"


def judged(*pairs, now=NOW):
    return judge("example.com", HOST, pairs, now)


def pair(path=EC, **changes):
    return Pair(path, replace(GOOD, **changes))


def failed(reason, remedy):
    problem = f"example.com: certificate: {reason} (RFC 8461, section 3.3). Remedy: {remedy}."
    return CertificateOutcome("example.com", HOST, "failed", reason, problem, None)


KEPT = [
    ("names the host", [pair()], END),
    ("names others too", [pair(names=("www.example.com", HOST))], END),
    ("has a wildcard for it", [pair(names=("*.example.com",))], END),
    ("ends first of two", [pair(RSA, not_after=END + 1), pair()], END),
    ("is there, but cannot be read here", [Pair(EC)], None),
    ("is one of two that can be read here", [Pair(RSA), pair()], END),
]


@pytest.mark.parametrize(("pairs", "expires"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_a_certificate_that_senders_take_is_kept(pairs, expires):
    assert judged(*pairs) == CertificateOutcome("example.com", HOST, "kept", "", "", expires)


@pytest.mark.parametrize(
    ("now", "outcome"), [(START - 1, "failed"), (START, "kept"), (END - 1, "kept"), (END, "failed")]
)
def test_it_serves_from_its_first_second_to_its_last(now, outcome):
    assert judged(pair(), now=now).outcome == outcome


FAILED = [
    ("another name", pair(names=("www.example.com",)), NOW, f"{EC} names www.example.com, not {HOST}", OBTAIN),
    ("two other names", pair(names=("a.test", "b.test")), NOW, f"{EC} names a.test, b.test, not {HOST}", OBTAIN),
    ("no name", pair(names=()), NOW, f"{EC} names nothing, not {HOST}", OBTAIN),
    ("a wildcard too high", pair(names=("*.com",)), NOW, f"{EC} names *.com, not {HOST}", OBTAIN),
    ("over", pair(), END, f"{EC} expired on 2027-04-15T08:00:00Z", RENEW),
    ("not yet", pair(), START - 1, f"{EC} is not valid before 2027-01-15T08:00:00Z", "Compare the clocks"),
    ("unusable", Pair(EC, None, "it is not there", "Copy it there"), NOW, f"{EC}: it is not there", "Copy it there"),
]


@pytest.mark.parametrize(
    ("one", "now", "reason", "remedy"), [case[1:] for case in FAILED], ids=[case[0] for case in FAILED]
)
def test_one_that_senders_refuse_says_why_and_what_to_do(one, now, reason, remedy):
    assert judged(one, now=now) == failed(reason, remedy)


def test_one_bad_pair_is_enough_to_spoil_the_name():
    assert judged(pair(RSA), pair(EC, not_after=NOW)) == failed(f"{EC} expired on 2027-01-16T08:00:00Z", RENEW)


def test_everything_is_said_and_every_remedy_once():
    late = {"names": ("www.example.com",), "not_after": START + 1}
    unread = Pair(RSA, GOOD, "its key belongs to another certificate", "Copy both again")
    assert judged(unread, unread, pair(RSA, **late), pair(**late)) == failed(
        f"{RSA}: its key belongs to another certificate; "
        f"{RSA} names www.example.com, not {HOST}; {RSA} expired on 2027-01-15T08:00:01Z; "
        f"{EC} names www.example.com, not {HOST}; {EC} expired on 2027-01-15T08:00:01Z",
        f"Copy both again. {OBTAIN}. {RENEW}",
    )
