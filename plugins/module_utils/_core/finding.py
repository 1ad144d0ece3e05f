# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One thing that is wrong, or worth knowing: whose it is, where, by which rule, and what to do about it.

Private to this collection.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from .bounds import CHARACTERS_PER_TEXT, FINDINGS_PER_CHECK

REST_REMEDY = "Fix those listed first, then check again"
ELLIPSIS = "..."
QUOTED_CHARACTERS = 80

# What a text of several lines is made of besides its words
_LAYOUT = re.compile(r"(\r?\n|\t)")
_STOPS = (".", "?", "!", ";")

Kind = TypeVar("Kind")


def escaped(text: str) -> str:
    r"""Return the text with everything that is not printable written out, as \\x1b or \\u202e."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def escaped_text(text: str) -> str:
    """Return a text of several lines with its line breaks and tabs, and all else as :func:`escaped` does it."""
    parts = _LAYOUT.split(text)
    return "".join(part if place % 2 else escaped(part) for place, part in enumerate(parts))


def shorten(text: str, width: int) -> str:
    """Return the text, its middle left out if it is longer than that: both ends of a domain name tell most."""
    if len(text) <= width:
        return text
    end = (width - len(ELLIPSIS)) // 2
    return f"{text[: width - len(ELLIPSIS) - end]}{ELLIPSIS}{text[len(text) - end :]}"


def quote(text: str | bytes) -> str:
    """Quote what another side said: shortened, and with nothing in it that a terminal or a log would act upon."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    most = QUOTED_CHARACTERS - len(ELLIPSIS)
    return ascii(text if len(text) <= QUOTED_CHARACTERS else text[:most] + ELLIPSIS)


def bounded(text: str) -> str:
    """Return the text as long as findings may be, however long what a stranger has said."""
    return shorten(text, CHARACTERS_PER_TEXT)


def few(
    findings: Iterable[Kind], kind_of: Callable[[Kind], Hashable], rest: Callable[[Kind, str], Kind]
) -> tuple[Kind, ...]:
    """Return the first findings of each kind in their order, and in place of the others one that counts them.

    ``rest`` makes it of the first that is left out, and of the words that count.
    """
    times: Counter[Hashable] = Counter()
    shown: list[Kind] = []
    places: dict[Hashable, int] = {}
    for finding in findings:
        kind = kind_of(finding)
        times[kind] += 1
        if times[kind] == FINDINGS_PER_CHECK + 1:
            places[kind] = len(shown)
        if times[kind] <= FINDINGS_PER_CHECK + 1:
            shown.append(finding)
    for kind, place in places.items():
        shown[place] = rest(shown[place], f"and {times[kind] - FINDINGS_PER_CHECK:,} more of this kind")
    return tuple(shown)


def remedy_sentence(remedy: str) -> str:
    """Return what to do, as users read it."""
    return f"Remedy: {remedy}" + ("" if remedy.endswith(_STOPS) else ".")


def with_remedy(rule: str, remedy: str) -> str:
    """Return what is wrong, and what to do about it, as users read both."""
    return f"{rule}. {remedy_sentence(remedy)}"


class Refused(ValueError):
    """What cannot be used, or was not done: ``rule`` says why, ``remedy`` what to do instead."""

    def __init__(self, rule: str, remedy: str) -> None:
        """Keep both apart; the message joins them."""
        super().__init__(rule, remedy)
        self.rule = rule
        self.remedy = remedy

    def __str__(self) -> str:
        """As users read it."""
        return with_remedy(self.rule, self.remedy)


@dataclass(frozen=True)
class Finding:
    """What a check found.

    ``severity`` is error (a compliant sender is affected, or the input cannot be used), warning or info; ``rule``
    says what is wrong, with the offending value; ``section`` is the source (as in rfc.py, or empty);
    ``remedy`` says what to do; ``line`` counts from 1.
    """

    severity: str
    domain: str
    field: str
    rule: str
    section: str
    remedy: str
    line: int | None = None

    def __post_init__(self) -> None:
        """Write out what is not printable, and cut what is long: findings quote strangers and go to terminals."""
        for name in ("domain", "field", "rule", "section", "remedy"):
            text = bounded(getattr(self, name))
            object.__setattr__(self, name, text if text.isprintable() else bounded(escaped(text)))

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as modules and lookups return it."""
        return asdict(self)

    def __str__(self) -> str:
        """One sentence and its remedy, as users read it."""
        domain = f"{self.domain}: " if self.domain else ""
        line = f"line {self.line}: " if self.line is not None else ""
        section = f" ({self.section})" if self.section else ""
        return with_remedy(f"{domain}{self.field}: {line}{self.rule}{section}", self.remedy)


def error(domain: str, field: str, rule: str, section: str, remedy: str, line: int | None = None) -> Finding:
    """Make a finding of severity error."""
    return Finding("error", domain, field, rule, section, remedy, line)


def warning(domain: str, field: str, rule: str, section: str, remedy: str, line: int | None = None) -> Finding:
    """Make a finding of severity warning."""
    return Finding("warning", domain, field, rule, section, remedy, line)


def info(domain: str, field: str, rule: str, section: str, remedy: str, line: int | None = None) -> Finding:
    """Make a finding of severity info."""
    return Finding("info", domain, field, rule, section, remedy, line)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that make something unusable."""
    return [finding for finding in findings if finding.severity == "error"]


def few_of_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings few enough to be read: of one source (a file's lines, a record) so many of each severity."""

    def kind_of(finding: Finding) -> Hashable:
        return (finding.domain, finding.severity, finding.section, finding.line is None)

    def rest(finding: Finding, words: str) -> Finding:
        return replace(finding, rule=words, remedy=REST_REMEDY, line=None)

    return few(findings, kind_of, rest)
