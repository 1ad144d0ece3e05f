# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file that remembers what was read: taken whole, or refused; written whole, or not at all.

Private to this collection.
"""

from __future__ import annotations

from ..._core.bounds import REPORT_STATE_BYTES
from ..._core.tls_reports.state import CorruptState, State, from_text, to_text
from .. import files


def read(path: str) -> State:
    """Return the state, an empty one if there is no file. Raises CorruptState and OSError."""
    text = _text(path)
    return State() if text is None else from_text(text)


def _text(path: str) -> str | None:
    """Return the text alone, for both it and its bytes may be large."""
    data = files.read_if_there(path, REPORT_STATE_BYTES)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        raise CorruptState("it is not UTF-8 text") from None


def write(path: str, state: State) -> None:
    """Replace the file; whoever calls holds its lock. Raises OSError."""
    files.remove_unfinished(files.folder_of(path))
    files.write_atomic(path, to_text(state).encode())
