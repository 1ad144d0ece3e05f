# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dehydrated printed (0.7.0 and 0.7.2, word for word where it is long) and what we make of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core import dehydrated
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dehydrated import (
    ANY_REMEDY,
    CURL_REMEDY,
    DNS_REMEDIES,
    LONGEST,
    REMEDIES,
    SPACE_REMEDY,
    Failure,
    explain,
)

INVALID_CHALLENGE = r"""# INFO: Using main config file /etc/mta-sts/dehydrated/p256.conf
Processing mta-sts.dead.test
 + Signing domains...
 + Requesting new certificate order from CA...
 + Responding to challenge for mta-sts.dead.test authorization...
 + Cleaning challenge tokens...
 + Challenge validation has failed :(
ERROR: Challenge is invalid! (returned: invalid) (result: ["type"]	"http-01"
["url"]	"https://ca.test:14000/chalZ/X11r6Dx7SNjZrhNPPlPoCE04f_shRd80taTF0C_OuWY"
["token"]	"9abGevd67lPCHgEBMQfFck_t_ptGNbahXSZCSrKh3cI"
["status"]	"invalid"
["error","type"]	"urn:ietf:params:acme:error:connection"
["error","detail"]	"Get \"http://mta-sts.dead.test/.well-known/acme-challenge/9abG-vd6_PC\": udp 1-\u003e53: refused"
["error","status"]	400
["error"]	{"type":"urn:ietf:params:acme:error:connection","detail":"Get \"http://mta-sts.dead.test:80/\"","status":400})
"""

INVALID_RECORD = r"""Processing mta-sts.example.com
 + Signing domains...
 + 1 pending challenge(s)
 + Deploying challenge tokens...
 + ns2.example.com [192.0.2.2] gives no answer about example.com
 + Responding to challenge for mta-sts.example.com authorization...
 + Cleaning challenge tokens...
 + Challenge validation has failed :(
ERROR: Challenge is invalid! (returned: invalid) (result: ["type"]	"dns-01"
["url"]	"https://ca.test:14000/chalZ/X11r6Dx7SNjZrhNPPlPoCE04f_shRd80taTF0C_OuWY"
["status"]	"invalid"
["error","type"]	"urn:ietf:params:acme:error:{kind}"
["error","detail"]	"{detail}"
["error","status"]	403
["error"]	{"type":"urn:ietf:params:acme:error:{kind}","detail":"{detail}","status":403})
"""


def invalid_record(kind, detail):
    return INVALID_RECORD.replace("{kind}", kind).replace("{detail}", detail)


# From roles/sts_certificate/files/challenge.py, by way of dehydrated
UNPUBLISHED = """Processing mta-sts.example.com
 + Signing domains...
 + 1 pending challenge(s)
 + Deploying challenge tokens...
dns-01: _acme-challenge.mta-sts.example.com: 192.0.2.53 says REFUSED to the update. Remedy: Give the server the key.
ERROR: deploy_challenge hook returned with non-zero exit code
"""

NO_ACCOUNT = """Processing mta-sts.dead.test
 + Requesting new certificate order from CA...
  + ERROR: An error occurred while sending post-request to https://ca.test:14000/order-plz (Status 400)

Details:
HTTP/2 400
content-type: application/problem+json; charset=utf-8

{
   "type": "urn:ietf:params:acme:error:accountDoesNotExist",
   "detail": "Account https://ca.test:14000/my-account/1cbe82f0c36474d8 not found.",
   "status": 400
}
"""

TOO_MANY = """ + Requesting new certificate order from CA...
  + ERROR: An error occurred while sending post-request to https://ca.test/acme/new-order (Status 429)

Details:
HTTP/2 429
content-type: application/problem+json
retry-after: {when}

{{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many new orders recently", "status": 429}}
"""

