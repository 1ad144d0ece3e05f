# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The TXT records: ``_mta-sts`` (RFC 8461, section 3.1) and ``_smtp._tls`` (RFC 8460, section 3).

An RRset is a sequence of TXT records, each a sequence of character-strings. Private to this collection.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from .finding import Finding, error, errors, info, warning
from .names import InvalidName, check_host

STS_SECTION = "RFC 8461, section 3.1"
TLS_RPT_SECTION = "RFC 8460, section 3"
STRING_LIMIT = 255

_WSP = " \t"
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_EXTENSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}\Z")
_EXTENSION_VALUE = re.compile(r"[\x21-\x3a\x3c\x3e-\x7e]+\Z")
_URI = re.compile(r"(?:[A-Za-z0-9:/?#@$&'()*+=._~\[\]-]|%[0-9A-Fa-f]{2})+\Z")
_MAILBOX = re.compile(r"[^@/?#]+@([^@/?#]+)(\?.*)?\Z")

RRset = Sequence[Sequence[bytes]]
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StsRecord:
    """An ``_mta-sts`` record: its policy ``id``, and the fields this version does not know."""

    id: str
    extensions: Fields = ()


@dataclass(frozen=True)
class TlsRptRecord:
    """An ``_smtp._tls`` record: the URIs reports go to, and the fields this version does not know."""

    rua: tuple[str, ...]
    extensions: Fields = ()


Record = TypeVar("Record", StsRecord, TlsRptRecord)


@dataclass(frozen=True)
class RecordReading(Generic[Record]):
    """A record as read: ``record`` strictly (None when there is an error), ``lenient`` as forgiving senders do."""

    record: Record | None
    lenient: Record | None
    findings: tuple[Finding, ...]


def sts_name(domain: str) -> str:
    """Return the owner name of a domain's MTA-STS record."""
    return f"_mta-sts.{domain}"


def tls_rpt_name(domain: str) -> str:
    """Return the owner name of a domain's TLS-RPT record."""
    return f"_smtp._tls.{domain}"


def render_sts(policy_id: str) -> str:
    """Return the record's text; nothing may stand between the version and its semicolon."""
    return f"v=STSv1; id={policy_id};"


def render_tls_rpt(rua: Sequence[str]) -> str:
    """Return the record's text."""
    return f"v=TLSRPTv1; rua={','.join(rua)}"


def character_strings(text: str) -> tuple[bytes, ...]:
    """Cut a record's text into character-strings of at most 255 octets."""
    data = text.encode("ascii")
    return tuple(data[at : at + STRING_LIMIT] for at in range(0, len(data), STRING_LIMIT)) or (b"",)


def zone_line(name: str, text: str) -> str:
    """Return a TXT record as a line of a zone file (RFC 1035, section 5.1)."""
    strings = " ".join(
        '"' + string.decode("ascii").replace("\\", "\\\\").replace('"', '\\"') + '"'
        for string in character_strings(text)
    )
    return f"{name}. IN TXT {strings}"


def read_sts(rrset: RRset, domain: str = "") -> RecordReading[StsRecord]:
    """Read the RRset at ``_mta-sts``. Never raises."""
    text, findings = _only_one(rrset, "v=STSv1", domain, "_mta-sts", STS_SECTION)
    if text is not None:
        pairs = _pairs(text)
        findings += _check_form(text, domain, "_mta-sts", STS_SECTION)
        findings += _check_extensions(pairs, "id", domain, STS_SECTION)
        findings += _check_id(_value(pairs, "id"), pairs, domain)
    record = None if text is None or errors(findings) else _sts_record(text)
    return RecordReading(record, _sts_record(_as_forgiving_senders(rrset, "v=STSv1")), tuple(findings))


