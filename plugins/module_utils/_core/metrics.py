# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prometheus's text format, as node_exporter's textfile collector reads it.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .finding import shorten
from .text import printable

Sample = tuple[Mapping[str, str], int]

# Servers of metrics may refuse all that comes with a longer label; domain names are shorter.
LONGEST_LABEL = 256


def exposition(helps: Mapping[str, str], samples: Mapping[str, Iterable[Sample]]) -> str:
    """Return all metrics in the order in which they are explained, each with its samples."""
    return "".join(line for name, words in helps.items() for line in _family(name, words, samples[name]))


def _family(name: str, words: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {words}\n"
    yield f"# TYPE {name} gauge\n"
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escape(text)}"' for label, text in labels.items())
        yield f"{name}{{{inside}}} {value}\n" if inside else f"{name} {value}\n"


def _escape(text: str) -> str:
    return shorten(printable(text), LONGEST_LABEL).replace("\\", "\\\\").replace('"', '\\"')
