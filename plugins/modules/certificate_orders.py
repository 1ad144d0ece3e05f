#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which policy hosts get certificates, write their list, and remove the certificates of absent domains."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_orders
version_added: 1.0.0
short_description: Decides which policy hosts are to have certificates
description:
  - Writes the list of names that the host orders and renews certificates for, and removes every certificate and key of
    domains whose C(state) in O(results) is V(absent). Orders nothing itself.
  - With O(challenge=http-01) a name is ordered when it resolves to one of the policy hosts. One that
    resolves to other addresses is not, for the CA could not validate it and failures count against its rate limits.
    When the look-up failed, a name that was ordered before stays in the list.
  - With O(challenge=dns-01) the CA does not mind what a name resolves to, so every name is ordered. That of a
    domain which is to move here has its certificate before it does.
  - An absent domain keeps its certificate for as long as its policy is served, for senders may still hold that policy
    (RFC 8461, section 8.3).
  - Names in the list whose domains are not among O(results) leave it; their certificates stay until they expire.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._certificates
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - cryptography >= 3.3, where there is a certificate to read
options:
  results:
    description:
      - The RV(postmaster.mta_sts.domains_info#module:results) of M(postmaster.mta_sts.domains_info), called with
        O(postmaster.mta_sts.domains_info#module:look_up=policy_host).
    type: list
    elements: dict
    required: true
  addresses:
    description: The policy hosts' addresses, to name them where a name resolves to others.
    type: list
    elements: str
    default: []
  challenge:
    description: How the CA validates the names.
    type: str
    choices: [http-01, dns-01]
    default: http-01
  domains_txt:
    description: The file with the list of names.
    type: path
    default: /etc/mta-sts/dehydrated/domains.txt
  policy_root:
    description: Folder with a folder for each domain whose policy is served.
    type: path
    default: /var/www/mta-sts
seealso:
  - module: postmaster.mta_sts.certificate_info
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: See where the policy hosts' names lead
  postmaster.mta_sts.domains_info:
    domains: "{{ mta_sts_domains }}"
    look_up: [policy_host]
    policy_host_addresses: [192.0.2.1, "2001:db8::1"]
  register: intent
  delegate_to: localhost

- name: Say which of them shall have certificates
  postmaster.mta_sts.certificate_orders:
    results: "{{ intent.results }}"
    addresses: [192.0.2.1, "2001:db8::1"]
    store: /var/lib/mta-sts/dehydrated/certs/acme-v02.api.letsencrypt.org_directory
  register: orders
"""

RETURN = r"""
domains:
  description: One entry for each of O(results), in their order.
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
    action:
      description: V(order) (and renew from then on), V(leave) or V(remove).
      type: str
    reason:
      description: Why, without a full stop; empty when there is nothing to say.
      type: str
      sample: mta-sts.example.com resolves to 192.0.2.7, which is no policy host, so no certificate is ordered for it
    remedy:
      description: What to do about it; empty when nothing need be done.
      type: str
    before:
      description: SHA-256 fingerprint of the certificate there is now for each key type, none where there is none.
      type: dict
due:
  description: Certificates that are to be ordered now.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: The policy host.
      type: str
    key_type:
      description: The key type.
      type: str
    reason:
      description: Why.
      type: str
      sample: there is none
start:
  description: Whether ordering must be started on the host; otherwise its timer does so.
  type: bool
  returned: always
unlisted:
  description: >-
    Names whose domains are not among O(results), and that stay on the list while O(policy_root) has their policy.
  type: list
  elements: str
  returned: always
"""

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import CERTIFICATES, read_addresses
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import Stored, why_due
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.orders import (
    DNS_01,
    HTTP_01,
    ORDER,
    REMOVE,
    Host,
    domains_txt,
    plan_orders,
    read_domains_txt,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import escaped_text, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_domain
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.store import (
    CertificateStore,
    CryptographyMissing,
    discard,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there, write_atomic
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.store import policy_file

SPEC = {
    **CERTIFICATES,
    "results": {"type": "list", "elements": "dict", "required": True},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "challenge": {"type": "str", "choices": [HTTP_01, DNS_01], "default": HTTP_01},
    "domains_txt": {"type": "path", "default": "/etc/mta-sts/dehydrated/domains.txt"},
    "policy_root": {"type": "path", "default": "/var/www/mta-sts"},
}


def run(given: dict[str, Any], now: int, dry: bool) -> dict[str, Any]:
    """Plan, apply unless ``dry``, and return what the module returns."""
    store = CertificateStore(Path(given["store"]), Path(given["live_root"]), tuple(given["key_types"]))
    present = read_if_there(given["domains_txt"])
    before = (present or b"").decode("utf-8", "replace")
    ordered = read_domains_txt(before)

    def is_served(domain: str) -> bool:
        return os.path.exists(policy_file(given["policy_root"], domain))

    served = {result["domain"] for result in given["results"] if is_served(result["domain"])}
    host = Host(ordered, store.certified(), served)
    orders = plan_orders(given["results"], host, given["addresses"], given["challenge"])
    found = {order.policy_host: store.read(order.policy_host) for order in orders}
    unlisted = [name for name in ordered if name not in found and is_served(policy_domain(name))]
    after = domains_txt(orders, unlisted)
    wanted = [order.policy_host for order in orders if order.action == ORDER]
    due = [
        {"name": name, "key_type": key_type, "reason": reason}
        for name in wanted
        for key_type, stored in found[name].items()
        for reason in [why_due(stored, name, key_type, now)]
        if reason
    ]
    misplaced = any(not stored.served for name in wanted for stored in found[name].values())
    obsolete = store.everything_of(order.policy_host for order in orders if order.action == REMOVE)

    if not dry:
        if present is None or after != before:
            write_atomic(given["domains_txt"], after.encode())
        discard(obsolete)
        for one in due:
            store.forget(one["name"], one["key_type"], found[one["name"]][one["key_type"]])
    return {
        "changed": present is None or after != before or bool(obsolete),
        "diff": [
            {
                "before_header": given["domains_txt"],
                "after_header": given["domains_txt"],
                "before": escaped_text(before),
                "after": after,
            },
            *({"before_header": str(path), "before": "present\n", "after": ""} for path in obsolete),
        ],
        "domains": [{**asdict(order), "before": _fingerprints(found[order.policy_host])} for order in orders],
        "due": due,
        "start": misplaced or bool(due),
        "unlisted": unlisted,
    }


def _fingerprints(by_key_type: dict[str, Stored]) -> dict[str, str | None]:
    return {
        key_type: stored.certificate.fingerprint if stored.certificate else None
        for key_type, stored in by_key_type.items()
    }


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        given = {**module.params, "addresses": read_addresses(module, "addresses")}
        module.exit_json(**run(given, int(time.time()), module.check_mode))
    except CryptographyMissing as missing:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=str(missing))
    except OSError as problem:
        rule = f"The orders cannot be written to {module.params['domains_txt']} and the store: {problem}"
        path = problem.filename or module.params["domains_txt"]
        module.fail_json(msg=with_remedy(rule, f"Free space, or check owner and mode of {path}, and run again"))


if __name__ == "__main__":
    main()
