# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""domains.read_domains: any list is read or refused in words; what was read is read again, and makes a valid policy."""

from __future__ import annotations

import atheris
from harness import check_findings, fuzz, literals, load, plain

domains = load("_core.domains")
policy = load("_core.policies.policy")
WORDS = [
    *domains.KEYS, *domains.MODES, *domains.STATES,
    *(text.decode() for text in literals("_core/test_domains.py") if len(text) < 80),
]  # fmt: skip


def try_one(data: bytes) -> None:
    """Read a list of domains, with defaults."""
    provider = atheris.FuzzedDataProvider(data)
    raw, defaults = plain(provider, WORDS), plain(provider, WORDS) if provider.ConsumeBool() else None
    found, findings = domains.read_domains(raw, defaults)
    check_findings(findings)
    again, problems = domains.read_domains([domain.as_dict() for domain in found])
    assert (again, problems) == (found, [])
    for domain in found:
        if domain.present and not domain.needs_mx:
            reading = policy.parse(domain.policy_text(), domain.domain)
            assert reading.policy == domain.policy(), reading.findings


if __name__ == "__main__":
    fuzz(try_one, [bytes(range(256)), bytes(256), b"\x06\x01\x07\x02" * 40])