CASES = [
    (
        INVALID_CHALLENGE,
        'The CA said connection: "Get "http://mta-sts.dead.test/.well-known/acme-challenge/...": udp 1->53: refused"',
        REMEDIES["connection"],
    ),
    (
        NO_ACCOUNT,
        'The CA said accountDoesNotExist: "Account https://ca.test:14000/my-account/1cbe82f0c36474d8 not found."',
        REMEDIES["accountDoesNotExist"],
    ),
    (
        '{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many certificates, retry after 2026-11-24"}',
        'The CA said rateLimited: "too many certificates, retry after 2026-11-24"',
        REMEDIES["rateLimited"],
    ),
    (
        TOO_MANY.format(when=3600),
        'The CA said rateLimited: "too many new orders recently", and to come back after 3600 s',
        REMEDIES["rateLimited"],
    ),
    (
        TOO_MANY.format(when="Fri, 27 Nov 2026 04:00:00 GMT").replace("\n", "\r\n").replace("retry-a", "Retry-A"),
        'The CA said rateLimited: "too many new orders recently", and to come back after Fri, 27 Nov 2026 04:00:00 GMT',
        REMEDIES["rateLimited"],
    ),
    (
        '{"type": "urn:ietf:params:acme:error:badNonce", "detail": "JWS has an invalid anti-replay nonce: rsIAY..."}',
        'The CA said badNonce: "JWS has an invalid anti-replay nonce: rsIAY..."',
        REMEDIES["badNonce"],
    ),
    (
        "+ Registering account key with ACME server...\n" + 2 * " ! Request failed (badNonce), retrying request...\n",
        "The CA said badNonce for as long as it was asked",
        REMEDIES["badNonce"],
    ),
    (
        " ! Request failed (badNonce), retrying request...\nTerminated\n",
        "The CA said badNonce for as long as it was asked",
        REMEDIES["badNonce"],
    ),
    (
        " ! Request failed (badNonce), retrying request...\n + Challenge is valid!\nTerminated\n",
        'dehydrated\'s last words: "Terminated"',
        ANY_REMEDY,
    ),
    (
        '{"type": "urn:ietf:params:acme:error:neverHeardOf", "detail": "hm"}',
        'The CA said neverHeardOf: "hm"',
        ANY_REMEDY,
    ),
    (
        "ERROR: Problem connecting to server (get for https://ca.test/directory; curl returned with 60)\n"
        "EXPECTED value GOT EOF",
        "The CA at https://ca.test/directory could not be asked: its TLS certificate cannot be verified",
        CURL_REMEDY,
    ),
    (
        "ERROR: Problem connecting to server (get for https://ca.test/directory; curl returned with 99)",
        "The CA at https://ca.test/directory could not be asked: curl ended with 99",
        CURL_REMEDY,
    ),
    (
        " + Done!\nThe key and the certificate in /x do not belong together.\n"
        "ERROR: deploy_cert hook returned with non-zero exit code\n",
        'dehydrated said: "deploy_cert hook returned with non-zero exit code"',
        ANY_REMEDY,
    ),
    (
        invalid_record("unauthorized", "No TXT record found at _acme-challenge.mta-sts.example.com"),
        'The CA said unauthorized: "No TXT record found at _acme-challenge.mta-sts.example.com"',
        DNS_REMEDIES["unauthorized"],
    ),
    (
        invalid_record("dns", "DNS problem: SERVFAIL looking up TXT for _acme-challenge.mta-sts.example.com"),
        'The CA said dns: "DNS problem: SERVFAIL looking up TXT for _acme-challenge.mta-sts.example.com"',
        DNS_REMEDIES["dns"],
    ),
    (
        invalid_record("caa", "CAA record for mta-sts.example.com prevents issuance"),
        'The CA said caa: "CAA record for mta-sts.example.com prevents issuance"',
        REMEDIES["caa"],
    ),
    (
        UNPUBLISHED,
        "_acme-challenge.mta-sts.example.com: 192.0.2.53 says REFUSED to the update",
        "Give the server the key",
    ),
    ("dns-01: half a sentence\n", "half a sentence", ANY_REMEDY),
    (
        " + Done!\ncat: write error: No space left on device\n"
        "ERROR: deploy_cert hook returned with non-zero exit code\n",
        'The disk is full: "cat: write error: No space left on device"',
        SPACE_REMEDY,
    ),
    (
        "/usr/bin/dehydrated: line 7: Killed\n",
        'dehydrated\'s last words: "/usr/bin/dehydrated: line 7: Killed"',
        ANY_REMEDY,
    ),
    ("", "dehydrated said nothing", ANY_REMEDY),
]


@pytest.mark.parametrize(("words", "cause", "remedy"), CASES)
def test_the_cause_is_found_in_the_words(words, cause, remedy):
    assert explain(words) == Failure(cause, remedy)


