# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a run of dehydrated failed, read from its output: one sentence for the cause, one for what to do.

Private to this collection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

from ..finding import escaped
from .limits import ACCOUNT, DOMAIN, FAILURES, SET

# RFC 8555, section 6.7. dehydrated prints the CA's JSON as it came, or flattened: ["error","type"]	"urn:..."
PROBLEM_TYPE = re.compile(r"urn:ietf:params:acme:error:(\w+)")
DETAIL = re.compile(r'detail"\]?[:\t ]+"((?:[^"\\]|\\.)*)"')
DNS_01 = re.compile(r'type"\]?[:\t ]+"dns-01"')
# What roles/sts_certificate/files/challenge.py prints: a cause and ". Remedy: " and what to do
PUBLISHING = re.compile(r"^dns-01: (\w.*)$", re.MULTILINE)
RETRY_AFTER = re.compile(r"^retry-after:[ \t]*(\S[^\r\n]*)", re.MULTILINE | re.IGNORECASE)
ERROR = re.compile(r"^[ \t]*(?:\+ )?ERROR: (.+)$", re.MULTILINE)
# Behind the first: what the CA has, one a line
NO_PROFILE = re.compile(r"^ERROR: (ACME profile.*(?:\n  .+)*)", re.MULTILINE)
UNBOUND = re.compile(r"^(?:This CA|ZeroSSL|Google) requires .*\bEAB_KID.*", re.MULTILINE)
# The last words of dehydrated 0.7.2 while it still asks again, and of its shell if that was about to wait.
NO_NONCE = re.compile(r"\(badNonce\), retrying request\.*(?:[^\n]*Terminated)?(?:\s*\n[^\n]*Terminated)*\s*\Z")
NO_SPACE = re.compile(r"^.*No space left on device", re.MULTILINE)
CURL = re.compile(r"Problem connecting to server \(\w+ for (\S+); curl returned with (\d+)\)")

