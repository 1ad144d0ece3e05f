# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks of the user that were to publish records or load zones: what a failed one says, and for which of them.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..bounds import FINDINGS_PER_CHECK
from ..finding import bounded, with_remedy
from ..text import printable

HIDDEN = "what it said is hidden by no_log"
# What modules say first: their own sentence, then what a program printed
_WORDS = ("msg", "stderr", "reason", "stdout")


def problems(task: Mapping[str, Any], result: Mapping[str, Any], names: Collection[str]) -> list[str]:
    """Return a sentence for each cause, with those of the names that a loop failed for.

    ``task`` and ``result`` are as Ansible has them for a rescue.
    """
    hidden = bool(task.get("no_log")) or "censored" in result
    concerned: dict[str, list[str]] = {}
    for failure in _failures(result):
        cause = HIDDEN if hidden else _cause(failure)
        concerned.setdefault(cause, []).extend(_named(failure.get(_loop_variable(failure)), frozenset(names)))
    label = printable(str(task.get("name") or task.get("action") or "of no name"))
    return [_sentence(label, cause, list(dict.fromkeys(those))) for cause, those in concerned.items()]


def _failures(result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what failed: the items of a loop, or the task as a whole."""
    items = [item for item in result.get("results") or () if isinstance(item, Mapping)]
    return [item for item in items if item.get("failed") or item.get("unreachable")] or [result]


def _loop_variable(failure: Mapping[str, Any]) -> str:
    return str(failure.get("ansible_loop_var") or "item")


def _named(item: object, names: frozenset[str]) -> Iterable[str]:
    """Return the names that an item of a loop is about: one itself, a record, or either with something beside it."""
    if isinstance(item, str):
        return [item] if item in names else []
    if isinstance(item, Mapping):
        return _named(item.get("name"), names) or _named(item.get("item"), names) or _named(item.get("zone"), names)
    if isinstance(item, Sequence):
        return next(filter(None, (_named(part, names) for part in item)), [])
    return []


def _cause(failure: Mapping[str, Any]) -> str:
    said = (printable(str(failure[word])) for word in _WORDS if failure.get(word))
    return bounded(next(said, "it said nothing")).rstrip(".")


def _sentence(label: str, cause: str, names: Sequence[str]) -> str:
    shown, rest = names[:FINDINGS_PER_CHECK], len(names) - FINDINGS_PER_CHECK
    where = f" for {', '.join(shown)}" + (f" and {rest:,} more" if rest > 0 else "") if names else ""
    remedy = "Put it right, then run again"
    if cause == HIDDEN:
        remedy = "Set no_log to false there for one run whose output only you read; put right what it says, run again"
    return with_remedy(f"sts_dns: the task '{label}' failed{where}: {cause}", remedy)
