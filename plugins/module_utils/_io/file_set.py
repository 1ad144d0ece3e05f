# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring files and folders into the state they are to have, one after the other, and say what that changes.

Private to this collection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from . import files
from .files import Owner

# What everybody needs in a folder above: to go through it. Its owner goes on doing all.
PASSABLE = 0o711


@dataclass(frozen=True)
class Entry:
    """One path: ``state`` is present (a file with this content), directory or absent."""

    path: str
    state: str
    data: bytes
    owner: Owner


@dataclass(frozen=True)
class Change:
    """What is changed at a path: content, or owner and mode, before and after, for people."""

    path: str
    before: str
    after: str


def bring_about(entry: Entry, *, check: bool) -> list[Change]:
    """Do what is missing, unless ``check``, and return what that is. Raises OSError."""
    ways = {"present": _file, "directory": _folder, "absent": _nothing}
    return list(ways[entry.state](entry, check))


def _file(entry: Entry, check: bool) -> Iterator[Change]:
    before = files.read_if_there(entry.path)
    if before != entry.data:
        if not check:
            files.write_atomic(entry.path, entry.data, entry.owner)
        yield Change(entry.path, _text(before or b""), _text(entry.data))
    elif _is_wrong(entry, files.correct_owner):
        yield Change(entry.path, _line(files.owner_of(entry.path)), _line(entry.owner))
        if not check:
            files.correct_owner(entry.path, entry.owner, write=True)


def _folder(entry: Entry, check: bool) -> Iterator[Change]:
    above = files.folder_of(entry.path)
    if os.path.isdir(above):
        yield from _passable(above, check)
    if not os.path.isdir(entry.path):
        if not check:
            files.make_folder(entry.path)
            files.correct_folder(entry.path, entry.owner, write=True)
        yield Change(entry.path, "", _line(entry.owner))
    elif _is_wrong(entry, files.correct_folder):
        yield Change(entry.path, _line(files.folder_owner(entry.path)), _line(entry.owner))
        if not check:
            files.correct_folder(entry.path, entry.owner, write=True)


def _passable(folder: str, check: bool) -> Iterator[Change]:
    """Let everybody pass through a folder that may be somebody else's: nothing else about it is changed."""
    before = files.folder_owner(folder)
    after = replace(before, mode=before.mode | PASSABLE)
    if before != after:
        yield Change(folder, _line(before), _line(after))
        if not check:
            files.correct_folder(folder, after, write=True)


def _nothing(entry: Entry, check: bool) -> Iterator[Change]:
    if os.path.lexists(entry.path):
        if not check:
            files.remove_tree(entry.path)
        yield Change(entry.path, "present\n", "")


def _is_wrong(entry: Entry, correct: Callable[..., bool]) -> bool:
    """Say whether owner or mode are wrong; an account that is still to be made owns nothing yet."""
    try:
        return correct(entry.path, entry.owner, write=False)
    except files.UnknownAccount:
        return True


def _line(owner: Owner) -> str:
    return f"owner {owner.user}, group {owner.group}, mode {owner.mode:04o}\n"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
