#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at certificates of policy hosts that somebody else obtains and renews."""

from __future__ import annotations

DOCUMENTATION = r"""
module: external_certificate_info
version_added: 1.0.0
short_description: Checks the certificates that somebody else obtains
description:
  - Looks at the certificates and keys on this host that nginx is to serve policy hosts with, where somebody else
    obtains and renews them, such as certbot, or where one wildcard certificate serves all.
  - Each must name the policy host (RFC 8461, section 3.3), be within its validity period and match its key.
  - A file whose path has C({host}) or C({domain}) must be readable by the user nginx runs as, because nginx reads it at
    each handshake. Any other is read by root when nginx starts.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._certificates.pairs
  - postmaster.mta_sts._domains
requirements:
  - cryptography >= 3.3
options:
  certificates:
    required: true
  user:
    description: The user nginx runs as.
    type: str
    default: www-data
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Will certbot's certificates do
  postmaster.mta_sts.external_certificate_info:
    domains: "{{ mta_sts_domains }}"
    certificates:
      - certificate: /etc/letsencrypt/live/{host}/fullchain.pem
        key: /etc/letsencrypt/live/{host}/privkey.pem
  register: certificates
"""

RETURN = r"""
domains:
  description: One entry for every domain that is present, in their order.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    policy_host:
      description: Its policy host.
      type: str
      sample: mta-sts.example.com
    outcome:
      description: V(kept) when all its certificates will do, else V(failed).
      type: str
    reason:
      description: Why not.
      type: str
    expires:
      description: When the first of its certificates expires, in UTC; null when one will not do.
      type: str
      sample: "2027-02-21T09:30:00Z"
problems:
  description: A sentence with its remedy for each domain that V(failed).
  type: list
  elements: str
  returned: always
"""

import time
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import DOMAINS, PAIRS, read_list
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.external import judge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.outcomes import CertificateOutcome
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.external import (
    HAS_CRYPTOGRAPHY,
    UnknownUser,
    read_pairs,
)

SPEC: dict[str, Any] = {
    **DOMAINS,
    "certificates": {**PAIRS, "required": True},
    "user": {"type": "str", "default": "www-data"},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    if not HAS_CRYPTOGRAPHY:
        module.fail_json(msg=missing_required_lib("cryptography"))
    now, options = int(time.time()), module.params
    try:
        outcomes = [
            judge(
                domain.domain,
                domain.policy_host,
                read_pairs(options["certificates"], domain.domain, domain.policy_host, options["user"]),
                now,
            )
            for domain in read_list(module)
            if domain.present
        ]
    except UnknownUser as problem:
        module.fail_json(msg=with_remedy(f"user: {problem}", "Name the user nginx runs as"))
    module.exit_json(
        changed=False,
        domains=[_entry(outcome) for outcome in outcomes],
        problems=[outcome.problem for outcome in outcomes if outcome.problem],
    )


def _entry(outcome: CertificateOutcome) -> dict[str, Any]:
    entry = asdict(outcome)
    del entry["pending_until"]
    del entry["problem"]
    return {**entry, "expires": None if outcome.expires is None else iso_time(outcome.expires)}


if __name__ == "__main__":
    main()
