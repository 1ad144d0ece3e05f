# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""policy.parse: what is valid is read alike by forgiving senders, and comes back from being rendered."""

from __future__ import annotations

from harness import check_findings, check_time, fuzz, literals, load

policy = load("_core.policies.policy")


def try_one(data: bytes) -> None:
    """Read a policy."""
    reading = policy.parse(data, "example.com")
    check_findings(reading.findings)
    check_time(data, policy.parse)
    if reading.policy is not None:
        assert reading.lenient == reading.policy
        rendered = policy.render(reading.policy)
        again = policy.parse(rendered, "example.com")
        assert again.policy == reading.policy
        assert policy.render(again.policy) == rendered


if __name__ == "__main__":
    fuzz(try_one, literals("_core/policies/test_policy.py"))
