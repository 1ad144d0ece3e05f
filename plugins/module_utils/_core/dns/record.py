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
from urllib.parse import quote, urlsplit

from ..finding import Finding, error, errors, info, warning
from ..names import InvalidName, check_host
from ..rfc import STS_RECORD, TLS_RPT_RECORD
from .lookalike import STS, TLS_RPT, is_meant_as, lookalike, strange_characters

STRING_LIMIT = 255

_WSP = " \t"
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9]+")
_NEAR_ID = {"id", "ids", "policy_id", "policy-id", "policyid"}
_EXTENSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}\Z")
_EXTENSION_VALUE = re.compile(r"[\x21-\x3a\x3c\x3e-\x7e]+\Z")
_URI = re.compile(r"(?:[A-Za-z0-9:/?#@$&'()*+=._~\[\]-]|%[0-9A-Fa-f]{2})+\Z")
_AROUND_URIS = "\"'<>\u201c\u201d \t"
_BEFORE_ADDRESS = re.compile(r"\A(?:mailto:)?[/\s]*", re.IGNORECASE)
_LONELY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SIZE = re.compile(r"![0-9]+[kmgt]?\Z", re.IGNORECASE)  # RFC 7489, section 6.2
_MAILBOX = re.compile(r"[^@/?#]+@([^@/?#]+)(\?.*)?\Z")

_ESCAPES = {",": "%2C", "!": "%21", ";": "%3B"}
_NO_SCHEME = "is neither a mailto: nor an https: URI"
_NO_CHARACTERS = "contains characters that no URI may have"
_NO_MAILBOX = "names no mailbox"
_NO_HOST = "names no host"
_REMEDIES = {
    _NO_SCHEME: "Write a mailto: or https: URI",
    _NO_MAILBOX: "Write mailto:user@example.com",
    _NO_HOST: "Write https://host/path",
}

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
    text, findings = _only_one(rrset, STS, domain, "_mta-sts", STS_RECORD)
    if text is not None and not _is_ascii(text):
        findings.append(_not_ascii(rrset, STS, domain, "_mta-sts", STS_RECORD))
    elif text is not None:
        pairs = _pairs(text)
        findings += _check_form(text, domain, "_mta-sts", STS_RECORD)
        findings += _check_extensions(pairs, "id", domain, STS_RECORD)
        findings += _check_id(_value(pairs, "id"), pairs, domain)
    record = None if text is None or errors(findings) else _sts_record(text)
    return RecordReading(record, _sts_record(_as_forgiving_senders(rrset, STS)), tuple(findings))


def read_tls_rpt(rrset: RRset, domain: str = "") -> RecordReading[TlsRptRecord]:
    """Read the RRset at ``_smtp._tls``. Never raises."""
    text, findings = _only_one(rrset, TLS_RPT, domain, "_smtp._tls", TLS_RPT_RECORD)
    if text is not None and not _is_ascii(text):
        findings.append(_not_ascii(rrset, TLS_RPT, domain, "_smtp._tls", TLS_RPT_RECORD))
    elif text is not None:
        pairs = _pairs(text)
        findings += _check_form(text, domain, "_smtp._tls", TLS_RPT_RECORD)
        findings += _check_extensions(pairs, "rua", domain, TLS_RPT_RECORD)
        findings += _check_rua(_value(pairs, "rua"), pairs, domain)
    record = None if text is None or errors(findings) else _tls_rpt_record(text)
    return RecordReading(record, _tls_rpt_record(_as_forgiving_senders(rrset, TLS_RPT)), tuple(findings))


def meant_as(rrset: RRset, version: str) -> bool:
    """Whether there is a record that was meant as one of that version, even if badly written."""
    return any(is_meant_as(b"".join(strings), version) for strings in rrset)


def rua_problem(uri: str) -> tuple[str, str] | None:
    """Say what is wrong with a report URI, and the remedy; None when it can be used."""
    fault = _fault_of(uri)
    return None if fault is None else (f"{uri!r} {fault}", _remedy_of(uri, fault))


