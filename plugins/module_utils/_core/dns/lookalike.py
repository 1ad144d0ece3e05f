# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TXT records that no sender takes for ours, though they were meant to be: what is wrong, and what was meant.

Private to this collection.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

STS, TLS_RPT = "v=STSv1", "v=TLSRPTv1"

_BEGIN = 1000  # characters; what a record is shows at its beginning
_NAMES = {STS: "an MTA-STS record, whose place is _mta-sts", TLS_RPT: "a TLS-RPT record, whose place is _smtp._tls"}
_QUOTES = "\"'`\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2032\u2033"
_ZONE_LINE = re.compile(r"[^=;]*?\bTXT[ (]+", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:(?P<key>v|version) ?(?P<equals>[=:]?) ?)?"
    r"(?P<word>(?P<sts>(?:mta[ _-]?)?sts)|(?P<rpt>(?:smtp[ _-]?)?tls[ _-]?rpt)|(?P<other>dmarc|dkim|bimi))"
    r"(?P<number>[ _-]?v?[0-9.]*)(?P<after> ?(?:[;,:|.]|(?![a-z0-9])))",
    re.IGNORECASE,
)
_OWN_FIELD = {
    STS: re.compile(r"id ?[=:]", re.IGNORECASE),
    TLS_RPT: re.compile(r"rua ?[=:]|(?:mailto:|https://)[^ ]", re.IGNORECASE),
}
_ID = re.compile(r"\bid ?[=:] ?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_URI = re.compile(r"(?:mailto:|https://)[^\s;,!]+", re.IGNORECASE)


@dataclass(frozen=True)
class Lookalike:
    """A text that does not begin with a version as it must: what the ``flaw`` is, and what was probably ``meant``.

    ``meant`` is "" where that cannot be known; ``own`` says that it was meant as a record of this very kind.
    """

    flaw: str
    meant: str
    own: bool


def lookalike(data: bytes, version: str) -> Lookalike | None:
    """Look at a text that does not begin with ``version`` and a semicolon; None when it is something else."""
    text = _decoded(data)[:_BEGIN]
    plain, prefixed = _plain(text)
    found = _VERSION.match(plain)
    kind = _kind(found) if found else ""
    own_field = _OWN_FIELD[version].match(plain)
    if not found and not own_field:
        return None
    flaw = _flaw_of_text(text, prefixed) or _flaw_of_version(found, kind, version) or "white space stands in its way"
    if not found and version.lower() in plain.lower():
        flaw = "its version does not stand first"
    return Lookalike(flaw, _meant(plain, kind, version), kind in {"", version})


def is_meant_as(data: bytes, version: str) -> bool:
    """Whether a text was meant as a record of that version, even if badly written."""
    if data.startswith(version.encode() + b";"):
        return True
    found = lookalike(data, version)
    return found is not None and found.own


def strange_characters(data: bytes) -> str:
    """Name the characters of a text that are not ASCII, as U+00A0."""
    strange = sorted({character for character in _decoded(data)[:_BEGIN] if not character.isascii()})
    return ", ".join(f"U+{ord(character):04X}" for character in strange[:3])


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _plain(text: str) -> tuple[str, bool]:
    """Return the text without what does not belong in it, and whether it began like a line of a zone file."""
    text = unicodedata.normalize("NFKC", text)
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf" and char not in _QUOTES + "\\")
    plain = " ".join(visible.split()).strip(" ()")
    prefix = _ZONE_LINE.match(plain)
    return (plain[prefix.end() :], True) if prefix else (plain, False)


def _kind(found: re.Match[str]) -> str:
    if found["sts"]:
        return STS
    return TLS_RPT if found["rpt"] else f"a {found['other'].upper()} record"


def _flaw_of_text(text: str, prefixed: bool) -> str:
    if any(quote in text for quote in _QUOTES):
        return "quotation marks stand inside the text"
    if "\\" in text:
        return "backslashes stand inside the text"
    if not text.isascii():
        return f"characters that are not ASCII stand inside the text ({strange_characters(text.encode())})"
    return "it begins as a line of a zone file does" if prefixed else ""


def _flaw_of_version(found: re.Match[str] | None, kind: str, version: str) -> str:
    if found is None:
        return "its version is missing"
    if kind != version:
        return f"it is {_NAMES.get(kind, kind)}"
    written = f"{found['word']}{found['number']}"
    other = (found["key"], found["equals"], written.lower()) != ("v", "=", version[2:].lower())
    flaws = (
        (not found["key"] or not found["equals"], "v= is missing"),
        (other, f"its version is {found['key']}{found['equals']}{written}"),
        (written != version[2:], "case matters"),
        (found["after"].strip() != ";", "no semicolon follows the version"),
    )
    return next((words for holds, words in flaws if holds), "")


def _meant(plain: str, kind: str, version: str) -> str:
    """Put the record together that this text holds the parts of, as far as it does."""
    if version == STS and kind in {"", STS}:
        found = _ID.search(plain)
        policy_id = "".join(filter(str.isalnum, found[1]))[:32] if found else ""
        return f"{STS}; id={policy_id};" if policy_id else ""
    uris = _URI.findall(plain) if version == TLS_RPT and kind != STS else []
    return f"{TLS_RPT}; rua={','.join(uris)}" if uris else ""
