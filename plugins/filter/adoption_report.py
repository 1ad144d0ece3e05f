# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter adoption_report: who answers in our place, and what senders get there, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.adoption import (
    answered_by_others,
    read_host,
    what_is_there,
)

Registered = Mapping[str, Any]


def adoption_report(hosts: Iterable[Registered], live: Registered, results: Iterable[Registered]) -> dict[str, Any]:
    """Return ``domains`` and ``lines``; see adoption_report.yml."""
    read = [read_host(host) for host in hosts]
    return {
        "domains": answered_by_others(read),
        "lines": what_is_there(read, live.get("results", []), results),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"adoption_report": adoption_report}
