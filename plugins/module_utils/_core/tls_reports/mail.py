# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a mail to what may be a report in it, and what the mail says of it (RFC 8460, section 5.3).

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..bounds import MAIL_DEPTH, MAIL_HEADER_BYTES, MAIL_PARTS, REPORT_MAIL_BYTES
from ..finding import Refused
from ..rfc import TLS_RPT_MAIL
from .hints import Hints, of_file_name, of_header
from .mail_header import Header
from .transfer_encoding import decode
from .unpack import REMOVE, seems_json

_NO_HEADER, _END_OF_HEADER = re.compile(rb"\r?\n"), re.compile(rb"\n\r?\n")
_DELIMITER = re.compile(rb"^--([^\n]*)", re.MULTILINE)
_MEDIA_TYPES = ("application/tlsrpt+json", "application/tlsrpt+gzip", "application/json", "text/json")
_ENDINGS = (".json", ".json.gz")


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
        raise Refused(f"the mail has {len(mail):,} bytes, more than {REPORT_MAIL_BYTES:,} ({TLS_RPT_MAIL})", REMOVE)
    whole = _split(_without_mbox_line(mail))
    hints = of_header(whole[0].words)
    found = []
    for header, body in _Parts().of(*whole, MAIL_DEPTH):
        name, data = header.file_name, decode(body, header.transfer_encoding)
        if header.media_type in _MEDIA_TYPES or name.lower().endswith(_ENDINGS) or seems_json(data):
            found.append(Attachment(name, data, hints.or_else(of_file_name(name))))
    return found


def calls_itself_a_report(mail: bytes) -> bool:
    """Return whether it does so in its header, whatever is in it. Raises Refused for a header without end."""
    header, _body = _split(_without_mbox_line(mail))
    return of_header(header.words).domain != "" or "tlsrpt" in header.words("Content-Type").lower()


def _without_mbox_line(mail: bytes) -> memoryview:
    return memoryview(mail)[mail.find(b"\n") + 1 if mail.startswith(b"From ") else 0 :]


def _split(part: memoryview) -> tuple[Header, memoryview]:
    """Return the header and the body of a mail, or of a part."""
    end = _NO_HEADER.match(part) or _END_OF_HEADER.search(part, 0, MAIL_HEADER_BYTES)
    if end is None and len(part) > MAIL_HEADER_BYTES:
        raise Refused(f"a header has more than {MAIL_HEADER_BYTES:,} bytes ({TLS_RPT_MAIL})", REMOVE)
    return (Header(part[: end.start()]), part[end.end() :]) if end else (Header(part), part[:0])


class _Parts:
    """The parts of one mail, counted however deep they are."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, header: Header, body: memoryview, depth: int) -> Iterator[tuple[Header, memoryview]]:
        """Give header and body of every part that has no parts itself."""
        self._count += 1
        if self._count > MAIL_PARTS:
            raise Refused(f"it has more than {MAIL_PARTS} parts ({TLS_RPT_MAIL})", REMOVE)
        inner = _inner(header, body)
        if inner is None:
            yield header, body
        elif not depth:
            raise Refused(f"it has parts within parts, more than {MAIL_DEPTH} deep ({TLS_RPT_MAIL})", REMOVE)
        else:
            for each in inner:
                yield from self.of(*_split(each), depth - 1)


def _inner(header: Header, body: memoryview) -> Iterable[memoryview] | None:
    """Return the parts of a part, None if it has none."""
    if header.media_type == "message/rfc822":
        return [memoryview(decode(body, header.transfer_encoding))]
    boundary = header.boundary if header.media_type.startswith("multipart/") else b""
    return _between(body, boundary) if boundary else None


def _between(body: memoryview, boundary: bytes) -> Iterator[memoryview]:
    """Cut the body of a multipart at its boundaries; what is before the first and behind the last is no part."""
    start = None
    for line in _DELIMITER.finditer(body):
        name = line[1].removesuffix(b"\r").rstrip(b" \t")
        if name not in (boundary, boundary + b"--"):
            continue
        if start is not None:
            part = body[start : line.start() - 1]
            yield part[:-1] if part[-1:] == b"\r" else part
        if name != boundary:
            return
        start = line.end() + 1
    if start is not None:
        yield body[start:]
