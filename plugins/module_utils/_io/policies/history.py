# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history file of a policy host: what was served when.

Private to this collection.
"""

from __future__ import annotations

from ..._core.policies.history import CorruptHistory, History, from_json, to_json
from .. import files

OWNER = files.Owner(mode=0o644)


def read(path: str) -> dict:
    """Return the history; empty if there is no file. Raises CorruptHistory and OSError."""
    data = files.read_if_there(path)
    if data is None:
        return {}
    try:
        return from_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise CorruptHistory("it is not UTF-8 text") from None


def replace(path: str, before: History, after: History) -> None:
    """Write the history if it changed; the caller holds its lock. Raises OSError."""
    if to_json(before) != to_json(after):
        try:
            files.remove_unfinished(files.folder_of(path))
            files.write_atomic(path, to_json(after).encode(), OWNER)
        except OSError as problem:
            raise OSError(f"{path} cannot be written: {problem.strerror or problem}") from problem