def _fault_of(uri: str) -> str | None:
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() not in {"mailto", "https"}:
        return _NO_SCHEME
    for character in _ESCAPES:
        if character in rest:
            return f"contains {character!r}"
    if not _URI.match(uri):
        return _NO_CHARACTERS
    if scheme.lower() == "mailto" and not _is_mailbox(rest):
        return _NO_MAILBOX
    return _NO_HOST if scheme.lower() == "https" and not _names_host(uri) else None


def _remedy_of(uri: str, fault: str) -> str:
    """Advise what was probably meant if it can be used, else give an example (RFC 8460, section 3)."""
    size = _SIZE.search(uri)
    if size and _fault_of(uri[: size.start()]) is None:
        return f"Write {uri[: size.start()]}: a limit of size is DMARC's, TLS-RPT has none"
    several = [part.strip() for part in re.split("[,;]", uri)]
    if len(several) > 1 and not any(map(_fault_of, several)):
        return f"Write each as a URI of its own: {' and '.join(several)}"
    bare = next((other for other in _bare(uri) if _fault_of(other) is None), None)
    if bare:
        return f"Write {bare}"
    if fault not in _REMEDIES and _fault_of(_encoded(uri)) is None:
        return "Percent-encode them" if fault == _NO_CHARACTERS else f"Write it as {_ESCAPES[fault[-2]]}"
    meant = _with_a_labels(uri)
    return f"Write {meant}" if meant else _REMEDIES.get(fault, "Write mailto:user@example.com or https://host/path")


def _bare(uri: str) -> tuple[str, ...]:
    """Return the URI without what stands around it or its address, a mail address with its scheme."""
    bare = uri.strip(_AROUND_URIS)
    address = _BEFORE_ADDRESS.sub("", bare).strip(_AROUND_URIS).rstrip(".")
    return (bare, f"mailto:{address}") if "@" in address else (bare,)


def _with_a_labels(uri: str) -> str:
    """Return the URI of a mailbox with its domain as A-labels, "" where that is not one either."""
    mailbox, _at, host = _bare(uri)[-1].rpartition("@")
    try:
        meant = f"{_encoded(mailbox)}@{check_host(host)}"
    except InvalidName:
        return ""
    return meant if _fault_of(meant) is None else ""


def _encoded(uri: str) -> str:
    """Return a URI with everything percent-encoded that must be; a percent sign is only where it begins no code."""
    scheme, colon, rest = uri.partition(":")
    return scheme + colon + quote(_LONELY_PERCENT.sub("%25", rest), safe="/:?#@$&'()*+=._~-[]%")


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
    except ValueError:  # brackets that do not match, or an invalid port
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
        return None, [error(domain, field, rule, section, "Remove all but one of them")]
    if not kept:
        return None, [_why_none(rrset, version, domain, field, section)]
    for text in others:
        rule = f"{text[:60]!r} stands at the same name; senders discard it"
        make = warning if text.strip(_WSP).startswith(version) else info  # some senders count it all the same
        findings.append(make(domain, field, rule, section, "Remove it: nothing else belongs here"))
    return kept[0], findings


def _why_none(rrset: RRset, version: str, domain: str, field: str, section: str) -> Finding:
    """Say why the record that comes nearest is not one."""
    remedy = f"Publish one record that begins with {version};"
    texts = [b"".join(strings) for strings in rrset]
    for data in texts:
        text = _shown(data)
        if text.rstrip(_WSP + ";") == version:
            return error(domain, field, f"{text!r} has nothing but its version", section, remedy)
        if re.match(re.escape(version) + r"[ \t]+;", text):
            rule = f"{text!r} has white space before the first semicolon, so it does not begin with {version};"
            return error(domain, field, rule, section, f"Write {version}; without a space")
    likes = [(data, like) for data in texts for like in [lookalike(data, version)] if like is not None]
    if likes:
        data, like = min(likes, key=lambda each: not each[1].own)
        rule = f"{_shown(data)!r} does not begin with {version};, written exactly so: {like.flaw}"
        return error(domain, field, rule, section, f"Write {like.meant}" if _is_usable(like.meant) else remedy)
    if texts:
        rule = f"no TXT record here begins with {version};, only {_shown(texts[0])!r}"
        return error(domain, field, rule, section, remedy)
    return error(domain, field, "there is no TXT record", section, remedy)


