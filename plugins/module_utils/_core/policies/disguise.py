# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands where a policy should: a page, a compressed file, another encoding. Reported once, not line by line.

Private to this collection.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

PAGE, OTHER, WRAPPED = "page", "other", "wrapped"

_SEEN = 4096  # bytes; what a file is shows at its beginning
_QUOTED = 40
_SPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"

_SERVE = "Serve the policy itself at exactly /.well-known/mta-sts.txt"
_PLAIN = "Save it as plain ASCII, one field per line, and serve that"

_MAGIC = (
    (b"\x1f\x8b", "is compressed (gzip)"),
    (b"\x28\xb5\x2f\xfd", "is compressed (zstd)"),
    (b"BZh", "is compressed (bzip2)"),
    (b"\xfd7zXZ\x00", "is compressed (xz)"),
    (b"\x78\x01", "is compressed (deflate)"),
    (b"\x78\x5e", "is compressed (deflate)"),
    (b"\x78\x9c", "is compressed (deflate)"),
    (b"\x78\xda", "is compressed (deflate)"),
    (b"PK\x03\x04", "is a ZIP archive, or a word processor document"),
    (b"\xd0\xcf\x11\xe0", "is a word processor document"),
    (b"{\\rtf", "is a word processor document (RTF)"),
    (b"%PDF-", "is a PDF document"),
)
_UNCOMPRESSED = "Serve the file as it is: senders do not ask for compression, and many cannot undo it"

# Longest first: that of UTF-32 begins with that of UTF-16.
_WIDE = (
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)

_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|title|p|div|br)\b", re.IGNORECASE)
_TXT_RECORD = re.compile(rb"\A[^\r\n:]{0,300}\bv[ \t]*=[ \t]*(?:sts|tlsrpt)v?[0-9]", re.IGNORECASE)
_BEGINS_A_FIELD = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}[ \t]*:")
_FIELD = re.compile(rb"(?:\A|(?<=[\s;,|\"'>n]))(version|mode|max[_-]?age|mx)[ \t]*:", re.IGNORECASE)
_ASSIGNMENT = re.compile(rb"^[ \t]*(?:version|mode|max[_-]?age|mx)[ \t]*=", re.IGNORECASE | re.MULTILINE)
_ESCAPED_END = re.compile(rb"\\r\\n|\\n")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\xff]")
_ENCODED = base64.b64encode(b"version: STSv1")[:14]


@dataclass(frozen=True)
class Disguise:
    """What a body ``is`` ("is a web page, ..."), and the ``remedy``.

    ``kind`` is PAGE, OTHER for anything else that is not a policy, or WRAPPED for a policy that was spoilt on its way.
    """

    kind: str
    is_: str
    remedy: str


def disguise(body: bytes) -> Disguise | None:
    """Say what a body is, None when it is a policy, even a bad one. Takes linear time."""
    begin = body[:_SEEN]
    looks = (_empty, _wide, _compressed, _page, _json, _txt_record, _base64, _escaped, _one_line, _old_mac, _binary)
    return next((found for found in (look(begin) for look in looks) if found), None) or _foreign(body)


def _empty(begin: bytes) -> Disguise | None:
    if begin.strip(_SPACE + b"\x00"):
        return None
    return Disguise(OTHER, "is empty", "Write version, mode, mx and max_age into it")


def _wide(begin: bytes) -> Disguise | None:
    """Find two or four bytes a character, with a byte order mark or by the zeros."""
    for mark, codec, name in _WIDE:
        if begin.startswith(mark):
            return _in_encoding(begin.decode(codec, "replace"), name)
    for zeros, codec in ((begin[1:16:2], "utf-16-le"), (begin[0:16:2], "utf-16-be")):
        if len(zeros) > 1 and not any(zeros):
            return _in_encoding(begin.decode(codec, "replace"), "UTF-16")
    return None


def _in_encoding(text: str, name: str) -> Disguise:
    return Disguise(WRAPPED, f"is in {name}, and begins with {text.lstrip(chr(0xFEFF))[:_QUOTED]!r}", _PLAIN)


