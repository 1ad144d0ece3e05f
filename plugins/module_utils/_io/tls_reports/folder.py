# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder of reports: as they were saved from mails, as mails, or as the endpoint has stored them.

Private to this collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..._core.bounds import REPORT_FILES_PER_FOLDER, REPORT_MAIL_BYTES
from ..._core.finding import Refused, escaped
from ..._core.tls_reports.state import Marks
from .. import files
from .source import Item, Unreadable

_TOO_LARGE = "Remove it: no report is that large"
TOO_MANY = "Remove or archive those that are old: what they say is kept in the state"


class Folder:
    """All plain files in a folder, not those in folders below it."""

    def __init__(self, path: str, marks: Marks) -> None:
        """Begin with what an earlier run has noted: size and time of each file."""
        self.name = f"folder {path}"
        self.marks = marks
        self._path = path

    def items(self) -> Iterator[Item]:
        """Give new files, and those that were written again. Raises Unreadable."""
        found, count = listing(self._path)
        before = self.marks
        self.marks = {}
        with opened(self._path) as folder:
            for file in found:
                mark = f"{file.size} {file.written}"
                if before.get(file.name) != mark:
                    try:
                        yield read(folder, file, "any")
                    except OSError as problem:
                        yield unreadable(file.name, problem)
                        continue
                self.marks[file.name] = mark
        if count > len(found):
            rule = f"it has {count:,} files, of which {len(found):,} are looked at, the first by name"
            raise Unreadable(rule, TOO_MANY)


def listing(path: str) -> tuple[list[files.Listed], int]:
    """Return the files to look at, and how many there are. Raises Unreadable."""
    with _telling(path):
        return files.plain_files_in(path, REPORT_FILES_PER_FOLDER)


@contextlib.contextmanager
def opened(path: str) -> Iterator[files.Folder]:
    """Open a folder for all that is read in it. Raises Unreadable."""
    with _telling(path), files.open_folder(path) as folder:
        yield folder


@contextlib.contextmanager
def _telling(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise Unreadable(said(problem), f"Check that {path} is a folder, and that it may be read") from problem


def read(folder: files.Folder, file: files.Listed, kind: str) -> Item:
    """Read a file that is not too large, as far as it was listed; nothing but a plain one is opened. Raises OSError."""
    name = escaped(file.name)
    if file.size > REPORT_MAIL_BYTES:
        return Item(name, refusal=Refused(f"it has {file.size:,} bytes, more than {REPORT_MAIL_BYTES:,}", _TOO_LARGE))
    return Item(name, folder.read(file.name, file.size), kind=kind)


def unreadable(name: str, problem: OSError) -> Item:
    """Return an item in place of a file that cannot be read; the next run tries again."""
    return Item(
        escaped(name), refusal=Refused(f"it cannot be read: {said(problem)}", "Check owner and mode of the file")
    )


def said(problem: OSError) -> str:
    """Return what the system says, with or without a number."""
    return escaped(problem.strerror or str(problem))
