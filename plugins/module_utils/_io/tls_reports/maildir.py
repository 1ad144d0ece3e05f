# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Maildir: what a mail server has delivered there, whether a mail program has seen it or not.

Private to this collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..._core.tls_reports.state import Marks
from .folder import TOO_MANY, listing, opened, read, unreadable
from .source import Item, Unreadable

# In that order: what a mail program moves from the first to the second meanwhile is seen in one of them at least.
_FOLDERS = ("new", "cur")
_READ = "read"


class Maildir:
    """The mails in new and cur. Nothing is moved or marked, so that mail programs notice nothing."""

    def __init__(self, path: str, marks: Marks) -> None:
        """Begin with what an earlier run has noted: the unique names of mails."""
        self.name = f"Maildir {path}"
        self.marks = marks
        self._path = path

    def items(self) -> Iterator[Item]:
        """Give new mails by their names, which begin with the time of delivery. Raises Unreadable."""
        listings = {folder: listing(f"{self._path}/{folder}") for folder in _FOLDERS}
        mails = {_unique(file.name): (folder, file) for folder in _FOLDERS for file in listings[folder][0]}
        before = self.marks
        self.marks = {unique: _READ for unique in mails if unique in before}
        with contextlib.ExitStack() as stack:
            folders = {folder: stack.enter_context(opened(f"{self._path}/{folder}")) for folder in _FOLDERS}
            for unique, (folder, file) in sorted(mails.items()):
                if unique in before:
                    continue
                try:
                    yield read(folders[folder], file, "mail")
                except FileNotFoundError:  # a mail program has just moved or removed it
                    continue
                except OSError as problem:
                    yield unreadable(file.name, problem)
                    continue
                self.marks[unique] = _READ
        for folder, (found, count) in listings.items():
            if count > len(found):
                rule = f"{folder} has {count:,} mails, of which {len(found):,} are looked at, the first by name"
                raise Unreadable(rule, TOO_MANY)


def _unique(name: str) -> str:
    """Return the part of a name that stays when a mail is moved or marked."""
    return name.partition(":")[0]
