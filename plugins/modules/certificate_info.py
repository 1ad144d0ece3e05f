#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which policy hosts have which certificates, until when, and why one is missing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_info
version_added: 1.0.0
short_description: Reads the certificates of the policy hosts
description:
  - Reads what the role P(postmaster.mta_sts.sts_certificate#role) has ordered, for any number of policy hosts at once.
  - A policy host needs a certificate that names it, is within its validity period and is served (RFC 8461,
    section 3.3).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._certificates
requirements:
  - cryptography >= 3.3, where there is a certificate to read
options:
  names:
    description: Names of policy hosts.
    type: list
    elements: str
    default: []
  orders:
    description:
      - What M(postmaster.mta_sts.certificate_orders) returned before certificates were ordered, as
        RV(postmaster.mta_sts.certificate_orders#module:domains). RV(domains) and RV(problems) say what became of each.
    type: list
    elements: dict
    default: []
  wait:
    description:
      - Seconds to wait until the service on the host has done what O(asked) stands for, as far as it can in that time.
        What the CA takes later is V(pending).
    type: int
    default: 0
    version_added: 1.1.0
  asked:
    description: >-
      What M(postmaster.mta_sts.certificate_orders) returned as
      RV(postmaster.mta_sts.certificate_orders#module:asked).
    type: str
    default: ""
    version_added: 1.1.0
seealso:
  - module: postmaster.mta_sts.certificate_orders
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Read the certificates of two policy hosts
  postmaster.mta_sts.certificate_info:
    names: [mta-sts.example.com, mta-sts.example.org]
  register: found

- name: Show those that end within a week
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.expires }}"
  loop: "{{ found.certificates | selectattr('seconds_left', 'lt', 7 * 86400) }}"
"""

RETURN = r"""
certificates:
  description: One entry for each of O(names), in their order.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: The policy host.
      type: str
      sample: mta-sts.example.com
    expires:
      description: When the first of its certificates expires, in UTC; none while a key type has no good certificate.
      type: str
      sample: "2027-02-21T09:30:00Z"
    seconds_left:
      description: Seconds until then, 0 without it.
      type: int
    key_types:
      description: A dictionary for each key type, under its name.
      type: dict
      contains:
        present:
          description: Whether there is a certificate.
          type: bool
        expires:
          description: When it expires, in UTC.
          type: str
        seconds_left:
          description: Seconds until then; below zero when it is over.
          type: int
        issuer:
          description: Who issued it.
          type: str
          sample: CN=R10,O=Let's Encrypt,C=US
        names:
          description: The DNS names in it.
          type: list
          elements: str
        key_type:
          description: The type its key really has.
          type: str
        served:
          description: Whether nginx finds this very key and certificate.
          type: bool
        due:
          description: Whether it is to be ordered.
          type: bool
        reason:
          description: Why it is to be ordered.
          type: str
          sample: less than a third of its lifetime is left
        failure:
          description: Why it could not be issued when it was last tried; empty when it could.
          type: str
domains:
  description: One entry for each of O(orders), in their order.
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
      description:
        - V(issued) when there is a new certificate, V(kept) when the present one serves, V(pending) when one is ordered
          as soon as the CA takes the order, V(failed) when one is missing or could not be renewed, V(not_ordered) when
          the name was not ordered, V(absent) when the domain is gone.
        - In check mode V(due) when one would be ordered.
      type: str
    reason:
      description: Why, without a full stop; empty when there is nothing to say.
      type: str
    expires:
      description: When the first of its certificates expires, in UTC; none while a key type has no good certificate.
      type: str
    pending_until:
      description:
        - When the CA takes the next of its orders, in UTC, as far as the host can tell; none when nothing is
          V(pending).
      type: str
      version_added: 1.1.0
    key_types:
      description: As in RV(certificates[].key_types).
      type: dict
problems:
  description: A sentence with its remedy for each domain that V(failed) or was V(not_ordered).
  type: list
  elements: str
  returned: always
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import CERTIFICATES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import (
    Stored,
    good_until,
    why_due,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.dehydrated import Failure, explain
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.orders import Order
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.outcomes import (
    DISK_FULL,
    judge,
    unreadable,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.pending import Pending
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import escaped
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.status import (
    read_status,
    wait_for,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.store import (
    CertificateStore,
    CryptographyMissing,
    open_store,
)

SPEC = {
    **CERTIFICATES,
    "names": {"type": "list", "elements": "str", "default": []},
    "orders": {"type": "list", "elements": "dict", "default": []},
    "wait": {"type": "int", "default": 0},
    "asked": {"type": "str", "default": ""},
}


def run(given: dict[str, Any], now: int, dry: bool) -> dict[str, Any]:
    """Return what the module returns."""
    names, orders = given["names"], given["orders"]
    store = open_store(given)
    pending = {} if dry else _pending(store, given)
    found = {name: store.read(name) for name in {*names, *(order["policy_host"] for order in orders)}}
    general_failure = _general_failure(store)
    shown = {
        name: {kind: _shown(stored, name, kind, now) for kind, stored in read.items()} for name, read in found.items()
    }
    outcomes = [
        judge(
            Order(**{field: order[field] for field in ("domain", "policy_host", "action", "reason", "remedy")}),
            order["before"],
            found[order["policy_host"]],
            general_failure,
            now,
            dry,
            pending.get(order["policy_host"]),
        )
        for order in orders
    ]
    return {
        "certificates": [
            {"name": name, **_until(good_until(found[name], name, now), now), "key_types": shown[name]}
            for name in names
        ],
        "domains": [
            {
                "domain": outcome.domain,
                "policy_host": outcome.policy_host,
                "outcome": outcome.outcome,
                "reason": outcome.reason,
                "expires": _iso(outcome.expires),
                "pending_until": _iso(outcome.pending_until),
                "key_types": shown[outcome.policy_host],
            }
            for outcome in outcomes
        ],
        "problems": [outcome.problem for outcome in outcomes if outcome.problem],
    }


def _pending(store: CertificateStore, given: dict[str, Any]) -> Mapping[str, Mapping[str, Pending]]:
    """Return what the host orders later."""
    status = read_status(store.root)
    believed = not given["asked"] or status.has_seen(given["asked"])
    return status.pending if believed and not store.is_full() else {}


def _general_failure(store: CertificateStore) -> Failure | None:
    """Return what keeps dehydrated from coming to any name."""
    if store.is_full():
        return DISK_FULL
    try:
        words = store.general_failure()
    except OSError as problem:
        return unreadable(str(problem))
    return explain(words) if words else None


def _shown(stored: Stored, name: str, key_type: str, now: int) -> dict[str, Any]:
    present = stored.certificate
    reason = why_due(stored, name, key_type, now)
    return {
        "present": present is not None,
        "expires": _iso(present.not_after) if present else None,
        "seconds_left": present.not_after - now if present else 0,
        "issuer": present.issuer if present else "",
        "names": list(present.names) if present else [],
        "key_type": present.key_type if present else "",
        "served": stored.served,
        "due": bool(reason),
        "reason": reason,
        "failure": explain(stored.failure).cause if stored.failure else escaped(stored.unreadable),
    }


def _until(moment: int | None, now: int) -> dict[str, Any]:
    return {"expires": _iso(moment), "seconds_left": 0 if moment is None else moment - now}


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso_time(moment)


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        given = module.params
        if given["asked"]:
            wait_for(Path(given["state_root"]), open_store(given).root, given["asked"], given["wait"], time.sleep)
        module.exit_json(**run(given, int(time.time()), module.check_mode))
    except CryptographyMissing as missing:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=str(missing))


if __name__ == "__main__":
    main()
