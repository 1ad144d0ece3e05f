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
  - With O(challenge=http-01) a name is ordered when it resolves to our policy hosts. Another is not, for the CA could
    not validate it and failures count against its rate limits. When the look-up failed, a name that was ordered before
    stays in the list.
  - With O(challenge=dns-01) the CA does not mind what a name resolves to, so every name is ordered. That of a domain
    which is to move here has its certificate before it does.
  - An absent domain keeps its certificate for as long as its policy is served, for senders may still hold that policy
    (RFC 8461, section 8.3). It also keeps it while O(policy_root) does not exist, cannot be read, or has none of the
    policies of the domains that are present, as when a disk is not mounted.
  - Names in the list whose domains are not among O(results) leave it; their certificates stay until they expire.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
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
        O(postmaster.mta_sts.domains_info#module:look_up=policy_host). Required if O(state=present).
    type: list
    elements: dict
  names:
    description:
      - Names that are no policy hosts' and get a certificate too, such as the one that TLS reports are sent to
        (O(postmaster.mta_sts.nginx_config_info#module:reports.name)). Nobody looks where they lead. In RV(domains)
        such a name stands for its domain, too.
    type: list
    elements: str
    default: []
    version_added: 1.2.0
  addresses:
    description: The policy hosts' addresses, to name them to those whose names resolve to others.
    type: list
    elements: str
    default: []
  limits:
    description: >-
      How many orders the CA takes, as in O(postmaster.mta_sts.sts_certificate#role:main:sts_certificate_limits). They
      are checked here, before anything is changed, and kept by the service on the host.
    type: dict
    default: {}
    version_added: 1.1.0
  hosts:
    description: How many policy hosts there are, which share what the CA takes for a name.
    type: int
    default: 1
  port_80_of_others:
    description:
      - Other people's servers that answer for our policy hosts on port 80 and go on doing so, entries of
        RV(postmaster.mta_sts.nginx_config_info#module:others).
      - With O(challenge=http-01) a name among them is not ordered, because the CA would not get our answer; one that
        has a certificate already is renewed.
    type: list
    elements: dict
    default: []
    version_added: 1.1.0
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
  policies:
    description:
      - What RV(postmaster.mta_sts.policies#module:domains) said in this run, if it ran. So check mode knows the
        policies that are about to be removed.
    type: list
    elements: dict
  served:
    description: Domains that the web server of this host answers for, wherever their policies are.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(absent) removes the keys and certificates of all names, whichever CA issued them. It fails, and removes none,
        while this host serves a policy, and when O(policy_root) does not exist although O(policies) does not say that
        the policies are gone.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: postmaster.mta_sts.certificate_info
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: See what the policy hosts' names resolve to
  postmaster.mta_sts.domains_info:
    domains: "{{ mta_sts_domains }}"
    look_up: [policy_host]
    policy_host_addresses: [192.0.2.1, "2001:db8::1"]
  register: intent
  delegate_to: localhost

- name: Decide which of them are to have certificates
  postmaster.mta_sts.certificate_orders:
    results: "{{ intent.results }}"
    addresses: [192.0.2.1, "2001:db8::1"]
  register: orders

- name: Remove all keys and certificates from a host that serves no policy any more
  postmaster.mta_sts.certificate_orders:
    state: absent
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
      sample: mta-sts.example.com resolves to 192.0.2.7, which is not a policy host, so no certificate is ordered for it
    remedy:
      description: What to do about it; empty when nothing need be done.
      type: str
    before:
      description: SHA-256 fingerprint of the certificate there is now for each key type, none where there is none.
      type: dict
store:
  description: Folder of the certificates of O(ca), with a folder for each key type in it.
  type: str
  returned: always
  sample: /var/lib/mta-sts/dehydrated/certs/acme-v02.api.letsencrypt.org_directory
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
asked:
  description: >-
    A word by which the service on the host knows what it is asked to do, for
    O(postmaster.mta_sts.certificate_info#module:asked); empty when nothing is.
  type: str
  returned: always
  version_added: 1.1.0
unlisted:
  description: >-
    Names whose domains are not among O(results), and that stay on the list while their policy is served.
  type: list
  elements: str
  returned: always
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import CERTIFICATES, read_addresses
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.adoption import port_80_of_others
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import Stored
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import (
    read_limits,
    renewals_of_set,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.orders import (
    DNS_01,
    HTTP_01,
    Host,
    more_orders,
    plan_orders,
    read_domains_txt,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.plan import Plan, plan
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.served import ServedPolicies
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused, escaped_text, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import check_host
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.status import ask
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.served import read_policy_root
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.store import (
    CertificateStore,
    CryptographyMissing,
    discard,
    open_store,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there, write_atomic

ByName = dict[str, dict[str, Stored]]

SPEC = {
    **CERTIFICATES,
    "results": {"type": "list", "elements": "dict"},
    "names": {"type": "list", "elements": "str", "default": []},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "limits": {"type": "dict", "default": {}},
    "hosts": {"type": "int", "default": 1},
    "port_80_of_others": {"type": "list", "elements": "dict", "default": []},
    "challenge": {"type": "str", "choices": [HTTP_01, DNS_01], "default": HTTP_01},
    "domains_txt": {"type": "path", "default": "/etc/mta-sts/dehydrated/domains.txt"},
    "policy_root": {"type": "path", "default": "/var/www/mta-sts"},
    "policies": {"type": "list", "elements": "dict"},
    "served": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class KeysStay(ValueError):
    """Nothing is removed; the message says why, and what to do."""


def run(given: dict[str, Any], now: int, dry: bool) -> dict[str, Any]:
    """Plan, apply unless ``dry``, and return what the module returns. Raises OSError, KeysStay, CryptographyMissing."""
    store = open_store(given)
    served = ServedPolicies(read_policy_root(given["policy_root"]), given["served"], given["policies"])
    return _remove_all(store, served, dry) if given["state"] == "absent" else _order(given, store, served, now, dry)


def _order(
    given: dict[str, Any], store: CertificateStore, served: ServedPolicies, now: int, dry: bool
) -> dict[str, Any]:
    before = read_if_there(given["domains_txt"])
    host = _look(before, store, served, given)
    orders = plan_orders(given["results"], host, given["addresses"], given["challenge"])
    orders += more_orders(map(check_host, given["names"]), orders)
    stored = {order.policy_host: store.read(order.policy_host) for order in orders}
    planned = plan(orders, stored, host, now)
    after = planned.domains_txt.encode()
    obsolete = store.everything_of(planned.removed)
    asked = ""
    if not dry:
        if after != before:
            write_atomic(given["domains_txt"], after)
        discard(obsolete)
        for due in planned.due:
            store.forget(due.name, due.key_type, stored[due.name][due.key_type])
    if planned.start and not dry:
        asked = ask(Path(given["state_root"]))
    return {
        "changed": after != before or bool(obsolete),
        "diff": [_list_diff(given["domains_txt"], before or b"", after), *_removal_diffs(obsolete)],
        **_report(store, planned, stored, asked),
        "told": _too_often(given, stored),
    }


def _too_often(given: dict[str, Any], stored: ByName) -> list[str]:
    """Return what to tell of certificates whose renewals are more than the CA takes, as far as there are any yet."""
    there = [one.certificate for by_key_type in stored.values() for one in by_key_type.values() if one.certificate]
    interval = min((one.renew_at - one.not_before for one in there), default=0)
    limits = read_limits(given["limits"])
    words = renewals_of_set(limits, given["hosts"], len(given["key_types"]), interval) if interval else ""
    return [words] if words else []


def _look(domains_txt: bytes | None, store: CertificateStore, served: ServedPolicies, given: dict[str, Any]) -> Host:
    present = [result["domain"] for result in given["results"] if result["state"] != "absent"]
    return Host(
        ordered=read_domains_txt((domains_txt or b"").decode("utf-8", "replace")),
        certified=store.certified(),
        keyed=store.names(),
        served=served.domains,
        doubt=served.doubt(present),
        unanswered={
            entry["policy_host"]: port_80_of_others(
                f"{entry['file']}:{entry['line']}", entry["policy_host"], alone=entry["alone"]
            )
            for entry in given["port_80_of_others"]
        },
    )


def _remove_all(store: CertificateStore, served: ServedPolicies, dry: bool) -> dict[str, Any]:
    obsolete = store.everything_of(store.names())
    refusal = served.why_not_remove_all()
    if obsolete and refusal:
        raise KeysStay(str(refusal))
    if not dry:
        discard(obsolete)
    nothing = Plan([], [], [], start=False)
    return {"changed": bool(obsolete), "diff": _removal_diffs(obsolete), **_report(store, nothing, {}), "told": []}


def _report(store: CertificateStore, planned: Plan, stored: ByName, asked: str = "") -> dict[str, Any]:
    return {
        "domains": [{**asdict(order), "before": _fingerprints(stored[order.policy_host])} for order in planned.orders],
        "store": str(store.root),
        "due": [asdict(due) for due in planned.due],
        "start": planned.start,
        "asked": asked,
        "unlisted": planned.unlisted,
    }


def _list_diff(path: str, before: bytes, after: bytes) -> dict[str, str]:
    return {
        "before_header": path,
        "after_header": path,
        "before": escaped_text(before.decode("utf-8", "replace")),
        "after": after.decode(),
    }


def _removal_diffs(obsolete: list[Path]) -> list[dict[str, str]]:
    return [{"before_header": str(path), "before": "present\n", "after": ""} for path in obsolete]


def _fingerprints(by_key_type: dict[str, Stored]) -> dict[str, str | None]:
    return {
        key_type: stored.certificate.fingerprint if stored.certificate else None
        for key_type, stored in by_key_type.items()
    }


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(
        argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", ["results"])]
    )
    try:
        given = {**module.params, "addresses": read_addresses(module, "addresses")}
        read_limits(given["limits"])
        result = run(given, int(time.time()), module.check_mode)
        for words in result.pop("told"):
            module.warn(words)
        module.exit_json(**result)
    except CryptographyMissing as missing:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=str(missing))
    except (KeysStay, Refused) as refusal:
        module.fail_json(msg=str(refusal))
    except OSError as problem:
        rule = f"The orders cannot be written to {module.params['domains_txt']} and the store: {problem}"
        places = f"{module.params['domains_txt']} and {module.params['state_root']}"
        remedy = f"Free space there, or check the owner and mode of {places}, then run again"
        module.fail_json(msg=with_remedy(rule, remedy))


if __name__ == "__main__":
    main()