@pytest.mark.parametrize("kind", ["dns", "incorrectResponse", "unauthorized"])
def test_a_challenge_in_dns_has_remedies_in_dns(kind):
    assert DNS_REMEDIES[kind] != REMEDIES[kind]
    assert "port 80" not in DNS_REMEDIES[kind]


# The words of Boulder, Pebble and other CAs, as their users report them
DETAILS = [
    ("unauthorized", 'Account is not valid, has status \\"deactivated\\"', dehydrated.NEW_ACCOUNT),
    ("unauthorized", "An account with the provided public key exists but is deactivated", dehydrated.NEW_ACCOUNT),
    ("unauthorized", "Account has been revoked", dehydrated.NEW_ACCOUNT),
    ("malformed", "KeyID header contained an invalid account URL: https://old.test/1", dehydrated.NEW_ACCOUNT),
    ("malformed", "Unable to find account", dehydrated.NEW_ACCOUNT),
    ("malformed", "must agree to terms of service", REMEDIES["userActionRequired"]),
    ("userActionRequired", "Terms of service have changed", REMEDIES["userActionRequired"]),
    ("unauthorized", "external account binding required", REMEDIES["externalAccountRequired"]),
    ("externalAccountRequired", "No external account binding given", REMEDIES["externalAccountRequired"]),
    ("serverInternal", "The service is down for maintenance", dehydrated.AGAIN),
    ("rateLimited", "Service busy; retry later.", dehydrated.AGAIN),
    (
        "rateLimited",
        "Your account is temporarily prevented from requesting certificates for x.test and possibly others. "
        "Please visit: https://portal.test/unpause",
        "Lift the pause at the address",
    ),
    ("rateLimited", "issuance for x.test is paused: visit https://portal.test", "Lift the pause at the address"),
    (
        "rateLimited",
        'too many failed authorizations (5) for \\"x.test\\" in the last 1h0m0s',
        "See why the orders before",
    ),
    (
        "rateLimited",
        "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, "
        "retry after 2026-02-04 15:12:13 UTC",
        "Wait for as long as the CA says; each host and key type counts",
    ),
    (
        "rateLimited",
        "too many new registrations (10) from this IP address in the last 3h0m0s",
        "Wait for as long as the CA",
    ),
    ("rateLimited", "too many new orders (300) from this account in the last 3h0m0s", REMEDIES["rateLimited"]),
    ("connection", "192.0.2.1: Fetching http://x.test/: Connection refused", "Let a web server answer on port 80"),
    (
        "connection",
        "192.0.2.1: Fetching http://x.test/: Timeout during connect (likely firewall problem)",
        dehydrated.LET_IN,
    ),
    (
        "connection",
        "192.0.2.1: Fetching http://x.test/: Connection reset by peer",
        "See what stands in front of port 80",
    ),
    (
        "connection",
        "Timeout after connect (your server may be slow or overloaded)",
        "See what stands in front of port 80",
    ),
    ("connection", "no valid IP addresses found for x.test", dehydrated.ADDRESSES),
    ("caa", "CAA record for x.test prevents issuance", REMEDIES["caa"]),
    (
        "caa",
        "While processing CAA for x.test: DNS problem: SERVFAIL looking up CAA for test",
        "See that the zone's name",
    ),
    (
        "dns",
        "DNS problem: NXDOMAIN looking up A for mta-sts.x.test - check that a DNS record exists",
        dehydrated.ADDRESSES,
    ),
    ("dns", "no valid A records found for x.test; no valid AAAA records found for x.test", dehydrated.ADDRESSES),
    ("dns", "DNS problem: SERVFAIL looking up CAA for x.test", "See that the zone's name servers answer for CAA"),
    ("dns", "DNS problem: looking up A for x.test: DNSSEC: Bogus: validation failure", "Mend the DNSSEC of the zone"),
    ("dns", "DNS problem: query timed out looking up A for x.test", REMEDIES["dns"]),
    ("unauthorized", "192.0.2.1: Invalid response from http://x.test/a: 404", REMEDIES["unauthorized"]),
    ("unauthorized", "192.0.2.1: Invalid response from http://x.test/a: 403", "Let everybody read"),
    ("unauthorized", "The key authorization file from the server did not match this challenge", "See who else answers"),
    (
        "rejectedIdentifier",
        "The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy",
        REMEDIES["rejectedIdentifier"],
    ),
    ("rejectedIdentifier", "Domain name does not end with a valid public suffix (TLD)", "Take the domain off the list"),
    ("badCSR", "CN was longer than 64 bytes", REMEDIES["badCSR"]),
    ("badCSR", "invalid public key in CSR: key too small: 1024", REMEDIES["badPublicKey"]),
    ("badPublicKey", "unable to verify key", REMEDIES["badPublicKey"]),
    ("orderNotReady", 'Order\'s status (\\"pending\\") is not acceptable for finalization', REMEDIES["orderNotReady"]),
    ("malformed", "JWS verification error", REMEDIES["malformed"]),
    ("serverInternal", "Error creating new order", REMEDIES["serverInternal"]),
    ("unsupportedIdentifier", "NewOrder request included invalid non-DNS type identifier", "Choose a CA"),
    (
        "invalidContact",
        "contact email has invalid domain: Domain name contains an invalid character",
        "Write another mail",
    ),
    ("badSignatureAlgorithm", "JWS signature header contains unsupported algorithm", "Update dehydrated"),
    ("badNonce", "JWS has an invalid anti-replay nonce", REMEDIES["badNonce"]),
]


