# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_junit: an audit as JUnit XML, for CI systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.junit import junit


def audit_junit(audit: Mapping[str, Any], fail_on: str = "error") -> str:
    """Return the XML; see audit_junit.yml."""
    try:
        return junit(audit, fail_on)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"audit_junit": audit_junit}