def _is_usable(text: str) -> bool:
    """Whether a record that we would advise is one."""
    rrset = [[text.encode("ascii", "replace")]]
    read = read_sts if text.startswith(STS) else read_tls_rpt
    return bool(text) and read(rrset).record is not None


def _not_ascii(rrset: RRset, version: str, domain: str, field: str, section: str) -> Finding:
    """One cause, one finding: what else looks wrong comes from the same characters."""
    data = next(data for data in map(b"".join, rrset) if data.startswith(f"{version};".encode()))
    like = lookalike(data, version)
    remedy = f"Replace {strange_characters(data)}"
    if like is not None and _is_usable(like.meant):
        remedy += f"; write {like.meant}"
    return error(domain, field, "the record is not US-ASCII", section, remedy)


def _is_ascii(text: str) -> bool:
    return text.isascii() and "\ufffd" not in text


def _shown(data: bytes) -> str:
    return data.decode("ascii", "backslashreplace")[:60]


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
    """Find what is not ``name=value`` between the semicolons."""
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
                domain, field, f"{part[:60]!r} is not name=value", section, "Write name=value between semicolons"
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
            yield error(domain, name.strip(_WSP) or "field", f"{name[:40]!r} is not a field name", section, remedy)
        elif not _EXTENSION_VALUE.match(value):
            yield error(
                domain, name, f"{value[:60]!r} is not a field value", section, "Use visible ASCII without = and ;"
            )


def _check_id(found: str | None, pairs: Fields, domain: str) -> Iterator[Finding]:
    if found is None:
        similar = [(name, value) for name, value in pairs if name.lower() in _NEAR_ID]
        rule = f"the record has no id; {similar[0][0]} is a different field" if similar else "the record has no id"
        usable = similar and _ID.match(similar[0][1])
        remedy = f"Write id={similar[0][1]}" if usable else "Add id= and 1 to 32 letters or digits"
        yield error(domain, "id", rule, STS_RECORD, remedy)
    elif not _ID.match(found):
        rule = f"{found[:60]!r} is not made of 1 to 32 letters and digits"
        plain = _NOT_OF_AN_ID.sub("", found)[:32]
        remedy = f"Write id={plain}" if plain else "Write id= and 1 to 32 letters or digits"
        yield error(domain, "id", rule, STS_RECORD, f"{remedy}: no hyphen, colon, dot or underscore")


def _check_rua(found: str | None, pairs: Fields, domain: str) -> Iterator[Finding]:
    if found is None or not found.strip(_WSP):
        similar = [(name, value) for name, value in pairs if name != "rua" and rua_problem(value) is None]
        other = f"; {similar[0][0][:40]} is a different field" if similar else ""
        rule = f"the record has no rua{other}: nobody knows where to send reports"
        remedy = f"Write rua={similar[0][1]}" if similar else "Add rua=mailto:tlsrpt@your.domain"
        yield error(domain, "rua", rule, TLS_RPT_RECORD, remedy)
        return
    if found.startswith(tuple(_WSP)):
        yield error(domain, "rua", "white space follows rua=", TLS_RPT_RECORD, "Remove it")
    for uri in (part.strip(_WSP) for part in found.split(",")):
        problem = rua_problem(uri) if uri else ("a comma has no URI on one side", "Remove the comma")
        if problem:
            yield error(domain, "rua", problem[0], TLS_RPT_RECORD, problem[1])
