#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish the TXT records of any number of mail domains by dynamic update."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_records
version_added: 1.0.0
short_description: Publishes TXT records by dynamic update (RFC 2136)
description:
  - Makes each record the only one of its version at its name, or makes sure that there is none, so that two C(v=STSv1;)
    records cannot result (RFC 8461, section 3.1). Other TXT records at that name stay, and are reported.
  - Finds the zone by its SOA, asks the zone's primary server what is there now, and exchanges what differs, record by
    record, in one atomic update for each zone, signed with TSIG. Only a zone whose changes do not fit into one message,
    or are refused as a whole, takes several. A record that says the same in another spelling is no difference.
  - In check mode the primary is asked whether it would take the update, by one that changes nothing.
  - Writes at the name itself. If there is a CNAME, it is not followed and the record is refused; one that a wildcard
    makes up does not count (RFC 4592).
  - Refuses to create a name that would hide a wildcard by which its domain, or a name between that and the zone's own,
    has its MX or addresses (RFC 4592, section 2.2.2).
  - Then waits until every name server of the zone answers with the new data.
  - A refusal fails the record that it is about only; all others are published, then the module fails.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._records
  - postmaster.mta_sts._resolver
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - dnspython >= 2.6
options:
  server:
    description: The primary server, by address or name. Without it, the one that the zone's SOA names.
    type: str
  key_name:
    description: The name of the TSIG key. Without it, updates are not signed.
    type: str
  key_algorithm:
    description: The algorithm of the TSIG key.
    type: str
    choices: [hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha1]
    default: hmac-sha256
  key_secret:
    description: The secret of the TSIG key, in base64.
    type: str
  ttl:
    description: The records' TTL in seconds.
    type: int
    default: 3600
  wait_timeout:
    description: Seconds within which every name server must have the new data.
    type: float
    default: 60
  strict:
    description: Fail when a record could not be published, after all others are done. Otherwise only report it.
    type: bool
    default: true
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Publish the records of the list
  postmaster.mta_sts.dns_records:
    records: "{{ intent.records }}"
    key_name: mta-sts
    key_secret: "{{ vault_tsig_secret }}"
  delegate_to: localhost

- name: Remove one record
  postmaster.mta_sts.dns_records:
    records:
      - domain: example.com
        name: _mta-sts.example.com
    server: 192.0.2.53
"""

RETURN = r"""
records:
  description: One entry per record, in the order given.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The domain it belongs to.
      type: str
    name:
      description: The owner name.
      type: str
      sample: _mta-sts.example.com
    zone:
      description: The zone it is in; null when it could not be found.
      type: str
    value:
      description: The text of our record; null for none.
      type: str
    changed:
      description: Whether records were exchanged.
      type: bool
    before:
      description: The texts of all TXT records that were there.
      type: list
      elements: str
    values:
      description: The texts of all TXT records that are there now.
      type: list
      elements: str
    remove:
      description: The texts of our version that were there and had to go.
      type: list
      elements: str
    kept:
      description: The texts of other records, which stay.
      type: list
      elements: str
    published:
      description: Whether every name server of the zone has it.
      type: bool
    servers:
      description: What each name server said - V(ok), or why not.
      type: dict
    problem:
      description: Why it is not published, in one sentence; null when all is well.
      type: str
problems:
  description: All problems.
  type: list
  elements: str
  returned: always
"""

from collections.abc import Iterable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import (
    RECORDS,
    RESOLVER,
    make_resolver,
    record_entry,
    record_intents,
    warn_of_others,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.ownership import after
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordOutcome, Strings, texts
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import escaped, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import ALGORITHMS, Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, publish

SPEC: dict[str, Any] = {
    **RECORDS,
    "server": {"type": "str"},
    "key_name": {"type": "str", "no_log": False},
    "key_algorithm": {"type": "str", "choices": list(ALGORITHMS), "default": "hmac-sha256", "no_log": False},
    "key_secret": {"type": "str", "no_log": True},
    "ttl": {"type": "int", "default": 3600},
    **RESOLVER,
    "wait_timeout": {"type": "float", "default": 60},
    "strict": {"type": "bool", "default": True},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    resolver = make_resolver(module)
    if bool(options["key_name"]) != bool(options["key_secret"]):  # required_together takes null for a value
        module.fail_json(msg=with_remedy("key_name and key_secret are required together", "Give both, or none"))
    outcomes = publish(
        record_intents(module, options["ttl"]), resolver, _publish_options(options), check=module.check_mode
    )
    warn_of_others(module, outcomes)
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    result: dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes),
        "records": [_entry(outcome) for outcome in outcomes],
        "problems": problems,
        "diff": [_diff(outcome) for outcome in outcomes if outcome.changed],
    }
    if problems and options["strict"]:
        module.fail_json(msg="\n".join(problems), **result)
    module.exit_json(**result)


def _publish_options(options: dict[str, Any]) -> PublishOptions:
    key = None
    if options["key_name"]:
        key = Key(options["key_name"], options["key_algorithm"], options["key_secret"])
    return PublishOptions(options["server"], options["port"], key, options["timeout"], options["wait_timeout"])


def _entry(outcome: RecordOutcome) -> dict[str, Any]:
    return {**record_entry(outcome), "changed": outcome.changed, "before": list(texts(outcome.before))}


def _diff(outcome: RecordOutcome) -> dict[str, str]:
    name = f"{outcome.intent.name} TXT"
    return {
        "before_header": name,
        "after_header": name,
        "before": _lines(outcome.before),
        "after": _lines(after(outcome.intent, outcome.before)),
    }


def _lines(records: Iterable[Strings]) -> str:
    return "".join(f"{escaped(text)}\n" for text in texts(records))


if __name__ == "__main__":
    main()
