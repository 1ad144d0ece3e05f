# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter hosts_of_later_batches: the hosts that a play with serial has not come to yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def hosts_of_later_batches(
    hosts: Iterable[str], batch: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the hosts outside this batch that have no policies of this run; see hosts_of_later_batches.yml."""
    here = set(batch)
    # hostvars works out a host's variables when it is asked for them
    return [host for host in hosts if host not in here and "sts_policy_result" not in hostvars[host]]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"hosts_of_later_batches": hosts_of_later_batches}
