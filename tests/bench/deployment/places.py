# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is where in the bench's lab, and what its domains are called; inventory/hosts.yml says the same to Ansible."""

from __future__ import annotations

LAB, LAB_NUMBER = "deployment", 9
PREFIX = f"mta-sts-lab-{LAB}"
IPV4 = f"198.18.{LAB_NUMBER}."
CA = "ca.bench.test_directory"  # as the role sts_certificate names the folder of https://ca.bench.test/directory
KNOT, RESOLVER, POLICY_HOST = f"{IPV4}2", f"{IPV4}4", f"{IPV4}13"


def domains(count: int) -> list[str]:
    """Return the names of so many domains."""
    return [f"d{number:05}.test" for number in range(count)]
