# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is synthesised from a wildcard, and what a new name would take from it (RFC 4592).

A wildcard answers for every name that does not exist; a record at ``a.b`` makes ``b`` exist as well (section 2.2.2),
and from then on the wildcard answers for neither, nor for any name below them. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

NOBODY = "_nobody-made-this"

Content = TypeVar("Content")
"""What stands at a name, in a form that can be compared; false where nothing does."""


def parents(name: str, zone: str) -> Iterator[str]:
    """Return the names above a name, its zone's own the last; without a zone, all but the root."""
    while name != zone and "." in name:
        name = name.partition(".")[2]
        yield name


def beside(name: str) -> str:
    """Return a name that is answered as ``name`` is if a wildcard makes that up, and does not exist otherwise."""
    return f"{NOBODY}.{name}"


def source(name: str, zone: str, here: Content, ask: Callable[[str], Content]) -> str | None:
    """Return the wildcard that makes up what stands ``here``, at the name; None if the name has it of its own.

    Below a name that exists its own wildcard may answer with the same: then nothing above it does.
    """
    if not here or ask(beside(name)) != here:
        return None
    found = None
    for parent in parents(name, zone):
        if ask(f"*.{parent}") != here:
            break
        found = f"*.{parent}"
    return found


def woken(name: str, zone: str) -> list[str]:
    """Return the names that a record at ``name`` makes exist, those of services (with an underscore) left out."""
    return [parent for parent in parents(name, zone) if parent != zone and not parent.startswith("_")]
