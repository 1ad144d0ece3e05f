# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as JUnit XML, which CI systems show: a test suite per domain, a test case per check.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ...finding import remedy_sentence
from ...text import printable
from .fail_on import NEVER, reaches

Result = Mapping[str, Any]

NOT_LOOKED_AT = "could not be looked at, or was not asked for"


def junit(audit: Result, fail_on: str = "error") -> str:
    """Return the XML. Findings that reach the threshold are failures, the others appear as output.

    Errors are failures also with the threshold never, which is about runs. Raises ValueError for a wrong threshold.
    """
    reaches("ok", fail_on)
    threshold = "error" if fail_on == NEVER else fail_on
    suites = [_Suite(audit, result, threshold) for result in audit["results"]]
    counts = {count: sum(suite.counts[count] for suite in suites) for count in ("tests", "failures", "errors")}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes({'name': 'mta_sts', **counts})}>"]
    for suite in suites:
        lines += suite.lines()
    return "\n".join([*lines, "</testsuites>", ""])


class _Suite:
    """One domain."""

    def __init__(self, audit: Result, result: Result, threshold: str) -> None:
        self._checks = audit["checks"]
        self._domain = result["domain"]
        self._at = audit["audited_at"].rstrip("Z")
        self._skipped = set(result["not_looked_at"])
        self._failed: dict[str, list[Result]] = {}
        self._told: dict[str, list[Result]] = {}
        for finding in result["findings"]:
            kind = self._failed if reaches(finding["severity"], threshold) else self._told
            kind.setdefault(finding["check"], []).append(finding)
        found = self._failed.keys() | self._told.keys()
        self.counts = {
            "tests": len(self._checks),
            "failures": len(self._failed),
            "errors": 0,
            "skipped": len(self._skipped - found),
        }

    def lines(self) -> Iterator[str]:
        """Return the suite's elements."""
        about = {"name": self._domain, "timestamp": self._at, "time": 0, **self.counts}
        yield f"<testsuite{_attributes(about)}>"
        for check in self._checks:
            start = f"<testcase{_attributes({'classname': self._domain, 'name': check['name'], 'time': 0})}"
            inside = "".join(self._inside(check["name"]))
            yield f"{start}>{inside}</testcase>" if inside else f"{start}/>"
        yield "</testsuite>"

    def _inside(self, check: str) -> Iterator[str]:
        failed, told = self._failed.get(check, []), self._told.get(check, [])
        if failed:
            message = "; ".join(finding["seen"] for finding in failed)
            kind = "error" if any(finding["severity"] == "error" for finding in failed) else "warning"
            yield f"<failure{_attributes({'type': kind, 'message': message})}>{escape(_text(failed))}</failure>"
        elif check in self._skipped and not told:
            yield f"<skipped{_attributes({'message': NOT_LOOKED_AT})}/>"
        if told:
            yield f"<system-out>{escape(_text(told))}</system-out>"


def _text(findings: Sequence[Result]) -> str:
    return "\n".join(
        f"{finding['severity']}: {printable(finding['subject'])}: {printable(finding['seen'])} ({finding['section']})\n"
        f"{remedy_sentence(printable(finding['remedy']))}"
        for finding in findings
    )


def _attributes(of: Mapping[str, object]) -> str:
    return "".join(f' {name}="{escape(printable(str(value)))}"' for name, value in of.items())
