# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""dehydrated.explain: whatever dehydrated printed, there is a cause and a remedy for people to read."""

from __future__ import annotations

from harness import check_time, fuzz, literals, load

dehydrated = load("_core.certificates.dehydrated")


def try_one(data: bytes) -> None:
    """Explain a failure."""
    failure = dehydrated.explain(data.decode("utf-8", "replace"))
    assert all(text.isprintable() for text in vars(failure).values()), failure
    check_time(data, lambda large: dehydrated.explain(large.decode("utf-8", "replace")))


if __name__ == "__main__":
    fuzz(try_one, literals("_core/certificates/test_dehydrated.py"))
