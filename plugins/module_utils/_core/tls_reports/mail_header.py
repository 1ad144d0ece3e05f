# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The few fields of a mail's header, or a part's, that say what is in it and whom it is about.

The standard library reads what is in a field; it is not given whole headers, for it has no bounds to them: its time
grows with the square of a field's length. Private to this collection.
"""

from __future__ import annotations

import contextlib
import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property

from ..bounds import MAIL_FIELD_BYTES

_NAMES = (
    b"Content-Type",
    b"Content-Transfer-Encoding",
    b"Content-Disposition",
    b"Subject",
    b"TLS-Report-Domain",
    b"TLS-Report-Submitter",
)
# With the line end before it, for which the standard library looks fastest
_FIELD = re.compile(rb"\n(" + b"|".join(_NAMES) + rb")[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_LINE_END = re.compile(r"\r?\n")
# What the standard library says of a field that it cannot read, among others of a charset that nobody has
_UNREADABLE = (MessageError, ValueError, LookupError)


class Header:
    """These fields, each as it stands first."""

    def __init__(self, lines: memoryview) -> None:
        """Find them."""
        self._fields: dict[str, str] = {}
        for field in _FIELD.finditer(b"\n" + lines):
            name = field[1].decode("ascii").lower()
            if name not in self._fields:
                # Byte by byte, so that a boundary can be told in bytes again
                text = field[2][:MAIL_FIELD_BYTES].decode("latin-1")
                self._fields[name] = _LINE_END.sub("", text).strip()

    def words(self, name: str) -> str:
        """Return the text of a field on one line, "" if there is none."""
        return _words(self._fields.get(name.lower(), ""))

    @cached_property
    def media_type(self) -> str:
        """As in application/json; text/plain where none is named."""
        kind = self._fields.get("content-type", "").partition(";")[0].strip().lower()
        return kind if kind.count("/") == 1 else "text/plain"

    @property
    def boundary(self) -> bytes:
        """What parts the parts; empty if nothing does."""
        try:
            return (self._read("content-type").get_boundary() or "").encode("latin-1")
        except _UNREADABLE:
            return b""

    @property
    def transfer_encoding(self) -> str:
        """As in base64."""
        return self._fields.get("content-transfer-encoding", "")

    @property
    def file_name(self) -> str:
        """The name of an attachment, however it is encoded; no sender means the blanks of a folded one."""
        try:
            return "".join(_words(self._read("content-type", "content-disposition").get_filename("")).split())
        except _UNREADABLE:
            return ""

    def _read(self, *names: str) -> Message:
        """Let the standard library read the parameters of these fields, in all the ways they may be encoded."""
        message = Message()
        for name in names:
            if name in self._fields:
                message[name] = self._fields[name]
        return message


def _words(written: str) -> str:
    if "=?" in written:
        with contextlib.suppress(*_UNREADABLE):
            written = str(make_header(decode_header(written)))
    return " ".join(written.split())
