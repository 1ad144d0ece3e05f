# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What went wrong that nobody has thought of, in words that help to fix it.

One domain's oddity must not end the work for all: whoever goes through domains catches everything and reports it so.

Private to this collection.
"""

from __future__ import annotations

import traceback
from pathlib import PurePath

OURS = "plugins"


def told(problem: Exception) -> str:
    """Return the kind of an exception, its words, and the place in this collection that raised it or let it out."""
    frames = traceback.extract_tb(problem.__traceback__)
    places = [_place(frame) for frame in frames if OURS in PurePath(frame.filename).parts]
    words = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
    return f"{words} (in {places[-1]})" if places else words


def _place(frame: traceback.FrameSummary) -> str:
    parts = PurePath(frame.filename).parts
    at = len(parts) - parts[::-1].index(OURS)
    return f"{'/'.join(parts[at:])} line {frame.lineno}, {frame.name}"