def read_tls_rpt(rrset: RRset, domain: str = "") -> RecordReading[TlsRptRecord]:
    """Read the RRset at ``_smtp._tls``. Never raises."""
    text, findings = _only_one(rrset, "v=TLSRPTv1", domain, "_smtp._tls", TLS_RPT_SECTION)
    if text is not None:
        pairs = _pairs(text)
        findings += _check_form(text, domain, "_smtp._tls", TLS_RPT_SECTION)
        findings += _check_extensions(pairs, "rua", domain, TLS_RPT_SECTION)
        findings += _check_rua(_value(pairs, "rua"), domain)
    record = None if text is None or errors(findings) else _tls_rpt_record(text)
    return RecordReading(record, _tls_rpt_record(_as_forgiving_senders(rrset, "v=TLSRPTv1")), tuple(findings))


def rua_problem(uri: str) -> tuple[str, str] | None:
    """Say what is wrong with a report URI, and the remedy; None when it can be used."""
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() not in {"mailto", "https"}:
        remedy = f"Write mailto:{uri}" if "@" in uri and not colon else "Write a mailto: or https: URI"
        return f"{uri!r} is neither a mailto: nor an https: URI", remedy
    for character, escape in ((",", "%2C"), ("!", "%21"), (";", "%3B")):
        if character in rest:
            return f"{uri!r} contains {character!r}", f"Write it as {escape}"
    if not _URI.match(uri):
        return f"{uri!r} contains characters that no URI has", "Percent-encode them"
    if scheme.lower() == "mailto" and not _is_mailbox(rest):
        return f"{uri!r} names no mailbox", "Write mailto:user@example.com"
    if scheme.lower() == "https" and not _names_host(uri):
        return f"{uri!r} names no host", "Write https://host/path"
    return None


def _is_mailbox(address: str) -> bool:
    found = _MAILBOX.match(address)
    try:
        return bool(found and check_host(found[1]))
    except InvalidName:
        return False


