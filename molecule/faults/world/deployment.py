# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is meant: domains that are there all the time, one that is new, and their policies.

The version of a policy shows in its max_age: version 3 has three seconds more than the first.
"""

from __future__ import annotations

import hashlib
from typing import Any

import yaml
from lab.playbook import SCENARIO

DAY = 86400
INVENTORY = yaml.safe_load((SCENARIO / "inventory/group_vars/all.yml").read_text(encoding="utf-8"))
ENTRIES = {entry["domain"]: entry for entry in INVENTORY["mta_sts_domains"]}
STANDING = tuple(ENTRIES)
# Has no certificate and is not announced before a test lists it.
NEW = "new.test"
ENTRIES[NEW] = {"domain": NEW, "mx": [f"mx.{NEW}"]}
EVERYTHING = (*STANDING, NEW)
POLICY_HOST = "policy13"


def first_max_age(domain: str) -> int:
    """Return what a domain of that mode gets by default."""
    return 28 * DAY if ENTRIES[domain].get("mode") == "enforce" else DAY


def listed(version: int, domains: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the list of domains as a user has it in mta_sts_domains."""
    return [{**ENTRIES[domain], "max_age": first_max_age(domain) + version} for domain in domains]


def policy(domain: str, version: int) -> bytes:
    """Return a policy as it must be served."""
    mode = ENTRIES[domain].get("mode", "testing")
    lines = ["version: STSv1", f"mode: {mode}", f"mx: mx.{domain}", f"max_age: {first_max_age(domain) + version}"]
    return "".join(f"{line}\r\n" for line in lines).encode()


def policy_id(domain: str, version: int) -> str:
    """Return the id that stands for a policy."""
    return hashlib.sha256(policy(domain, version)).hexdigest()[:16]


# Of each domain the version that an id stands for; more of them than a lab ever sees
VERSIONS = {domain: {policy_id(domain, version): version for version in range(1000)} for domain in EVERYTHING}
