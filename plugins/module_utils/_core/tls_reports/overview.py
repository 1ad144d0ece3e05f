# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What rows say together: which types of failure occur.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .days import Row
from .result_types import result_type


def result_types(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Return what each type of failure means that occurs in the rows, by name; also one that nobody knows."""
    names = {name for row in rows for name in row.results}
    return [replace(result_type(name), name=name).as_dict() for name in sorted(names)]
