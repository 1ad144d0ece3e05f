# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_page: what the HTML page of an audit is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.html import (
    content_security_policy,
    headline,
    island,
    page_data,
)


def audit_page(audit: Mapping[str, Any], style: str, script: str) -> dict[str, str]:
    """Return ``headline``, ``audited``, ``security`` and ``island``; see audit_page.yml."""
    try:
        data = page_data(audit)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"audit_page: this is not what audit_info returned: {error!r}") from error
    return {
        "headline": headline(data["verdicts"]),
        "audited": data["audited"]["words"],
        "security": content_security_policy(str(style), str(script)),
        "island": island(data),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"audit_page": audit_page}
