# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all sources have in common: they give items, new ones only, and note in marks how far they were read.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..._core.finding import Refused
from ..._core.tls_reports.state import Marks


class Unreadable(Refused):
    """A source, or the rest of it, that cannot be read now."""


@dataclass
class Item:
    """A file or a mail: what people call it, and its bytes, or why those are not looked at.

    ``kind`` is mail, or any where a file has to be looked at to know. Whoever reads it says whether it ``is_report``.
    """

    name: str
    data: bytes = b""
    refusal: Refused | None = None
    kind: str = "mail"
    is_report: bool = False


class Source(Protocol):
    """Where reports arrive. ``name`` is what people and the state call it, ``marks`` what is to be kept of it."""

    name: str

    @property
    def marks(self) -> Marks:
        """How far it was read."""

    def items(self) -> Iterator[Item]:
        """Give what the marks do not know yet, one after the other, and note it. Raises Unreadable."""