# Let's Encrypt: "too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-28 10:00:00 UTC"
IN_DETAIL = re.compile(r"retry after (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"  # RFC 9110, section 5.6.7
# Which limit is reached, by what the CA says of it: the first that fits, or else the account's
OF_LIMIT = (
    (FAILURES, re.compile(r"failed (?:authorizations|validations)", re.IGNORECASE)),
    (SET, re.compile(r"exact set", re.IGNORECASE)),
    (DOMAIN, re.compile(r"certificates.{0,30} already issued for", re.IGNORECASE)),
)
# A name that has failed for too long: no waiting helps, and the account's other names are not concerned.
PAUSED = r"\b(?:un)?paused?\b|temporarily prevented"
# Where the CA says nothing of it, and where it says more than anybody can mean
SHORTEST_WAIT, LONGEST_WAIT = 3600, 7 * 86400

CURL_CAUSES = {
    "6": "its name cannot be resolved",
    "7": "it refuses the connection",
    "28": "it does not answer in time",
    "35": "no TLS connection can be established",
    "60": "its TLS certificate cannot be verified",
    "77": "the file of trusted certificates cannot be read",
}

# A challenge's token differs each time: it says nothing to a reader and hides that two failures are the same.
TOKEN = re.compile(r"(/\.well-known/acme-challenge/)[\w-]+")
LONGEST = 400
SEARCHED = 2000

NEW_ACCOUNT = "Remove the folder accounts in sts_certificate_state_root; the next run makes a new one"
REPORT = "Ask the CA; its words are in journalctl -u mta-sts-certificate"
AGAIN = "Wait; the host tries again by itself"
EXTERNAL_ACCOUNT = (
    "Give the key that the CA's web site shows to its customers (sts_certificate_eab_kid, "
    "sts_certificate_eab_hmac_key), and sts_certificate_contact if the CA demands one"
)
OTHER_PROFILE = "Choose one of the CA's profiles in sts_certificate_profile, or leave it empty"
OTHER_CONTACT = "Write another mail address into sts_certificate_contact, or leave it empty"
ADDRESSES = "Check that the name has public A or AAAA records, and that all of them are the policy hosts'"
LET_IN = "Open port 80 of every address of the name to the whole Internet"
CAA_ANSWERS = (
    "Check that the zone's name servers answer for CAA, if only that there is none, up to the top of the domain"
)
SERVED = "Have a policy host, and nothing else, answer on port 80 of every address of the name"

REMEDIES = {
    "accountDoesNotExist": NEW_ACCOUNT,
    "alreadyReplaced": AGAIN,
    "badCSR": "Check whether the name is longer than the CA accepts (64 characters at many), and choose another if so",
    "badNonce": f"{AGAIN}. Ask the CA if that does not help: it refused every attempt",
    "badPublicKey": "Choose other key types in sts_certificate_key_types",
    "badSignatureAlgorithm": f"Update dehydrated; if it is the account's key that the CA rejects: {NEW_ACCOUNT}",
    "caa": "Allow this CA in the CAA record of the domain, or of the name its CNAME points to",
    "compound": REPORT,
    "conflict": AGAIN,
    "connection": LET_IN,
    "dns": "Check that the name's A, AAAA and CAA records can be looked up from everywhere (DNSSEC, dead servers)",
    "externalAccountRequired": EXTERNAL_ACCOUNT,
    "incorrectResponse": "Have a policy host answer on port 80 of every address of the name",
    "invalidContact": OTHER_CONTACT,
    "invalidProfile": OTHER_PROFILE,
    "malformed": REPORT,
    "orderNotReady": f"{AGAIN}. Ask the CA if that does not help: it was asked for the certificate too early",
    "rateLimited": "Wait for as long as the CA says, and try with its staging directory until all else works",
    "rejectedIdentifier": "Ask the CA why it does not issue for this name",
    "serverInternal": AGAIN,
    "tls": "Answer on port 80 without a redirect to HTTPS, or repair TLS on port 443",
    "unauthorized": SERVED,
    "unsupportedContact": OTHER_CONTACT,
    "unsupportedIdentifier": "Choose a CA in sts_certificate_ca that issues certificates for host names",
    "userActionRequired": f"Agree to the CA's new terms at the address that it names. If it names none: {NEW_ACCOUNT}",
}

# What the CA says beside the type: one type has several causes. The first that fits counts; "" fits every type.
WORDS = (
    (
        "",
        r"account.{0,80}\b(?:deactivated|revoked|invalid|suspended|not (?:valid|found|active))|deactivated account"
        r"|(?:invalid|unknown|no such|unable to find).{0,20} account|account url",
        NEW_ACCOUNT,
    ),
    ("", r"terms[ -]of[ -]service|subscriber agreement", REMEDIES["userActionRequired"]),
    ("", r"external account|\beab\b", EXTERNAL_ACCOUNT),
    (
        "rateLimited",
        PAUSED,
        "Lift the pause at the address that the CA names, once the cause of the failures is gone",
    ),
    ("", r"maintenance|service busy|try again later|temporarily", AGAIN),
    (
        "rateLimited",
        r"failed (?:authorizations|validations)",
        "Find out why the earlier orders failed, fix that, and wait for as long as the CA says",
    ),
    (
        "rateLimited",
        r"exact set|already issued for",
        "Wait for as long as the CA says; each host and key type counts: have fewer in sts_certificate_key_types",
    ),
    (
        "rateLimited",
        r"registrations",
        "Wait for as long as the CA says, and keep sts_certificate_state_root: each new account counts",
    ),
    (
        "connection",
        r"connection refused",
        "Have a web server answer on port 80 of every address of the name (sts_vhost)",
    ),
    (
        "connection",
        r"reset|after connect|slow or overloaded",
        "Find what cuts off connections to port 80: a firewall that blocks countries, a proxy, overload",
    ),
    (
        "connection|dns|malformed|rejectedIdentifier",
        r"no valid (?:ip|a |aaaa)|no such host|private|reserved",
        ADDRESSES,
    ),
    ("caa", r"servfail|timed? ?out|lookup|looking up|refused|dnssec", CAA_ANSWERS),
    ("dns", r"nxdomain.{0,40}looking up (?:a|aaaa)\b", ADDRESSES),
    ("dns", r"looking up caa|caa lookup", CAA_ANSWERS),
    (
        "dns",
        r"dnssec|bogus|rrsig|dnskey|signature",
        "Repair the DNSSEC of the zone: its DS at the parent must match its keys, its signatures must not have expired",
    ),
    (
        "unauthorized|incorrectResponse",
        r"key authorization (?:file|was|is)|did not match|wrong",
        "Find out what else answers on port 80 of an address of the name: the answer came from another host",
    ),
    (
        "unauthorized|incorrectResponse",
        r"invalid response.{0,300}[ :\"]40[13]\b",
        "Let everybody read /.well-known/acme-challenge/ on port 80: no password, no filter",
    ),
    ("badCSR|malformed|rejectedIdentifier", r"too long|longer than|64 (?:characters|bytes)", REMEDIES["badCSR"]),
    (
        "badCSR|badPublicKey|malformed",
        r"(?:weak|small|blocklist|compromised|forbidden|not allowed).{0,60}key"
        r"|key.{0,60}(?:weak|small|blocklist|compromised|forbidden|not allowed|unsupported)",
        REMEDIES["badPublicKey"],
    ),
    (
        "rejectedIdentifier|malformed",
        r"public suffix|policy forbids|blocklist|top-level|\btld\b",
        "Take the domain off the list, or choose another CA in sts_certificate_ca: this one refuses such names",
    ),
)
SAME_ZONE = (
    "Check that the policy host and the rest of the world find the same zone (sts_certificate_dns_nameservers), "
    "and that none of its name servers lags behind"
)
DNS_REMEDIES = {
    **REMEDIES,
    "dns": "Check that the name's _acme-challenge record, by CNAME or not, and its CAA records can be looked up from "
    "everywhere (DNSSEC, dead servers)",
    "incorrectResponse": SAME_ZONE,
    "unauthorized": SAME_ZONE,
}
CURL_REMEDY = "Check sts_certificate_ca and sts_certificate_ca_file, and let the policy host reach the CA"
SPACE_REMEDY = "Free space on the policy host and run again"
ANY_REMEDY = "See journalctl -u mta-sts-certificate on the policy host"


_WORDS = [
    (re.compile(kinds or r"\w+"), re.compile(words, re.IGNORECASE | re.DOTALL), remedy)
    for kinds, words, remedy in WORDS
]
_OF_PORT_80 = {ADDRESSES, *(remedy for kinds, _unused, remedy in WORDS if re.match("connection|unauthorized", kinds))}


@dataclass(frozen=True)
class Failure:
    """What went wrong and what to do about it, each a sentence without its full stop."""

    cause: str
    remedy: str


def explain(words: str) -> Failure:
    """Return the cause in what dehydrated printed; never raises, whatever it printed."""
    readings = (
        _refusal, _no_connection, _no_record, _no_space, _no_nonce, _unbound, _no_profile, _complaint, _last_words,
    )  # fmt: skip
    return next(found for found in (read(words) for read in readings) if found)


def rate_limit(words: str, now: float) -> tuple[str, float] | None:
    """Return which limit of the CA is reached and until when, None if it does not say that waiting helps."""
    kind, detail = PROBLEM_TYPE.search(words), DETAIL.search(words)
    said = detail[1][:SEARCHED] if detail else ""
    if not kind or kind[1] != "rateLimited" or re.search(PAUSED, said, re.IGNORECASE):
        return None
    limit = next((limit for limit, form in OF_LIMIT if form.search(said)), ACCOUNT)
    until = _when(words, said, now)
    return limit, now + SHORTEST_WAIT if until is None else min(max(until, now + 1), now + LONGEST_WAIT)


def _when(words: str, detail: str, now: float) -> float | None:
    """Return the moment that the CA has named: in a header field, or in its sentence."""
    header, sentence = RETRY_AFTER.search(words), IN_DETAIL.search(detail)
    if header and header[1].strip().isdecimal():
        return now + int(header[1].strip()[:12])
    for found, form in ((header, HTTP_DATE), (sentence, "%Y-%m-%d %H:%M:%S")):
        try:
            moment = datetime.strptime(found[1].strip() if found else "", form)
        except ValueError:
            continue
        return moment.replace(tzinfo=timezone.utc).timestamp()
    return None


def _refusal(words: str) -> Failure | None:
    kind, detail = PROBLEM_TYPE.search(words), DETAIL.search(words)
    if not kind or not detail:
        return None
    cause = f'The CA said {kind[1]}: "{_one_line(detail[1])}"{_retry_after(words)}'
    return Failure(cause, _remedy(kind[1], detail[1], DNS_01.search(words) is not None))


def _remedy(kind: str, detail: str, in_dns: bool) -> str:
    """Go by what the CA says, then by the type of its answer; a challenge in DNS has nothing to do with port 80."""
    detail = detail[:SEARCHED]
    remedies = (remedy for kinds, words, remedy in _WORDS if kinds.fullmatch(kind) and words.search(detail))
    found = next((remedy for remedy in remedies if not (in_dns and remedy in _OF_PORT_80)), None)
    return found or (DNS_REMEDIES if in_dns else REMEDIES).get(kind, ANY_REMEDY)


def _no_connection(words: str) -> Failure | None:
    curl = CURL.search(words)
    if not curl:
        return None
    cause = CURL_CAUSES.get(curl[2], f"curl ended with {curl[2]}")
    return Failure(f"The CA at {escaped(curl[1])} could not be asked: {cause}", CURL_REMEDY)


def _no_record(words: str) -> Failure | None:
    publishing = PUBLISHING.search(words)
    if not publishing:
        return None
    cause, _said, remedy = publishing[1].partition(". Remedy: ")
    return Failure(_one_line(cause), _one_line(remedy.rstrip(".")) or ANY_REMEDY)


def _no_space(words: str) -> Failure | None:
    full = NO_SPACE.search(words)
    return Failure(f'The disk is full: "{_one_line(full[0])}"', SPACE_REMEDY) if full else None


def _no_nonce(words: str) -> Failure | None:
    cause = "The CA answered every attempt with badNonce"
    return Failure(cause, REMEDIES["badNonce"]) if NO_NONCE.search(words) else None


def _unbound(words: str) -> Failure | None:
    said = UNBOUND.search(words)
    return Failure(f'dehydrated said: "{_one_line(said[0])}"', EXTERNAL_ACCOUNT) if said else None


def _no_profile(words: str) -> Failure | None:
    said = NO_PROFILE.search(words)
    return Failure(f'dehydrated said: "{_one_line(said[1])}"', OTHER_PROFILE) if said else None


def _complaint(words: str) -> Failure | None:
    error = ERROR.search(words)
    return Failure(f'dehydrated said: "{_one_line(error[1])}"', ANY_REMEDY) if error else None


def _last_words(words: str) -> Failure:
    last = words.strip().rsplit("\n", 1)[-1]
    return Failure(f'dehydrated\'s last words: "{_one_line(last)}"' if last else "dehydrated said nothing", ANY_REMEDY)


def _retry_after(words: str) -> str:
    """Return what the CA said of when to come back: seconds, or a date (RFC 8555, section 6.6)."""
    found = RETRY_AFTER.search(words)
    if not found:
        return ""
    return f", and to come back after {_one_line(found[1])}{' s' if found[1].strip().isdecimal() else ''}"


def _one_line(text: str) -> str:
    """Without JSON's escapes, line breaks, control sequences, and more text than anybody reads."""
    plain = escaped(" ".join(re.sub(r"\\(u00[0-9a-fA-F]{2}|.)", _unescaped, text).split()))
    plain = TOKEN.sub(r"\1...", plain)
    return plain if len(plain) <= LONGEST else plain[:LONGEST] + "..."


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if code.startswith("u00"):
        return chr(int(code[1:], 16))
    return {"n": " ", "t": " ", "r": " "}.get(code, code)
