#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prove that every address of every policy host serves the policy that is meant."""

from __future__ import annotations

DOCUMENTATION = r"""
module: served_policies_info
version_added: 1.0.0
short_description: Proves that every policy is served as it is meant
description:
  - Fetches the policy of every domain from every address its policy host has in DNS, over verified HTTPS with SNI
    and without following redirects, as a sender does (RFC 8461, section 3.3), and compares the bytes with what is
    meant.
  - A domain is proven when at least one address was reached and every reachable address served exactly these bytes,
    with status 200 and media type V(text/plain) (RFC 8461, section 3.2).
  - An absent domain is proven when no address serves a policy for it any more (RFC 8461, section 8.3).
  - Only proven domains should get their C(_mta-sts) record, for a record must never announce what is not served
    (RFC 8461, section 8.1).
  - All domains are looked at concurrently; a hanging host costs its own domain the time-out and nobody else anything.
  - An address this machine has no route to, such as IPv6 where there is none, is a warning.
  - A customer's domain may point anywhere. An address that the world does not reach is an error and not connected to,
    unless it is one of O(policy_host_addresses), see O(allow_private).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._resolver
requirements:
  - dnspython >= 2.6
options:
  expected:
    description:
      - What is to be served, a dictionary per domain with C(domain), C(policy) (the text), C(state) and C(usable), as
        in the RV(postmaster.mta_sts.domains_info#module:results) of M(postmaster.mta_sts.domains_info).
      - Entries that are not C(usable) are left out.
      - Addresses of the policy host that M(postmaster.mta_sts.domains_info) is sure of (C(policy_host_addresses), with
        C(leads_here) V(yes) or V(no)) are not looked up again.
    type: list
    elements: dict
    required: true
  ca_path:
    description: A PEM file with the CA certificates to trust. Without it, the system's.
    type: path
  policy_host_addresses:
    description:
      - The addresses of our own policy hosts, as M(postmaster.mta_sts.domains_info) returns them in
        RV(postmaster.mta_sts.domains_info#module:our_addresses).
      - They are fetched from wherever they are - in an intranet, names may resolve to their private addresses.
    type: list
    elements: str
    default: []
  allow_private:
    description:
      - Connect to any address that the world does not reach, such as loopback, link-local and private ones. For labs,
        and for intranets whose addresses are not all in O(policy_host_addresses).
      - Addresses of no host at all, such as V(0.0.0.0) and multicast ones, are never connected to.
    type: bool
    default: false
  port:
    description: The HTTPS port. Senders always use 443.
    type: int
    default: 443
  fetch_timeout:
    description: Seconds one fetch may take altogether.
    type: float
    default: 15
  domain_timeout:
    description: Seconds all of one domain may take. What is not looked at when they are over is not proven.
    type: float
    default: 120
  attempts:
    description: How often an address that cannot be reached is tried, a second apart.
    type: int
    default: 2
  concurrency:
    description:
      - How many domains are looked at side by side. One that takes longer than 5 seconds waits for somebody silent; it
        makes room for the next one, until 8 times as many are under way.
    type: int
    default: 32
  quorum:
    description:
      - How many addresses of a domain are enough to serve its policy, if the others are down. A host with IPv4 and IPv6
        has two. None may serve anything else. V(0) means all of them.
      - An address that comes back with a former policy serves it under the new id. So deploy to hosts that were
        down before the world reaches them again.
    type: int
    default: 0
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: What is meant
  postmaster.mta_sts.domains_info:
    domains: "{{ mta_sts_domains }}"
    look_up: [mx]
  register: intent
  delegate_to: localhost

- name: What is served
  postmaster.mta_sts.served_policies_info:
    expected: "{{ intent.results }}"
  register: proof
  delegate_to: localhost

- name: Show who may be announced
  ansible.builtin.debug:
    var: proof.proven
"""

RETURN = r"""
proofs:
  description: One entry for every usable domain, in the order given.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    proven:
      description: Whether every reachable address serves exactly what is meant.
      type: bool
    addresses:
      description: The addresses of the policy host that were looked at, sixteen at most.
      type: list
      elements: str
      sample: [192.0.2.1, "2001:db8::1"]
    certificate_expiry:
      description: When the first of the certificates seen expires, in UTC.
      type: str
      sample: "2027-02-21T09:30:00Z"
    findings:
      description: What was found wrong, each with severity, domain, field, rule, section and remedy.
      type: list
      elements: dict
proven:
  description: The domains that are proven.
  type: list
  elements: str
  returned: always
problems:
  description: Every error as one sentence.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import RESOLVER, make_resolver, read_addresses
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    ADDRESSES_PER_HOST,
    SECONDS_PER_PROOF,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.proof import ProofOptions, Proven, prove_all

SPEC: dict[str, Any] = {
    "expected": {"type": "list", "elements": "dict", "required": True},
    **RESOLVER,
    "ca_path": {"type": "path"},
    "policy_host_addresses": {"type": "list", "elements": "str", "default": []},
    "allow_private": {"type": "bool", "default": False},
    "port": {"type": "int", "default": 443},
    "fetch_timeout": {"type": "float", "default": 15},
    "domain_timeout": {"type": "float", "default": SECONDS_PER_PROOF},
    "attempts": {"type": "int", "default": 2},
    "concurrency": {"type": "int", "default": 32},
    "quorum": {"type": "int", "default": 0},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    resolver = make_resolver(module)
    expected = [_expected(entry) for entry in options["expected"] if entry["usable"]]
    fetch = FetchOptions(
        ca_path=options["ca_path"],
        port=options["port"],
        timeout=options["fetch_timeout"],
        attempts=options["attempts"],
        allow_private=options["allow_private"],
        own=frozenset(read_addresses(module, "policy_host_addresses")),
    )
    how = ProofOptions(fetch, options["concurrency"], options["quorum"], options["domain_timeout"])
    proofs = prove_all(expected, resolver, how)
    module.exit_json(
        changed=False,
        proofs=[_entry(proven) for proven in proofs],
        proven=[proven.domain for proven in proofs if proven.proof.proven],
        problems=[str(finding) for proven in proofs for finding in errors(proven.proof.findings)],
    )


def _expected(entry: dict[str, Any]) -> Expected:
    present = entry["state"] == "present"
    policy = entry["policy"].encode() if present and entry["policy"] else None
    return Expected(entry["domain"], present, policy, addresses=_known(entry))


def _known(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return the policy host's addresses if domains_info was sure of them, and returned all there are."""
    addresses = entry.get("policy_host_addresses") or ()
    certain = entry.get("leads_here") in {"yes", "no"} and len(addresses) <= ADDRESSES_PER_HOST
    return tuple(addresses) if certain else ()


def _entry(proven: Proven) -> dict[str, Any]:
    expiry = proven.proof.certificate_expiry
    return {
        "domain": proven.domain,
        "proven": proven.proof.proven,
        "addresses": list(proven.addresses),
        "certificate_expiry": None if expiry is None else iso_time(expiry),
        "findings": [finding.as_dict() for finding in proven.proof.findings],
    }


if __name__ == "__main__":
    main()
