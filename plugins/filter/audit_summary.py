# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_summary: an audit in a few lines for a terminal, and whether it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.terminal import summarize


def audit_summary(
    audit: Mapping[str, Any],
    fail_on: str = "error",
    shown: int = 20,
    width: int = 80,
    dns: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return ``lines``, ``failed``, ``problems`` and ``message``; see audit_summary.yml."""
    records = (dns or {}).get("records", [])
    unsettled = {record["domain"] for record in records if record.get("changed") or not record.get("published")}
    try:
        return asdict(summarize(audit, fail_on, int(shown), int(width), unsettled))
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"audit_summary": audit_summary}
