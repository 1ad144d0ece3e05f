#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders get at our addresses now, whoever serves it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: live_policies_info
version_added: 1.1.0
short_description: Fetches the policies that senders get now, whoever serves them
description:
  - Fetches the policy of each domain over verified HTTPS from those addresses of its policy host that are our own, and
    asks for the C(_mta-sts) record that announces it.
  - It is for domains that somebody has set up by hand on the policy hosts. What senders get until ours takes its place
    may be held by them for C(max_age) from then on (RFC 8461, section 3.2).
  - What cannot be fetched, and what no sender would accept, is left out.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._resolver
requirements:
  - dnspython >= 2.6
options:
  domains:
    description: The policy domains to look at, as A-labels.
    type: list
    elements: str
    required: true
  policy_host_addresses:
    description: The addresses of our own policy hosts, or names that stand for them; no other is connected to.
    type: list
    elements: str
    required: true
  ca_path:
    description: A PEM file with the CA certificates to trust. Without it, the system's.
    type: path
  port:
    description: The HTTPS port. Senders always use 443.
    type: int
    default: 443
  fetch_timeout:
    description: Seconds one fetch may take altogether.
    type: float
    default: 15
  concurrency:
    description: How many domains are looked at side by side.
    type: int
    default: 32
seealso:
  - module: postmaster.mta_sts.nginx_config_info
  - module: postmaster.mta_sts.policies
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: See what senders get now
  postmaster.mta_sts.live_policies_info:
    domains: [example.com]
    policy_host_addresses: [192.0.2.1]
  register: live
  delegate_to: localhost

- name: Remember it beside the policies of ours
  postmaster.mta_sts.policies:
    domains: "{{ mta_sts_domains }}"
    served_by_others: "{{ live.served }}"
"""

RETURN = r"""
results:
  description: One entry per domain, in the order given.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    record_id:
      description: The id in its C(_mta-sts) record; null where there is none, or it could not be looked up.
      type: str
      sample: apr2021
    record_known:
      description: Whether DNS has answered; if so, and RV(results[].record_id) is null, there is no such record.
      type: bool
    served:
      description: Whether senders get a policy, or may get one; see RV(live).
      type: bool
    policies:
      description: What senders accept, an entry for each policy; several where addresses serve different ones.
      type: list
      elements: dict
      contains:
        policy_id:
          description: The id that this collection would give these bytes.
          type: str
          sample: 5a0c51a3f1d7e2b4
        mode:
          description: Its mode.
          type: str
          sample: enforce
        max_age:
          description: For how many seconds senders keep it.
          type: int
          sample: 604800
        addresses:
          description: The addresses that serve it.
          type: list
          elements: str
live:
  description:
    - The domains that senders get a policy of, as O(postmaster.mta_sts.nginx_config_info#module:live) takes them.
    - One whose policy could not be looked for is among them, too, unless it is certain that no record announces one.
      Either none of our addresses can be reached from here, or DNS does not say which are those of its policy host.
  type: list
  elements: str
  returned: always
served:
  description: The same policies as O(postmaster.mta_sts.policies#module:served_by_others) takes them.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    policy:
      description: The text of the policy.
      type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import RESOLVER, make_resolver, read_addresses
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.live import Live
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.live import look_at_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.proof import ProofOptions

SPEC: dict[str, Any] = {
    **RESOLVER,
    "domains": {"type": "list", "elements": "str", "required": True},
    "policy_host_addresses": {"type": "list", "elements": "str", "required": True},
    "ca_path": {"type": "path"},
    "port": {"type": "int", "default": 443},
    "fetch_timeout": {"type": "float", "default": 15},
    "concurrency": {"type": "int", "default": 32},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    ours = frozenset(read_addresses(module, "policy_host_addresses", names=True))
    fetch = FetchOptions(given["ca_path"], given["port"], given["fetch_timeout"], own=ours)
    found = look_at_all(given["domains"], ours, make_resolver(module), ProofOptions(fetch, given["concurrency"]))
    module.exit_json(
        changed=False,
        results=[_entry(live) for live in found],
        live=[live.domain for live in found if live.served],
        served=[
            {"domain": live.domain, "policy": policy.data.decode("utf-8", "replace")}
            for live in found
            for policy in live.policies
        ],
    )


def _entry(live: Live) -> dict[str, Any]:
    return {
        "domain": live.domain,
        "record_id": live.record_id,
        "record_known": live.record_known,
        "served": live.served,
        "policies": [
            {
                "policy_id": policy.policy_id,
                "mode": policy.policy.mode,
                "max_age": policy.policy.max_age,
                "addresses": list(policy.addresses),
            }
            for policy in live.policies
        ],
    }


if __name__ == "__main__":
    main()
