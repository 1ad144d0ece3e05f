# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dehydrated printed (0.7.0 and 0.7.2, word for word where it is long) and what we make of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.dehydrated import (
    Failure,
    explain,
    rate_limit,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import (
    ACCOUNT,
    DOMAIN,
    FAILURES,
    SET,
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

# What to do, as people read it
NEW_ACCOUNT = "Remove the folder accounts in sts_certificate_state_root; the next run makes a new one"
NEW_TERMS = f"Agree to the CA's new terms at the address that it names. If it names none: {NEW_ACCOUNT}"
NEW_DEHYDRATED = f"Update dehydrated; if it is the account's key that the CA rejects: {NEW_ACCOUNT}"
LIMIT = "Wait for as long as the CA says, and try with its staging directory until all else works"
NONCE = "Wait; the host tries again by itself. Ask the CA if that does not help: it refused every attempt"
JOURNAL = "See journalctl -u mta-sts-certificate on the policy host"
REACH = "Check sts_certificate_ca and sts_certificate_ca_file, and let the policy host reach the CA"
SAME_ZONE = (
    "Check that the policy host and the rest of the world find the same zone (sts_certificate_dns_nameservers), "
    "and that none of its name servers lags behind"
)
IN_DNS = (
    "Check that the name's _acme-challenge record, by CNAME or not, and its CAA records "
    "can be looked up from everywhere (DNSSEC, dead servers)"
)
ALLOW = "Allow this CA in the CAA record of the domain, or of the name its CNAME points to"
EXTERNAL_ACCOUNT = (
    "Give the key that the CA's web site shows to its customers (sts_certificate_eab_kid, "
    "sts_certificate_eab_hmac_key), and sts_certificate_contact if the CA demands one"
)
OTHER_PROFILE = "Choose one of the CA's profiles in sts_certificate_profile, or leave it empty"
AGAIN = "Wait; the host tries again by itself"
PAUSED = "Lift the pause at the address that the CA names, once the cause of the failures is gone"
LET_IN = "Open port 80 of every address of the name to the whole Internet"
IN_FRONT = "Find what cuts off connections to port 80: a firewall that blocks countries, a proxy, overload"
ADDRESSES = "Check that the name has public A or AAAA records, and that all of them are the policy hosts'"
CAA_ANSWERS = (
    "Check that the zone's name servers answer for CAA, if only that there is none, up to the top of the domain"
)
KEY_TYPES = "Choose other key types in sts_certificate_key_types"
CONTACT = "Write another mail address into sts_certificate_contact, or leave it empty"
SHORTER = "Check whether the name is longer than the CA accepts (64 characters at many), and choose another if so"
REPORT = "Ask the CA; its words are in journalctl -u mta-sts-certificate"
OTHERS = "Find out what else answers on port 80 of an address of the name: the answer came from another host"
SIGNED = "Repair the DNSSEC of the zone: its DS at the parent must match its keys, its signatures must not have expired"
NO_SUCH_NAMES = "Take the domain off the list, or choose another CA in sts_certificate_ca: this one refuses such names"
EVERYBODY = "Let everybody read /.well-known/acme-challenge/ on port 80: no password, no filter"
EACH_COUNTS = "Wait for as long as the CA says; each host and key type counts: have fewer in sts_certificate_key_types"
ORDERS_BEFORE = "Find out why the earlier orders failed, fix that, and wait for as long as the CA says"
SERVED = "Have a policy host, and nothing else, answer on port 80 of every address of the name"

CASES = [
    (
        INVALID_CHALLENGE,
        'The CA said connection: "Get "http://mta-sts.dead.test/.well-known/acme-challenge/...": udp 1->53: refused"',
        LET_IN,
    ),
    (
        NO_ACCOUNT,
        'The CA said accountDoesNotExist: "Account https://ca.test:14000/my-account/1cbe82f0c36474d8 not found."',
        NEW_ACCOUNT,
    ),
    (
        '{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many certificates, retry after 2026-11-24"}',
        'The CA said rateLimited: "too many certificates, retry after 2026-11-24"',
        LIMIT,
    ),
    (
        TOO_MANY.format(when=3600),
        'The CA said rateLimited: "too many new orders recently", and to come back after 3600 s',
        LIMIT,
    ),
    (
        TOO_MANY.format(when="Fri, 27 Nov 2026 04:00:00 GMT").replace("\n", "\r\n").replace("retry-a", "Retry-A"),
        'The CA said rateLimited: "too many new orders recently", and to come back after Fri, 27 Nov 2026 04:00:00 GMT',
        LIMIT,
    ),
    (
        '{"type": "urn:ietf:params:acme:error:badNonce", "detail": "JWS has an invalid anti-replay nonce: rsIAY..."}',
        'The CA said badNonce: "JWS has an invalid anti-replay nonce: rsIAY..."',
        NONCE,
    ),
    (
        "+ Registering account key with ACME server...\n" + 2 * " ! Request failed (badNonce), retrying request...\n",
        "The CA answered every attempt with badNonce",
        NONCE,
    ),
    (
        " ! Request failed (badNonce), retrying request...\nTerminated\n",
        "The CA answered every attempt with badNonce",
        NONCE,
    ),
    (
        " ! Request failed (badNonce), retrying request...\n + Challenge is valid!\nTerminated\n",
        'dehydrated\'s last words: "Terminated"',
        JOURNAL,
    ),
    (
        '{"type": "urn:ietf:params:acme:error:neverHeardOf", "detail": "hm"}',
        'The CA said neverHeardOf: "hm"',
        JOURNAL,
    ),
    (
        (
            "ERROR: Problem connecting to server (get for https://ca.test/directory; curl returned with 60)\n"
            "EXPECTED value GOT EOF"
        ),
        "The CA at https://ca.test/directory could not be asked: its TLS certificate cannot be verified",
        REACH,
    ),
    (
        "ERROR: Problem connecting to server (get for https://ca.test/directory; curl returned with 99)",
        "The CA at https://ca.test/directory could not be asked: curl ended with 99",
        REACH,
    ),
    (
        (
            " + Done!\nThe key and the certificate in /x do not belong together.\n"
            "ERROR: deploy_cert hook returned with non-zero exit code\n"
        ),
        'dehydrated said: "deploy_cert hook returned with non-zero exit code"',
        JOURNAL,
    ),
    (
        invalid_record("unauthorized", "No TXT record found at _acme-challenge.mta-sts.example.com"),
        'The CA said unauthorized: "No TXT record found at _acme-challenge.mta-sts.example.com"',
        SAME_ZONE,
    ),
    (
        invalid_record("dns", "DNS problem: SERVFAIL looking up TXT for _acme-challenge.mta-sts.example.com"),
        'The CA said dns: "DNS problem: SERVFAIL looking up TXT for _acme-challenge.mta-sts.example.com"',
        IN_DNS,
    ),
    (
        invalid_record("caa", "CAA record for mta-sts.example.com prevents issuance"),
        'The CA said caa: "CAA record for mta-sts.example.com prevents issuance"',
        ALLOW,
    ),
    (
        UNPUBLISHED,
        "_acme-challenge.mta-sts.example.com: 192.0.2.53 says REFUSED to the update",
        "Give the server the key",
    ),
    ("dns-01: half a sentence\n", "half a sentence", JOURNAL),
    (
        (
            " + Done!\ncat: write error: No space left on device\n"
            "ERROR: deploy_cert hook returned with non-zero exit code\n"
        ),
        'The disk is full: "cat: write error: No space left on device"',
        "Free space on the policy host and run again",
    ),
    (
        "/usr/bin/dehydrated: line 7: Killed\n",
        'dehydrated\'s last words: "/usr/bin/dehydrated: line 7: Killed"',
        JOURNAL,
    ),
    (
        (
            "+ Registering account key with ACME server...\n"
            "This CA requires an external account but no EAB_KID/EAB_HMAC_KEY has been configured\n\n\n"
            "Error registering account key. See message above for more information.\n"
        ),
        'dehydrated said: "This CA requires an external account but no EAB_KID/EAB_HMAC_KEY has been configured"',
        EXTERNAL_ACCOUNT,
    ),
    (
        (
            "Google requires contact email, EAB_KID and EAB_HMAC_KEY to be manually configured (see https://x.test)\n\n\n"
            "Error registering account key. See message above for more information.\n"
        ),
        (
            'dehydrated said: "Google requires contact email, EAB_KID and EAB_HMAC_KEY to be manually configured '
            '(see https://x.test)"'
        ),
        EXTERNAL_ACCOUNT,
    ),
    (
        "# INFO: Using main config file x\nERROR: ACME profile not supported by this CA\n",
        'dehydrated said: "ACME profile not supported by this CA"',
        OTHER_PROFILE,
    ),
    (
        "ERROR: ACME profile 'short' not found, available profiles:\n  classic: https://x.test\n  slow: y\n\n",
        "dehydrated said: \"ACME profile 'short' not found, available profiles: classic: https://x.test slow: y\"",
        OTHER_PROFILE,
    ),
    ("", "dehydrated said nothing", JOURNAL),
]


@pytest.mark.parametrize(("words", "cause", "remedy"), CASES)
def test_the_cause_is_found_in_the_words(words, cause, remedy):
    assert explain(words) == Failure(cause, remedy)


# The words of Boulder, Pebble and other CAs, as their users report them
DETAILS = [
    (
        "unauthorized",
        'Account is not valid, has status \\"deactivated\\"',
        NEW_ACCOUNT,
    ),
    (
        "unauthorized",
        "An account with the provided public key exists but is deactivated",
        NEW_ACCOUNT,
    ),
    (
        "unauthorized",
        "Account has been revoked",
        NEW_ACCOUNT,
    ),
    (
        "malformed",
        "KeyID header contained an invalid account URL: https://old.test/1",
        NEW_ACCOUNT,
    ),
    (
        "malformed",
        "Unable to find account",
        NEW_ACCOUNT,
    ),
    (
        "malformed",
        "must agree to terms of service",
        NEW_TERMS,
    ),
    (
        "userActionRequired",
        "Terms of service have changed",
        NEW_TERMS,
    ),
    (
        "unauthorized",
        "external account binding required",
        EXTERNAL_ACCOUNT,
    ),
    (
        "externalAccountRequired",
        "No external account binding given",
        EXTERNAL_ACCOUNT,
    ),
    ("serverInternal", "The service is down for maintenance", AGAIN),
    ("rateLimited", "Service busy; retry later.", AGAIN),
    (
        "rateLimited",
        (
            "Your account is temporarily prevented from requesting certificates for x.test and possibly others. "
            "Please visit: https://portal.test/unpause"
        ),
        PAUSED,
    ),
    (
        "rateLimited",
        "issuance for x.test is paused: visit https://portal.test",
        PAUSED,
    ),
    (
        "rateLimited",
        'too many failed authorizations (5) for \\"x.test\\" in the last 1h0m0s',
        ORDERS_BEFORE,
    ),
    (
        "rateLimited",
        (
            "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, "
            "retry after 2026-02-04 15:12:13 UTC"
        ),
        EACH_COUNTS,
    ),
    (
        "rateLimited",
        "too many new registrations (10) from this IP address in the last 3h0m0s",
        "Wait for as long as the CA says, and keep sts_certificate_state_root: each new account counts",
    ),
    (
        "rateLimited",
        "too many new orders (300) from this account in the last 3h0m0s",
        LIMIT,
    ),
    (
        "connection",
        "192.0.2.1: Fetching http://x.test/: Connection refused",
        "Have a web server answer on port 80 of every address of the name (sts_vhost)",
    ),
    (
        "connection",
        "192.0.2.1: Fetching http://x.test/: Timeout during connect (likely firewall problem)",
        LET_IN,
    ),
    (
        "connection",
        "192.0.2.1: Fetching http://x.test/: Connection reset by peer",
        IN_FRONT,
    ),
    (
        "connection",
        "Timeout after connect (your server may be slow or overloaded)",
        IN_FRONT,
    ),
    (
        "connection",
        "no valid IP addresses found for x.test",
        ADDRESSES,
    ),
    (
        "caa",
        "CAA record for x.test prevents issuance",
        ALLOW,
    ),
    (
        "caa",
        "While processing CAA for x.test: DNS problem: SERVFAIL looking up CAA for test",
        CAA_ANSWERS,
    ),
    (
        "dns",
        "DNS problem: NXDOMAIN looking up A for mta-sts.x.test - check that a DNS record exists",
        ADDRESSES,
    ),
    (
        "dns",
        "no valid A records found for x.test; no valid AAAA records found for x.test",
        ADDRESSES,
    ),
    (
        "dns",
        "DNS problem: SERVFAIL looking up CAA for x.test",
        CAA_ANSWERS,
    ),
    (
        "dns",
        "DNS problem: looking up A for x.test: DNSSEC: Bogus: validation failure",
        SIGNED,
    ),
    (
        "dns",
        "DNS problem: query timed out looking up A for x.test",
        "Check that the name's A, AAAA and CAA records can be looked up from everywhere (DNSSEC, dead servers)",
    ),
    (
        "unauthorized",
        "192.0.2.1: Invalid response from http://x.test/a: 404",
        SERVED,
    ),
    (
        "unauthorized",
        "192.0.2.1: Invalid response from http://x.test/a: 403",
        EVERYBODY,
    ),
    (
        "unauthorized",
        "The key authorization file from the server did not match this challenge",
        OTHERS,
    ),
    (
        "rejectedIdentifier",
        "The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy",
        "Ask the CA why it does not issue for this name",
    ),
    (
        "rejectedIdentifier",
        "Domain name does not end with a valid public suffix (TLD)",
        NO_SUCH_NAMES,
    ),
    (
        "badCSR",
        "CN was longer than 64 bytes",
        SHORTER,
    ),
    ("badCSR", "invalid public key in CSR: key too small: 1024", KEY_TYPES),
    ("badPublicKey", "unable to verify key", KEY_TYPES),
    (
        "orderNotReady",
        'Order\'s status (\\"pending\\") is not acceptable for finalization',
        "Wait; the host tries again by itself. Ask the CA if that does not help: "
        "it was asked for the certificate too early",
    ),
    ("malformed", "JWS verification error", REPORT),
    ("serverInternal", "Error creating new order", AGAIN),
    (
        "unsupportedIdentifier",
        "NewOrder request included invalid non-DNS type identifier",
        "Choose a CA in sts_certificate_ca that issues certificates for host names",
    ),
    (
        "invalidContact",
        "contact email has invalid domain: Domain name contains an invalid character",
        CONTACT,
    ),
    (
        "badSignatureAlgorithm",
        "JWS signature header contains unsupported algorithm",
        NEW_DEHYDRATED,
    ),
    (
        "badNonce",
        "JWS has an invalid anti-replay nonce",
        NONCE,
    ),
    ("unauthorized", "The request comes from a deactivated account", NEW_ACCOUNT),
    ("malformed", "The key's id is no account URL", NEW_ACCOUNT),
    ("malformed", "There is a new Subscriber Agreement", NEW_TERMS),
    ("malformed", "EAB is required here", EXTERNAL_ACCOUNT),
    ("rateLimited", "You are temporarily prevented from requesting certificates", PAUSED),
    ("malformed", "Down for maintenance", AGAIN),
    ("malformed", "Temporarily out of order", AGAIN),
    ("rateLimited", "too many certificates for this exact set of identifiers", EACH_COUNTS),
    ("rateLimited", "too many certificates already issued for x.test", EACH_COUNTS),
    ("connection", "the server may be slow or overloaded", IN_FRONT),
    ("rejectedIdentifier", "the address is reserved", ADDRESSES),
    ("caa", "SERVFAIL", CAA_ANSWERS),
    ("caa", "no proof by DNSSEC", CAA_ANSWERS),
    ("dns", "CAA lookup failed", CAA_ANSWERS),
    ("dns", "DNSSEC failure", SIGNED),
    ("dns", "expired signature", SIGNED),
    ("unauthorized", "The key authorization was another one", OTHERS),
    ("incorrectResponse", "wrong answer", OTHERS),
    ("incorrectResponse", "Invalid response from http://x.test/a: 401", EVERYBODY),
    ("badCSR", "the name is too long", SHORTER),
    ("rejectedIdentifier", "names may have 64 characters", SHORTER),
    ("malformed", "weak key", KEY_TYPES),
    ("rejectedIdentifier", "x.test is a public suffix", NO_SUCH_NAMES),
    ("malformed", "x.test is a TLD", NO_SUCH_NAMES),
]


@pytest.mark.parametrize(
    ("kind", "detail", "remedy"), DETAILS, ids=[f"{kind}: {said[:40]}" for kind, said, _unused in DETAILS]
)
def test_the_remedy_follows_what_the_ca_says(kind, detail, remedy):
    words = f'{{"type": "urn:ietf:params:acme:error:{kind}", "detail": "{detail}", "status": 400}}'
    assert explain(words).remedy == remedy


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("accountDoesNotExist", NEW_ACCOUNT),
        ("alreadyReplaced", AGAIN),
        ("badCSR", SHORTER),
        ("badNonce", NONCE),
        ("badPublicKey", KEY_TYPES),
        ("badSignatureAlgorithm", NEW_DEHYDRATED),
        ("caa", ALLOW),
        ("compound", REPORT),
        ("conflict", AGAIN),
        ("connection", LET_IN),
        (
            "dns",
            "Check that the name's A, AAAA and CAA records can be looked up from everywhere (DNSSEC, dead servers)",
        ),
        ("externalAccountRequired", EXTERNAL_ACCOUNT),
        ("incorrectResponse", "Have a policy host answer on port 80 of every address of the name"),
        ("invalidContact", CONTACT),
        ("invalidProfile", OTHER_PROFILE),
        ("malformed", REPORT),
        (
            "orderNotReady",
            f"{AGAIN}. Ask the CA if that does not help: it was asked for the certificate too early",
        ),
        ("rateLimited", LIMIT),
        ("rejectedIdentifier", "Ask the CA why it does not issue for this name"),
        ("serverInternal", AGAIN),
        ("tls", "Answer on port 80 without a redirect to HTTPS, or repair TLS on port 443"),
        ("unauthorized", SERVED),
        ("unsupportedContact", CONTACT),
        ("unsupportedIdentifier", "Choose a CA in sts_certificate_ca that issues certificates for host names"),
        ("userActionRequired", NEW_TERMS),
        ("neverHeardOf", JOURNAL),
    ],
)
def test_a_type_alone_has_a_remedy(kind, remedy):
    """RFC 8555, section 6.7, and RFC 9773: what an order can meet."""
    words = f'{{"type": "urn:ietf:params:acme:error:{kind}", "detail": "no"}}'
    assert explain(words) == Failure(f'The CA said {kind}: "no"', remedy)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (6, "its name cannot be resolved"),
        (7, "it refuses the connection"),
        (28, "it does not answer in time"),
        (35, "no TLS connection can be established"),
        (60, "its TLS certificate cannot be verified"),
        (77, "the file of trusted certificates cannot be read"),
        (99, "curl ended with 99"),
    ],
)
def test_why_a_ca_could_not_be_asked(code, cause):
    words = f"ERROR: Problem connecting to server (post for https://ca.test/a; curl returned with {code})"
    assert explain(words) == Failure(f"The CA at https://ca.test/a could not be asked: {cause}", REACH)


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        (r"a\nb\tc\rd", "a b c d"),
        (r"\"a\" \\ \/", '"a" \\ /'),
        (r"\u003ca\u003E", "<a>"),
        (r"\u2028a", "u2028a"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 400 + "..."),
    ],
)
def test_what_the_ca_says_is_one_line_that_can_be_read(detail, shown):
    words = f'{{"type": "urn:ietf:params:acme:error:caa", "detail": "{detail}"}}'
    assert explain(words).cause == f'The CA said caa: "{shown}"'


