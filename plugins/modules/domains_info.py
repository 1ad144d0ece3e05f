#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the list of mail domains: validate, complete, look up."""

from __future__ import annotations

DOCUMENTATION = r"""
module: domains_info
version_added: 1.0.0
short_description: Reads the list of mail domains, validates and completes it
description:
  - Returns for every mail domain what is to be published - policy, policy id, TXT records - and what prevents it.
  - Every mistake in the list is reported at once, each with domain, field, rule and remedy, and the module fails.
  - If DNS does not answer for a domain, its entry is not C(usable); all others are.
  - Runs on the controller or any machine that can ask DNS; it changes nothing.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._domains
  - postmaster.mta_sts._resolver
requirements:
  - dnspython >= 2.6, for O(look_up)
options:
  look_up:
    description:
      - What to ask DNS for. Nothing is asked for absent domains.
      - V(mx) - the live MX records. They become the patterns where C(mx) is left out. Where it is given, an MX that no
        pattern covers is an error in mode V(enforce) and a warning in mode V(testing) (RFC 8461, section 4.1).
      - V(policy_host) - the addresses of C(mta-sts.<domain>), compared with O(policy_host_addresses).
      - V(delegation) - of domains with C(delegated_to), whether the names that their owner publishes point to us (RFC
        8461, section 8.2); C(mta-sts.<domain>) must resolve to O(policy_host_addresses).
    type: list
    elements: str
    choices: [mx, policy_host, delegation]
    default: []
  policy_host_addresses:
    description:
      - The addresses under which the world reaches the policy hosts. A name is replaced by the addresses it stands for
        on the machine the module runs on.
      - P(postmaster.mta_sts.policy_host_addresses#filter) makes them of an inventory.
    type: list
    elements: str
    default: []
  returned:
    description: Which lists to return. With thousands of domains each is large, and Ansible is slow with large results.
    type: list
    elements: str
    choices: [domains, results, records, zone_lines]
    default: [domains, results, records, zone_lines]
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Read the list
  postmaster.mta_sts.domains_info:
    domains:
      - domain: example.com
        mx: [mx1.example.com]
        tls_rpt: ["mailto:tlsrpt@example.com"]
      - domain: example.org
    look_up: [mx]
  register: intent
  delegate_to: localhost

- name: Show the records
  ansible.builtin.debug:
    var: intent.records
"""

RETURN = r"""
domains:
  description: >-
    The usable entries, complete, as every module of this collection takes them. Where the live MX set was looked up, it
    stands in C(mx).
  type: list
  elements: dict
  returned: when O(returned) names it
results:
  description: One entry per domain, in the order given.
  type: list
  elements: dict
  returned: when O(returned) names it
  contains:
    domain:
      description: The policy domain, as A-labels.
      type: str
      sample: example.com
    state:
      description: V(present) or V(absent).
      type: str
    mode:
      description: The policy's mode.
      type: str
    max_age:
      description: Seconds a sender may keep the policy.
      type: int
    usable:
      description: Whether nothing stands in the way of publishing, or removing, the policy.
      type: bool
    policy_host:
      description: The host that serves the policy.
      type: str
      sample: mta-sts.example.com
    policy:
      description: The policy's text; null for an absent domain and while its MX patterns are unknown.
      type: str
    policy_id:
      description: The policy's id; null where there is no policy.
      type: str
      sample: 5a0c51a3f1d7e2b4
    mx:
      description: The patterns; null while they are unknown.
      type: list
      elements: str
    mx_live:
      description: The names in the MX records; null when they were not looked up.
      type: list
      elements: str
    policy_host_addresses:
      description: The addresses of the policy host's name; null when they were not looked up.
      type: list
      elements: str
    leads_here:
      description:
        - Whether that name resolves to O(policy_host_addresses) and to no other address - V(yes), V(no) or V(unknown).
      type: str
    delegated_to:
      description: The name to which the domain's owner points its names by CNAME; null for a domain of one's own.
      type: str
    delegation:
      description: What its owner still has to publish, a finding each; empty when it was not looked up.
      type: list
      elements: dict
    findings:
      description: What was found, each with severity, domain, field, rule, section and remedy.
      type: list
      elements: dict
records:
  description: >-
    The TXT records to publish, for M(postmaster.mta_sts.dns_records). A value of null means that there is to be none.
  type: list
  elements: dict
  returned: when O(returned) names it
  contains:
    domain:
      description: The policy domain.
      type: str
    name:
      description: The owner name.
      type: str
      sample: _mta-sts.example.com
    value:
      description: The text.
      type: str
      sample: v=STSv1; id=5a0c51a3f1d7e2b4;
    owner:
      description: The domain of the list whose own name this is, if another domain is delegated to it; otherwise null.
      type: str
zone_lines:
  description: The same records as lines of a zone file, without those that are to be removed.
  type: list
  elements: str
  returned: when O(returned) names it
  sample: ['_mta-sts.example.com. IN TXT "v=STSv1; id=5a0c51a3f1d7e2b4;"']
our_addresses:
  description: O(policy_host_addresses), with names looked up.
  type: list
  elements: str
  returned: always
problems:
  description: Every error as one sentence.
  type: list
  elements: str
  returned: always
"""

from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import (
    DOMAINS,
    RESOLVER,
    make_resolver,
    read_addresses,
    read_list,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import zone_line
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Intent, all_records
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.intent import LOOK_UPS, complete

LISTS = ("domains", "results", "records", "zone_lines")
SPEC: dict[str, Any] = {
    **DOMAINS,
    **RESOLVER,
    "look_up": {"type": "list", "elements": "str", "choices": list(LOOK_UPS), "default": []},
    "policy_host_addresses": {"type": "list", "elements": "str", "default": []},
    "returned": {"type": "list", "elements": "str", "choices": list(LISTS), "default": list(LISTS)},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    domains = read_list(module)
    resolver = make_resolver(module) if options["look_up"] else None
    ours = read_addresses(module, "policy_host_addresses", names=True)
    intents = complete(domains, options["look_up"], ours, resolver)
    lists = _lists(intents)
    module.exit_json(
        changed=False,
        **{name: lists[name] for name in options["returned"]},
        our_addresses=ours,
        problems=[str(finding) for intent in intents for finding in errors((*intent.findings, *intent.delegation))],
    )


def _lists(intents: Sequence[Intent]) -> dict[str, list[Any]]:
    wanted = all_records(intents)
    return {
        "domains": [intent.domain.as_dict() for intent in intents if intent.usable],
        "results": [_entry(intent) for intent in intents],
        "records": wanted,
        "zone_lines": [zone_line(record["name"], record["value"]) for record in wanted if record["value"] is not None],
    }


def _entry(intent: Intent) -> dict[str, Any]:
    domain, policy = intent.domain, intent.policy
    return {
        **domain.as_dict(),
        "usable": intent.usable,
        "policy_host": domain.policy_host,
        "policy": None if policy is None else policy.decode("ascii"),
        "policy_id": None if policy is None else policy_id(policy),
        "mx_live": None if intent.mx_live is None else list(intent.mx_live),
        "policy_host_addresses": None if intent.addresses is None else list(intent.addresses),
        "leads_here": intent.leads_here,
        "delegation": [finding.as_dict() for finding in intent.delegation],
        "findings": [finding.as_dict() for finding in intent.findings],
    }


if __name__ == "__main__":
    main()
