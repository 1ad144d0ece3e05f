# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter policy_host_peers: one address of every other policy host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.addresses import InvalidAddress, whereabouts


def policy_host_peers(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], this: str) -> list[str]:
    """Return the first address of every host but this one; see policy_host_peers.yml."""
    try:
        return [known[0] for host in hosts if host != this for known in [whereabouts(hostvars[host], host)] if known]
    except InvalidAddress as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"policy_host_peers": policy_host_peers}