def _names_host(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # brackets that do not match, a port that is none
        return False


def _sts_record(text: str | None) -> StsRecord | None:
    pairs = _pairs(text or "")
    found = _value(pairs, "id")
    return StsRecord(found, tuple(pair for pair in pairs if pair[0] != "id")) if found else None


def _tls_rpt_record(text: str | None) -> TlsRptRecord | None:
    pairs = _pairs(text or "")
    rua = tuple(uri.strip(_WSP) for uri in (_value(pairs, "rua") or "").split(","))
    usable = tuple(uri for uri in rua if rua_problem(uri) is None)
    return TlsRptRecord(usable, tuple(pair for pair in pairs if pair[0] != "rua")) if usable else None


def _texts(rrset: RRset) -> list[str]:
    """Join the character-strings of each record."""
    return [b"".join(strings).decode("ascii", "replace") for strings in rrset]


def _as_forgiving_senders(rrset: RRset, version: str) -> str | None:
    """Return the only record whose first field is the version, with white space around it or not."""
    texts = [text for text in _texts(rrset) if text.split(";")[0].strip(_WSP) == version]
    return texts[0] if len(texts) == 1 else None


def _only_one(rrset: RRset, version: str, domain: str, field: str, section: str) -> tuple[str | None, list[Finding]]:
    """Discard what does not begin with the version, and expect one record to be left."""
    texts = _texts(rrset)
    kept = [text for text in texts if text.startswith(f"{version};")]
    others = [text for text in texts if not text.startswith(f"{version};")]
    findings: list[Finding] = []
    if len(kept) > 1:
        rule = f"{len(kept)} records begin with {version};, so senders use none of them"
        return None, [error(domain, field, rule, section, "Leave one of them")]
    if not kept:
        return None, [_why_none(others, version, domain, field, section)]
    for text in others:
        rule = f"{text[:60]!r} stands at the same name; senders discard it"
        make = warning if text.strip(_WSP).startswith(version) else info  # some senders count it all the same
        findings.append(make(domain, field, rule, section, "Remove it: nothing else belongs here"))
    return kept[0], findings


def _why_none(texts: Sequence[str], version: str, domain: str, field: str, section: str) -> Finding:
    remedy = f"Publish one record that begins with {version};"
    for text in texts:
        if text.rstrip(_WSP + ";") == version:
            return error(domain, field, f"{text[:60]!r} has nothing but its version", section, remedy)
        if re.match(re.escape(version) + r"[ \t]+;", text):
            rule = f"{text[:60]!r} has white space before the first semicolon, so it does not begin with {version};"
            return error(domain, field, rule, section, f"Write {version}; without a space")
        if text.lower().replace(" ", "").startswith(version.lower()):
            rule = f"{text[:60]!r} does not begin with {version};, written exactly so"
            return error(domain, field, rule, section, remedy)
    if texts:
        return error(
            domain, field, f"no TXT record here begins with {version};, only {texts[0][:60]!r}", section, remedy
        )
    return error(domain, field, "there is no TXT record", section, remedy)


def _pairs(text: str) -> Fields:
    """Return the name=value fields behind the version; of duplicates the first."""
    found: dict[str, str] = {}
    for part in text.split(";")[1:]:
        name, equals, value = part.strip(_WSP).partition("=")
        if equals:
            found.setdefault(name, value)
    return tuple(found.items())


def _value(pairs: Fields, name: str) -> str | None:
    return dict(pairs).get(name)


def _check_form(text: str, domain: str, field: str, section: str) -> Iterator[Finding]:
    """Find what is no ``name=value`` between the semicolons."""
    if not text.isascii() or "\ufffd" in text:
        yield error(domain, field, "the record is not US-ASCII", section, "Write ASCII only")
    if text.endswith(tuple(_WSP)) and not text.rstrip(_WSP).endswith(";"):
        yield error(domain, field, "the record ends in white space", section, "Remove it, or end with a semicolon")
    parts = [part.strip(_WSP) for part in text.split(";")[1:]]
    if parts and parts[-1] == "":
        parts.pop()
    times = Counter(part.partition("=")[0] for part in parts if "=" in part)
    for name in (name for name, count in times.items() if count > 1):
        rule = f"{name[:40]!r} stands more than once; senders take the first"
        yield warning(domain, field, rule, section, "Remove the others")
    for part in parts:
        if not part:
            yield error(domain, field, "two semicolons stand next to each other", section, "Remove one of them")
        elif "=" not in part:
            yield error(
                domain, field, f"{part[:60]!r} is no name=value", section, "Write name=value between semicolons"
            )


def _check_extensions(pairs: Fields, known: str, domain: str, section: str) -> Iterator[Finding]:
    for name, value in pairs:
        if name == known:
            continue
        if not _EXTENSION_NAME.match(name):
            remedy = (
                f"Write {known}="
                if name.strip(_WSP).lower() == known
                else "Use 1 to 32 letters, digits, and inner _ - ."
            )
            yield error(domain, name.strip(_WSP) or "field", f"{name[:40]!r} is no field name", section, remedy)
        elif not _EXTENSION_VALUE.match(value):
            yield error(
                domain, name, f"{value[:60]!r} is no value of a field", section, "Use visible ASCII without = and ;"
            )


def _check_id(found: str | None, pairs: Fields, domain: str) -> Iterator[Finding]:
    if found is None:
        similar = [name for name, _unused in pairs if name.lower() == "id"]
        rule = f"the record has no id; {similar[0]} is another field" if similar else "the record has no id"
        yield error(domain, "id", rule, STS_SECTION, "Add id= and 1 to 32 letters or digits")
    elif not _ID.match(found):
        rule = f"{found[:60]!r} is not made of 1 to 32 letters and digits"
        yield error(domain, "id", rule, STS_SECTION, "Use letters and digits only: no hyphen, colon, dot or underscore")


def _check_rua(found: str | None, domain: str) -> Iterator[Finding]:
    if not (found or "").strip(_WSP):
        rule = "the record has no rua: nobody knows where to send reports"
        yield error(domain, "rua", rule, TLS_RPT_SECTION, "Add rua=mailto:tlsrpt@your.domain")
        return
    if found.startswith(tuple(_WSP)):
        yield error(domain, "rua", "white space follows rua=", TLS_RPT_SECTION, "Remove it")
    for uri in (part.strip(_WSP) for part in found.split(",")):
        problem = rua_problem(uri) if uri else ("a comma has no URI beside it", "Remove the comma")
        if problem:
            yield error(domain, "rua", problem[0], TLS_RPT_SECTION, problem[1])
