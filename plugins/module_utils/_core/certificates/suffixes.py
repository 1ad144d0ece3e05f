# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which domain was registered, of which a name is a part: CAs count by it (https://publicsuffix.org).

Private to this collection.
"""

from __future__ import annotations


class PublicSuffixes:
    """The rules of the public suffix list; without any, each name counts for itself."""

    def __init__(self, text: str = "") -> None:
        """Read the list as it is published."""
        lines = (line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip() and line[:2] != "//")
        self._rules = frozenset(_a_label(line.lower()) for line in lines)

    def registered(self, name: str) -> str:
        """Return the public suffix of a name with the label before it, the name itself where it is no longer."""
        labels = name.lower().rstrip(".").split(".")
        if not self._rules:
            return ".".join(labels)
        return ".".join(labels[max(len(labels) - self._suffix(labels) - 1, 0) :])

    def _suffix(self, labels: list[str]) -> int:
        """Return how many labels the public suffix has; one where no rule fits."""
        for start in range(len(labels)):
            rule = ".".join(labels[start:])
            above = ".".join(["*", *labels[start + 1 :]])
            if f"!{rule}" in self._rules:
                return len(labels) - start - 1
            if rule in self._rules or above in self._rules:
                return len(labels) - start
        return 1


def _a_label(rule: str) -> str:
    """Return a rule as names are ordered; one that cannot be written so fits none of them."""
    try:
        return rule if rule.isascii() else rule.encode("idna").decode("ascii")
    except UnicodeError:
        return rule
