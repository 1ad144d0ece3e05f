# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter policy_host_addresses: all addresses under which the world reaches the policy hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.addresses import InvalidAddress, whereabouts


def policy_host_addresses(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return every address of every host, host after host, each once; see policy_host_addresses.yml."""
    try:
        return list(dict.fromkeys(address for host in hosts for address in whereabouts(hostvars[host], host)))
    except InvalidAddress as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"policy_host_addresses": policy_host_addresses}
