# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An mbox, read while others may append to it: one mail after the other, up to the end it had at first.

Private to this collection.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from ..._core.bounds import REPORT_MAIL_BYTES
from ..._core.finding import Refused
from ..._core.tls_reports.state import Marks
from .. import files
from .folder import said
from .source import Item, Unreadable

_BEGINNING = b"From "
_BLANK = (b"\n", b"\r\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LONGEST_LINE = 64 * 1024
_FINGERPRINT_BYTES = 4096
POSITION, FINGERPRINT = "position", "fingerprint"


class Mbox:
    """One file with all mails. It is neither locked nor written to."""

    def __init__(self, path: str, marks: Marks) -> None:
        """Begin with what an earlier run has noted: where it ended, and what stood before that."""
        self.name = f"mbox {path}"
        self.marks = marks
        self._path = path

    def items(self) -> Iterator[Item]:
        """Give the mails behind the position, or all where the file is no longer the one it was. Raises Unreadable."""
        try:
            with files.open_to_read(self._path) as file:
                yield from self._mails(file)
        except OSError as problem:
            raise Unreadable(said(problem), f"Check that {self._path} is an mbox, and that it may be read") from problem

    def _mails(self, file: BinaryIO) -> Iterator[Item]:
        end = os.fstat(file.fileno()).st_size
        place = self._resumed(file, end)
        if end > place and not _begins_at(file, place):
            raise Unreadable(
                f'no mail begins at byte {place:,} of it, with "From "', "Name an mbox, or convert it to one"
            )
        file.seek(place)
        for data, mail_end, is_whole in _split(file, place, end):
            if mail_end == end and not (is_whole and os.fstat(file.fileno()).st_size == end):
                break  # it is still being delivered, and whole in the next run
            yield _item(place, data)
            place = mail_end
            self.marks = {POSITION: str(place), FINGERPRINT: _fingerprint(file, place)}
            file.seek(place)

    def _resumed(self, file: BinaryIO, end: int) -> int:
        try:
            place = int(self.marks.get(POSITION, "0"))
        except ValueError:
            return 0
        same = 0 < place <= end and _fingerprint(file, place) == self.marks.get(FINGERPRINT)
        return place if same and (place == end or _begins_at(file, place)) else 0


def _split(file: BinaryIO, place: int, end: int) -> Iterator[tuple[bytes, int, bool]]:
    """Give each mail, no more of it than is read of any, where it ends, and whether a blank line is at its end."""
    mail = bytearray()
    begins = blank = True
    while place < end:
        line = file.readline(min(_LONGEST_LINE, end - place))
        if not line:
            return
        if blank and mail and line.startswith(_BEGINNING):
            yield bytes(mail), place, True
            file.seek(place + len(line))
            mail.clear()
        if len(mail) <= REPORT_MAIL_BYTES:
            mail += line
        blank = begins and line in _BLANK
        begins = line.endswith(b"\n")
        place += len(line)
    if mail:
        yield bytes(mail), place, blank


def _item(place: int, data: bytes) -> Item:
    name = f"mail at byte {place}"
    if len(data) > REPORT_MAIL_BYTES:
        rule = f"it has more than {REPORT_MAIL_BYTES:,} bytes"
        return Item(name, refusal=Refused(rule, "Remove it, unless you know its sender"))
    return Item(name, _QUOTED.sub(rb"\1", data.partition(b"\n")[2]))


def _begins_at(file: BinaryIO, place: int) -> bool:
    """Whether a mail begins there, and not what was missing of one when its delivery paused at a blank line."""
    file.seek(place)
    return file.read(len(_BEGINNING)) == _BEGINNING


def _fingerprint(file: BinaryIO, place: int) -> str:
    """Name what stands before a place, which is another text as soon as mails are removed or marked."""
    begin = max(0, place - _FINGERPRINT_BYTES)
    file.seek(begin)
    return hashlib.sha256(file.read(place - begin)).hexdigest()[:16]
