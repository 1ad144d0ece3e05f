# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The TXT records: ``_mta-sts`` (RFC 8461, section 3.1) and ``_smtp._tls`` (RFC 8460, section 3).

An RRset is a sequence of TXT records, each a sequence of character-strings. Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from .finding import Finding, error, errors, info

STS_SECTION = "RFC 8461, section 3.1"
TLS_RPT_SECTION = "RFC 8460, section 3"
STRING_LIMIT = 255

_WSP = " \t"
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_EXTENSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}\Z")
_EXTENSION_VALUE = re.compile(r"[\x21-\x3a\x3c\x3e-\x7e]+\Z")
_URI_CHARACTERS = re.compile(r"[A-Za-z0-9:/?#@$&'()*+=._~%\[\]-]+\Z")
_MAILBOX = re.compile(r"[^@/?#]+@[A-Za-z0-9.-]+(\?.*)?\Z")

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


def read_sts(rrset: RRset, domain: str = "") -> RecordReading[StsRecord]:
    """Read the RRset at ``_mta-sts``. Never raises."""
    text, findings = _only_one(rrset, "v=STSv1", domain, "_mta-sts", STS_SECTION)
    if text is None:
        return RecordReading(None, None, tuple(findings))
    pairs = _pairs(text)
    findings += _check_form(text, domain, "_mta-sts", STS_SECTION)
    findings += _check_extensions(pairs, "id", domain, STS_SECTION)
    found = _value(pairs, "id")
    findings += _check_id(found, pairs, domain)
    extensions = tuple(pair for pair in pairs if pair[0] != "id")
    lenient = StsRecord(found, extensions) if found else None
    return RecordReading(None if errors(findings) else lenient, lenient, tuple(findings))


def read_tls_rpt(rrset: RRset, domain: str = "") -> RecordReading[TlsRptRecord]:
    """Read the RRset at ``_smtp._tls``. Never raises."""
    text, findings = _only_one(rrset, "v=TLSRPTv1", domain, "_smtp._tls", TLS_RPT_SECTION)
    if text is None:
        return RecordReading(None, None, tuple(findings))
    pairs = _pairs(text)
    findings += _check_form(text, domain, "_smtp._tls", TLS_RPT_SECTION)
    findings += _check_extensions(pairs, "rua", domain, TLS_RPT_SECTION)
    rua = tuple(uri.strip(_WSP) for uri in (_value(pairs, "rua") or "").split(",") if uri.strip(_WSP))
    if not rua:
        rule = "the record has no rua: nobody knows where to send reports"
        findings.append(error(domain, "rua", rule, TLS_RPT_SECTION, "Add rua=mailto:tlsrpt@your.domain"))
    for uri in rua:
        problem = rua_problem(uri)
        if problem:
            findings.append(error(domain, "rua", problem[0], TLS_RPT_SECTION, problem[1]))
    usable = tuple(uri for uri in rua if rua_problem(uri) is None)
    extensions = tuple(pair for pair in pairs if pair[0] != "rua")
    lenient = TlsRptRecord(usable, extensions) if usable else None
    return RecordReading(None if errors(findings) else lenient, lenient, tuple(findings))


def rua_problem(uri: str) -> tuple[str, str] | None:
    """Say what is wrong with a report URI, and the remedy; None when it can be used."""
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() not in {"mailto", "https"}:
        remedy = f"Write mailto:{uri}" if "@" in uri and not colon else "Write a mailto: or https: URI"
        return f"{uri!r} is neither a mailto: nor an https: URI", remedy
    for character, escape in ((",", "%2C"), ("!", "%21"), (";", "%3B")):
        if character in rest:
            return f"{uri!r} contains {character!r}", f"Write it as {escape}"
    if not _URI_CHARACTERS.match(uri):
        return f"{uri!r} contains characters that no URI has", "Percent-encode them"
    if scheme.lower() == "mailto" and not _MAILBOX.match(rest):
        return f"{uri!r} names no mailbox", "Write mailto:user@example.com"
    if scheme.lower() == "https" and not _https_host(uri):
        return f"{uri!r} names no host", "Write https://host/path"
    return None


def _https_host(uri: str) -> str | None:
    try:
        return urlsplit(uri).hostname if uri.lower().startswith("https://") else None
    except ValueError:
        return None


def _only_one(rrset: RRset, version: str, domain: str, field: str, section: str) -> tuple[str | None, list[Finding]]:
    """Join strings, discard what does not begin with the version, and expect one record to be left."""
    texts = [b"".join(strings).decode("ascii", "replace") for strings in rrset]
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
        findings.append(info(domain, field, rule, section, "Remove it: nothing else belongs here"))
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
    parts = [part.strip(_WSP) for part in text.split(";")[1:]]
    if parts and parts[-1] == "":
        parts.pop()
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
        similar = [name for name, _ in pairs if name.lower() == "id"]
        rule = f"the record has no id; {similar[0]} is another field" if similar else "the record has no id"
        yield error(domain, "id", rule, STS_SECTION, "Add id= and 1 to 32 letters or digits")
    elif not _ID.match(found):
        rule = f"{found[:60]!r} is not made of 1 to 32 letters and digits"
        yield error(domain, "id", rule, STS_SECTION, "Use letters and digits only: no hyphen, colon, dot or underscore")