@pytest.mark.parametrize(
    ("kind", "detail", "remedy"), DETAILS, ids=[f"{kind}: {said[:40]}" for kind, said, _ in DETAILS]
)
def test_the_remedy_follows_what_the_ca_says(kind, detail, remedy):
    words = f'{{"type": "urn:ietf:params:acme:error:{kind}", "detail": "{detail}", "status": 400}}'
    assert explain(words).remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("unauthorized", 'Incorrect TXT record \\"x\\" found at _acme-challenge.x.test, did not match'),
        ("connection", "connection refused"),
        ("dns", "DNS problem: NXDOMAIN looking up TXT for _acme-challenge.x.test"),
        ("dns", "no valid A records"),
    ],
)
def test_what_the_ca_says_of_a_challenge_in_dns_leads_to_no_web_server(kind, detail):
    remedy = explain(invalid_record(kind, detail)).remedy
    assert remedy == DNS_REMEDIES[kind]


def test_an_account_is_an_account_with_a_challenge_in_dns_too():
    assert explain(invalid_record("unauthorized", "Account is deactivated")).remedy == dehydrated.NEW_ACCOUNT


def test_every_type_of_the_rfc_that_an_order_can_meet_has_a_remedy():
    """RFC 8555, section 6.7, without those about revocation."""
    types = (
        "accountDoesNotExist badCSR badNonce badPublicKey badSignatureAlgorithm caa compound connection dns "
        "externalAccountRequired incorrectResponse invalidContact malformed orderNotReady rateLimited "
        "rejectedIdentifier serverInternal tls unauthorized unsupportedContact unsupportedIdentifier userActionRequired"
    )
    assert set(types.split()) <= set(REMEDIES)


def test_a_flood_of_words_is_cut():
    assert len(explain("ERROR: " + "x" * 5000).cause) < LONGEST + 50


@given(st.text())
def test_whatever_it_printed_there_is_a_sentence(words):
    failure = explain(words)
    assert failure.cause
    assert "\n" not in failure.cause
    assert failure.remedy


@pytest.mark.parametrize(
    "words",
    [
        r'{"type":"urn:ietf:params:acme:error:caa","detail":"\u001b[2Jall is well"}',
        "ERROR: \x1b[2Jall is well",
        "Problem connecting to server (get for https://ca.test/\x1b[2J; curl returned with 7)",
        "\x1b[2Jall is well",
        "dns-01: \x1b[2Jall is well. Remedy: none.",
    ],
)
def test_a_ca_cannot_act_on_the_readers_terminal(words):
    failure = explain(words)
    assert r"\x1b[2J" in failure.cause
    assert failure.cause.isprintable()


def test_a_ca_cannot_keep_us_busy():
    start = time.perf_counter()
    explain("\n " * 32_000)
    explain('urn:ietf:params:acme:error:badCSR "detail": "' + "account key invalid response " * 3_000 + '"')
    assert time.perf_counter() - start < 2
