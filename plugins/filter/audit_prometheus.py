# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_prometheus: an audit as metrics, for node_exporter's textfile collector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.prometheus import metrics


def audit_prometheus(audit: Mapping[str, Any]) -> str:
    """Return the metrics; see audit_prometheus.yml."""
    return metrics(audit)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"audit_prometheus": audit_prometheus}