@pytest.mark.parametrize(("before", "remedy"), [(1989, AGAIN), (1990, REPORT)])
def test_of_what_the_ca_says_the_beginning_is_searched(before, remedy):
    words = f'{{"type": "urn:ietf:params:acme:error:malformed", "detail": "{"x" * before}maintenance"}}'
    assert explain(words).remedy == remedy


@pytest.mark.parametrize(
    ("words", "cause", "remedy"),
    [
        ("a\nb\nc\n", 'dehydrated\'s last words: "c"', JOURNAL),
        ("dns-01: no answer. Remedy: Check the zone of the MX.\n", "no answer", "Check the zone of the MX"),
        ("dns-01: no answer. Remedy: .\n", "no answer", JOURNAL),
        ("urn:ietf:params:acme:error:caa\nERROR: no\n", 'dehydrated said: "no"', JOURNAL),
        ('"detail": "no"\n  + ERROR: no\n', 'dehydrated said: "no"', JOURNAL),
    ],
)
def test_half_of_the_words_say_something_too(words, cause, remedy):
    assert explain(words) == Failure(cause, remedy)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("unauthorized", 'Incorrect TXT record \\"x\\" found at _acme-challenge.x.test, did not match'),
        ("connection", "connection refused"),
        ("dns", "DNS problem: NXDOMAIN looking up TXT for _acme-challenge.x.test"),
        ("dns", "no valid A records"),
        ("incorrectResponse", "no TXT record"),
    ],
)
def test_what_the_ca_says_of_a_challenge_in_dns_leads_to_no_web_server(kind, detail):
    remedies = {"unauthorized": SAME_ZONE, "incorrectResponse": SAME_ZONE, "connection": LET_IN, "dns": IN_DNS}
    assert explain(invalid_record(kind, detail)).remedy == remedies[kind]