def _compressed(begin: bytes) -> Disguise | None:
    for magic, is_ in _MAGIC:
        if begin.startswith(magic):
            return Disguise(OTHER, is_, _UNCOMPRESSED if "compressed" in is_ else _PLAIN)
    return None


def _page(begin: bytes) -> Disguise | None:
    text = _stripped(begin)
    if text.startswith(b"<") or (_MARKUP.search(text) and not _BEGINS_A_FIELD.match(text)):
        return Disguise(PAGE, f"is a web page, which begins with {_quote(text)}", _SERVE)
    if _FIELD.match(text) and _MARKUP.search(text.split(b"\n", 1)[0]):
        return Disguise(WRAPPED, f"is written in HTML, and begins with {_quote(text)}", _PLAIN)
    return None


def _json(begin: bytes) -> Disguise | None:
    text = _stripped(begin)
    if not re.match(rb"[{\[][ \t\r\n]*(?:[{\[\"}\]0-9]|true|false|null)", text):
        return None
    return Disguise(OTHER, f"is JSON, which begins with {_quote(text)}", _SERVE)


def _txt_record(begin: bytes) -> Disguise | None:
    text = _stripped(begin)
    if not _TXT_RECORD.match(text):
        return None
    return Disguise(
        OTHER,
        f"is a TXT record, and begins with {_quote(text)}",
        "Leave that in DNS, and serve the policy, which begins with version: STSv1",
    )


def _base64(begin: bytes) -> Disguise | None:
    if not _stripped(begin).startswith(_ENCODED):
        return None
    return Disguise(WRAPPED, "is encoded in base64", "Decode it, and serve that")


def _escaped(begin: bytes) -> Disguise | None:
    r"""Find line ends that are written as \n, as in a JSON string or in the shell."""
    text = _stripped(begin)
    if not _ESCAPED_END.search(text) or not _is_crowded(text):
        return None
    return Disguise(
        WRAPPED,
        f"has line ends written as \\n, and begins with {_quote(text)}",
        "Write real line ends, CRLF, one field per line",
    )


def _one_line(begin: bytes) -> Disguise | None:
    text = begin.strip(_SPACE)
    if re.search(rb"[\r\n]", text) or not _is_crowded(text):
        return None
    return Disguise(
        WRAPPED,
        f"has all of its fields on one line, {_quote(text)}",
        "Write one field per line, and end lines with CRLF",
    )


def _old_mac(begin: bytes) -> Disguise | None:
    if b"\n" in begin or b"\r" not in begin.rstrip(_SPACE) or not _FIELD.search(begin):
        return None
    return Disguise(WRAPPED, "has lines that end with CR alone", "End them with CRLF")


def _binary(begin: bytes) -> Disguise | None:
    """Take for binary what is mostly not ASCII: brotli has no beginning of its own, nor have keys and pictures."""
    if len(_BINARY.findall(begin)) * 4 < len(begin) or _FIELD.search(begin):
        return None
    return Disguise(OTHER, f"is not text, perhaps compressed: it begins with {_quote(begin)}", _UNCOMPRESSED)


def _foreign(body: bytes) -> Disguise | None:
    """Take for something else what has not one field of a policy."""
    if _FIELD.search(body):
        return None
    if _ASSIGNMENT.search(body[:_SEEN]):
        return Disguise(WRAPPED, "has = where a colon belongs", "Write name: value, as in version: STSv1")
    text = _stripped(body[:_SEEN])
    return Disguise(OTHER, f"contains no policy field, and begins with {_quote(text)}", _SERVE)


def _is_crowded(text: bytes) -> bool:
    """Whether the first line has several fields."""
    line = re.split(rb"[\r\n]", text, maxsplit=1)[0]
    return len({name.lower() for name in _FIELD.findall(line)}) > 1


def _stripped(begin: bytes) -> bytes:
    return begin.removeprefix(_BOM).lstrip(_SPACE)


def _quote(text: bytes) -> str:
    return repr(text[:_QUOTED].decode("utf-8", "backslashreplace").strip())
