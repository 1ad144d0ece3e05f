# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose policies a host serves, as far as it can be seen: what is served needs its certificate (RFC 8461, section 8.3).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..finding import Finding, error
from ..names import several
from ..policies.plan import removed
from ..rfc import REMOVING


@dataclass(frozen=True)
class PolicyRoot:
    """The folder of the policies and the domains that have one in it; ``trouble`` says why that is unknown."""

    path: str
    domains: frozenset[str] = frozenset()
    trouble: str = ""


@dataclass(frozen=True)
class ServedPolicies:
    """What shows policies: their folder, the domains the web server answers for, and what ``policies`` returned.

    ``policies`` is None where it did not run.
    """

    root: PolicyRoot
    web_server: Collection[str] = ()
    policies: Sequence[Mapping[str, Any]] | None = None

    @property
    def domains(self) -> set[str]:
        """The domains whose policy is served."""
        result = self.policies or ()
        staying = {policy["domain"] for policy in result if policy["policy_id"] is not None}
        return set(self.root.domains - removed(result)) | staying | set(self.web_server)

    def doubt(self, present: Collection[str]) -> str:
        """Say why others may be served as well, "" when none can; ``present`` are the domains that are to be."""
        if self.root.trouble:
            return f"{self.root.path} {self.root.trouble}"
        if present and self.root.domains.isdisjoint(present):
            return f"{self.root.path} has no policy of a domain that is present"
        return ""

    def why_not_remove_all(self) -> Finding | None:
        """Return what forbids removing all keys of the host; None if nothing does."""
        served = sorted(self.domains)
        if served:
            rule = f"this host still serves the policies of {several(served)}, so no key and no certificate is removed"
            remedy = "Take these domains down with state: absent first; run sts_policy and sts_vhost before this role"
            return error("", "state", rule, REMOVING, remedy)
        if self.root.trouble and self.policies is None:
            rule = (
                f"{self.root.path} {self.root.trouble}, so policies may still be served, "
                "and no key and no certificate is removed"
            )
            remedy = (
                "Mount its disk, or set mta_sts_policy_root to the folder of the policies; "
                f"if there are none any more: mkdir -p {self.root.path}"
            )
            return error("", "state", rule, REMOVING, remedy)
        return None
