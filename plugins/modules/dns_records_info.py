#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which TXT records the name servers have, and wait for those they lack."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_records_info
version_added: 1.0.0
short_description: Tells which TXT records are published
description:
  - Asks every authoritative name server of each record's zone whether the record, and no other, stands at its name.
  - With O(wait_timeout) it waits for what was published by somebody else, such as a DNS provider's module.
  - Follows a CNAME at the name, as a delegating domain has it (RFC 8461, section 8.2).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._records
  - postmaster.mta_sts._resolver
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
requirements:
  - dnspython >= 2.6
options:
  wait_timeout:
    description:
      - Seconds in which every name server must have the records. What is missing then is a problem.
      - With V(0) it only looks, and nothing is a problem.
    type: float
    default: 0
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
  description: One entry a record, in the order given.
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
      description: The text; null where there shall be none.
      type: str
    canonical_name:
      description: The name at the end of its CNAME chain, where it must stand; null when it could not be found.
      type: str
    zone:
      description: The zone that name is in; null when it could not be found.
      type: str
    published:
      description: Whether every name server of the zone has it.
      type: bool
    servers:
      description: What each name server said - V(ok), or why not.
      type: dict
    problem:
      description: Why it is not published, in one sentence; null when all is well, or nothing was waited for.
      type: str
zone_lines:
  description: The records as lines of a zone file, at the names where they must stand, without those that shall not be.
  type: list
  elements: str
  returned: always
problems:
  description: All problems.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.record import zone_line
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.rrsets import Outcome
from ansible_collections.postmaster.mta_sts.plugins.module_utils._front import (
    RECORDS,
    RESOLVER,
    make_resolver,
    record_entry,
    wanted_records,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.zones import Settings, look

SPEC: dict[str, Any] = {**RECORDS, **RESOLVER, "wait_timeout": {"type": "float", "default": 0}}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    wait = options["wait_timeout"]
    settings = Settings(port=options["port"], timeout=options["timeout"], wait=wait)
    outcomes = look(wanted_records(module), make_resolver(module), settings)
    entries = [{**record_entry(outcome), "value": outcome.wanted.value} for outcome in outcomes]
    if not wait:
        entries = [{**entry, "problem": None} for entry in entries]
    module.exit_json(
        changed=False,
        records=entries,
        zone_lines=[_line(outcome) for outcome in outcomes if outcome.wanted.value is not None],
        problems=[entry["problem"] for entry in entries if entry["problem"]],
    )


def _line(outcome: Outcome) -> str:
    name = outcome.place.canonical if outcome.place else outcome.wanted.name
    return zone_line(name, outcome.wanted.value or "")


if __name__ == "__main__":
    main()