def test_an_account_is_an_account_with_a_challenge_in_dns_too():
    assert explain(invalid_record("unauthorized", "Account is deactivated")).remedy == NEW_ACCOUNT


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


NOW = 1795946400.0  # 2026-11-29T10:00:00Z
ORDERS = "too many new orders (300) from this account in the last 3h0m0s"


def limited(detail, header=""):
    body = f'{{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "{detail}", "status": 429}}'
    return f"  + ERROR: An error occurred while sending post-request (Status 429)\n\n{header}\n{body}"


@pytest.mark.parametrize(
    ("words", "limit", "wait"),
    [
        (limited(ORDERS), ACCOUNT, 3600),
        (limited(ORDERS, "Retry-After: 60"), ACCOUNT, 60),
        (limited(ORDERS, "retry-after: 0"), ACCOUNT, 1),
        (limited(ORDERS, "retry-after: Sun, 29 Nov 2026 10:30:00 GMT"), ACCOUNT, 1800),
        (limited(ORDERS, "retry-after: some day"), ACCOUNT, 3600),
        (limited(ORDERS, "retry-after: " + "9" * 400), ACCOUNT, 7 * 86400),
        (limited(f"{ORDERS}, retry after 2026-11-29 12:00:00 UTC: see https://ca"), ACCOUNT, 7200),
        (limited(f"{ORDERS}, retry after 2025-01-01 00:00:00 UTC"), ACCOUNT, 1),
        (limited("too many certificates (5) already issued for this exact set of identifiers"), SET, 3600),
        (limited(r"too many certificates (50) already issued for \"a.example\" in the last 168h"), DOMAIN, 3600),
        (limited(r"too many failed authorizations (5) for \"mta-sts.a.example\""), FAILURES, 3600),
        ('["type"]\t"urn:ietf:params:acme:error:rateLimited"\n["detail"]\t"Service busy."', ACCOUNT, 3600),
    ],
)
def test_a_limit_of_the_ca_has_a_subject_and_an_end(words, limit, wait):
    assert rate_limit(words, NOW) == (limit, NOW + wait)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "rateLimited",
        "urn:ietf:params:acme:error:caa",
        "retry-after: 60",
        # Until somebody lifts it, and of this name alone
        limited("Your account is temporarily prevented from requesting certificates for x.test and possibly others."),
    ],
)
def test_what_is_no_limit_is_not_waited_for(words):
    assert rate_limit(words, NOW) is None
