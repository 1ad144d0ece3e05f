#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which TXT records the name servers have, and wait for those they lack."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_records_info
version_added: 1.0.0
short_description: Reports which TXT records are published
description:
  - Asks every authoritative name server of each record's zone whether the record, and no other of its
    version, stands at its name.
  - With O(wait_timeout) it waits for what was published by somebody else, such as a DNS provider's module.
  - Says which records must not be written, by the rules of M(postmaster.mta_sts.dns_records), what else stands at
    the name and is to stay, and what of our version is to go.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._records
  - postmaster.mta_sts._resolver
requirements:
  - dnspython >= 2.6
options:
  wait_timeout:
    description:
      - Seconds within which every name server must have the records. What is missing then is a problem.
      - With V(0) it only looks, and nothing is a problem but a record that must not be written.
    type: float
    default: 0
  failures:
    description:
      - What went wrong while somebody else published the records, in sentences, as the filter
        P(postmaster.mta_sts.task_problems#filter) makes them. They are returned among RV(problems).
    type: list
    elements: str
    default: []
    version_added: 1.1.0
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: See which records are still to be published
  postmaster.mta_sts.dns_records_info:
    records: "{{ intent.records }}"
  register: seen
  delegate_to: localhost

- name: Show them
  ansible.builtin.debug:
    msg: "{{ seen.records | rejectattr('published') | map(attribute='name') }}"
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
    value:
      description: The text; null where there is to be none.
      type: str
    values:
      description: The texts of all TXT records that are to stand there - others that are there now, and ours.
      type: list
      elements: str
    remove:
      description: The texts of our version that stand there and are to go.
      type: list
      elements: str
    kept:
      description: The texts of other records that are there and stay.
      type: list
      elements: str
    zone:
      description: The zone it is in; null when it could not be found.
      type: str
    published:
      description: Whether every name server of the zone has it.
      type: bool
    servers:
      description: What each name server said - V(ok), or why not.
      type: dict
    problem:
      description: >-
        Why it is not published, in one sentence; null when all is well, or when it may be written and nothing was
        waited for.
      type: str
zone_lines:
  description: The records as lines of a zone file, without those to be removed and those that must not be written.
  type: list
  elements: str
  returned: always
failures:
  description: O(failures).
  type: list
  elements: str
  returned: always
  version_added: 1.1.0
problems:
  description: All problems, after RV(failures).
  type: list
  elements: str
  returned: always
"""

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
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import zone_line
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, look

SPEC: dict[str, Any] = {
    **RECORDS,
    **RESOLVER,
    "wait_timeout": {"type": "float", "default": 0},
    "failures": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    wait = options["wait_timeout"]
    how = PublishOptions(port=options["port"], timeout=options["timeout"], wait=wait)
    outcomes = look(record_intents(module), make_resolver(module), how)
    warn_of_others(module, outcomes)
    entries = [
        {**record_entry(outcome), "problem": outcome.problem if wait or outcome.refused else None}
        for outcome in outcomes
    ]
    module.exit_json(
        changed=False,
        records=entries,
        zone_lines=[
            zone_line(outcome.intent.name, outcome.intent.value)
            for outcome in outcomes
            if outcome.intent.value is not None and not outcome.refused
        ],
        failures=options["failures"],
        problems=options["failures"] + [entry["problem"] for entry in entries if entry["problem"]],
    )


if __name__ == "__main__":
    main()
