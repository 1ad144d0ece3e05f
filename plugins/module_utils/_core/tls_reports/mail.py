# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a mail to what may be a report in it, and what the mail says of it (RFC 8460, section 5.3).

The standard library's parser has no bounds to parts, depth and header fields; here it gets one header at a time.
Private to this collection.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from ..bounds import MAIL_DEPTH, MAIL_HEADER_BYTES, MAIL_PARTS, REPORT_MAIL_BYTES
from ..finding import Refused
from ..rfc import TLS_RPT_MAIL
from .hints import Hints, of_file_name, of_header

_END_OF_HEADER = re.compile(rb"(?:\A|\r?\n)[ \t]*\r?\n")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_MEDIA_TYPES = ("application/tlsrpt+json", "application/tlsrpt+gzip", "application/json", "text/json")
_ENDINGS = (".json", ".json.gz")
_BEGINNINGS = (b"\x1f\x8b", b"{", b"\xef\xbb\xbf{")
_PARSER = BytesHeaderParser(policy=compat32)
_REMEDY = "Remove it, unless you know its sender"


@dataclass(frozen=True)
class Attachment:
    """One part of a mail that may be a report, decoded: its name, "" if it has none, and what it and the mail say."""

    name: str
    data: bytes
    hints: Hints


def attachments(mail: bytes) -> list[Attachment]:
    """Return the parts that may be reports, in their order; none if the mail is about something else.

    Raises Refused for a mail that is too large, or made to be read for ever.
    """
    if len(mail) > REPORT_MAIL_BYTES:
        raise Refused(f"the mail has {len(mail):,} bytes, more than {REPORT_MAIL_BYTES:,} ({TLS_RPT_MAIL})", _REMEDY)
    if mail.startswith(b"From "):  # the line of an mbox
        mail = mail.partition(b"\n")[2]
    header, _body = _split(mail)
    hints = of_header(lambda field: _words(header, field))
    found: list[Attachment] = []
    for part, body in _leaves(mail, MAIL_DEPTH):
        if len(found) == MAIL_PARTS:
            break
        name, data = _file_name(part), _decoded(part, body)
        if part.get_content_type() in _MEDIA_TYPES or name.lower().endswith(_ENDINGS) or _begins_as_one(data):
            found.append(Attachment(name, data, hints.or_else(of_file_name(name))))
    return found


def calls_itself_a_report(mail: bytes) -> bool:
    """Return whether it does so in its header, whatever is in it."""
    header, _body = _split(mail)
    return of_header(lambda field: _words(header, field)).domain != "" or "tlsrpt" in _words(header, "Content-Type")


def _split(mail: bytes) -> tuple[Message, bytes]:
    """Return the header and the body of a mail, or of a part."""
    end = _END_OF_HEADER.search(mail, 0, MAIL_HEADER_BYTES)
    if end is None and len(mail) > MAIL_HEADER_BYTES:
        raise Refused(f"a header has more than {MAIL_HEADER_BYTES:,} bytes ({TLS_RPT_MAIL})", _REMEDY)
    head, body = (mail[: end.start()], mail[end.end() :]) if end else (mail, b"")
    return _PARSER.parsebytes(head + b"\r\n\r\n"), body


def _leaves(mail: bytes, depth: int) -> Iterator[tuple[Message, bytes]]:
    """Give every part that has no parts itself."""
    header, body = _split(mail)
    if header.get_content_type() == "message/rfc822" and depth:
        yield from _leaves(_decoded(header, body), depth - 1)
    elif header.get_content_maintype() != "multipart":
        yield header, body
    elif not depth:
        raise Refused(f"it has parts within parts, more than {MAIL_DEPTH} deep ({TLS_RPT_MAIL})", _REMEDY)
    else:
        for part in _parts(body, header.get_boundary() or ""):
            yield from _leaves(part, depth - 1)


def _parts(body: bytes, boundary: str) -> list[bytes]:
    """Cut the body of a multipart at its boundaries; what is before the first and behind the last is no part."""
    line = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("ascii", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    places = []
    for place in re.finditer(line, body):
        places.append(place)
        if len(places) > MAIL_PARTS + 1:
            raise Refused(f"it has more than {MAIL_PARTS} parts ({TLS_RPT_MAIL})", _REMEDY)
        if place[1]:
            break
    ends = [place.start() for place in places[1:]] + [len(body)]
    return [re.sub(rb"\A\r?\n", b"", body[place.end() : end]) for place, end in zip(places, ends) if not place[1]]


def _decoded(part: Message, body: bytes) -> bytes:
    """Undo the transfer encoding, as strangely as it may be written."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64":
        # Line ends, blanks and what a gateway has put below: only the alphabet counts, up to the padding.
        kept = body.partition(b"=")[0].translate(None, _NOT_BASE64)
        return binascii.a2b_base64(kept[: len(kept) // 4 * 4 + (len(kept) % 4 if len(kept) % 4 != 1 else 0)] + b"==")
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    return body


def _begins_as_one(data: bytes) -> bool:
    return data[:1000].lstrip().startswith(_BEGINNINGS)


def _file_name(part: Message) -> str:
    try:
        return part.get_filename("") or ""
    except (ValueError, LookupError):  # a charset nobody has
        return ""


def _words(header: Message, field: str) -> str:
    """Return the text of a field on one line."""
    raw = str(header.get(field, ""))
    try:
        return " ".join(str(make_header(decode_header(raw))).split())
    except (HeaderParseError, ValueError, LookupError):
        return " ".join(raw.split())
