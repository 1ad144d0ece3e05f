# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys, and what a server may hold against one; refusals of a real server are in test_update.py."""

from __future__ import annotations

import binascii

import dns.exception
import dns.message
import dns.tsig
import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Nameserver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import (
    ALGORITHMS,
    BADKEY,
    BADSIG,
    BADTIME,
    Key,
    key_fault,
    make_keyring,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.update import Primary

SECRET = "c2VjcmV0"
KEY = Key("mta-sts", "hmac-sha256", SECRET)


def signed(key, **options):
    """A question that is signed with a key."""
    query = dns.message.make_query("_mta-sts.example.com", "TXT")
    query.use_tsig(make_keyring(key), **options)
    return query


def failure(action):
    with pytest.raises(dns.exception.DNSException) as failed:
        action()
    return failed.value


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_can_sign(algorithm):
    key = Key("mta-sts", algorithm, SECRET)
    assert dns.message.from_wire(signed(key).to_wire(), keyring=make_keyring(key)).had_tsig


@pytest.mark.parametrize("secret", ["s3cr3t!", "a"])
def test_a_secret_that_is_no_base64_is_refused(secret):
    with pytest.raises(binascii.Error):
        make_keyring(Key("mta-sts", "hmac-sha256", secret))


def test_a_key_never_shows_its_secret():
    assert repr(KEY) == "Key('mta-sts', 'hmac-sha256')"
    assert SECRET not in f"{KEY} {Primary(Nameserver('192.0.2.53'), KEY, 5)!r}"


def test_a_signature_with_another_secret_is_told():
    other = make_keyring(Key("mta-sts", "hmac-sha256", "b3RoZXI="))
    assert key_fault(failure(lambda: dns.message.from_wire(signed(KEY).to_wire(), keyring=other))) == BADSIG


@pytest.mark.parametrize(
    ("said", "fault"), [(dns.rcode.BADKEY, BADKEY), (dns.rcode.BADSIG, BADSIG), (dns.rcode.BADTIME, BADTIME)]
)
def test_what_the_server_says_in_its_answer_is_told(said, fault):
    query = signed(KEY)
    query.to_wire()
    answer = dns.message.make_response(query, tsig_error=said)
    wire = answer.to_wire()
    read = failure(lambda: dns.message.from_wire(wire, keyring=make_keyring(KEY), request_mac=query.mac))
    assert key_fault(read) == fault


@pytest.mark.parametrize(
    "problem", [OSError("no route"), EOFError(), dns.exception.Timeout(), dns.exception.FormError()]
)
def test_a_failure_of_another_kind_is_no_fault_of_the_key(problem):
    assert key_fault(problem) is None
