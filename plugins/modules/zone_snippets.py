#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write the TXT records of any number of mail domains into files that zone files include."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_snippets
version_added: 1.0.0
short_description: Writes TXT records into files that zone files include
description:
  - Keeps one file a zone, O(folder)C(/<zone>.zone), with the records of that zone and nothing else, for the zone's own
    file to take in with C($INCLUDE) (RFC 1035, section 5.1).
  - Records that are not named stay. A file whose last record goes stays too, without records, because a zone file that
    includes a missing file cannot be loaded.
  - The serial number in the SOA record and the reload of the name server are the user's; RV(zones) says which zones
    changed.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  records:
    description:
      - The records, as M(postmaster.mta_sts.dns_records_info) returns them in
        RV(postmaster.mta_sts.dns_records_info#module:records), with C(name), C(zone), C(value) and, if it is not the
        name, C(canonical_name). Those without a zone are left out.
    type: list
    elements: dict
    required: true
  folder:
    description: Where the files are. It is made if it is missing.
    type: path
    required: true
  ttl:
    description: The records' TTL in seconds.
    type: int
    default: 3600
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Where does each record belong
  postmaster.mta_sts.dns_records_info:
    records: "{{ intent.records }}"
  register: seen
  delegate_to: localhost

- name: Write them
  postmaster.mta_sts.zone_snippets:
    records: "{{ seen.records }}"
    folder: /etc/bind/mta-sts
"""

RETURN = r"""
zones:
  description: One entry for every zone that has records in the list.
  type: list
  elements: dict
  returned: always
  contains:
    zone:
      description: The zone.
      type: str
      sample: example.com
    path:
      description: Its file.
      type: str
      sample: /etc/bind/mta-sts/example.com.zone
    changed:
      description: Whether the file was, or would be, replaced.
      type: bool
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.snippet import merge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there, write_atomic

SPEC: dict[str, Any] = {
    "records": {"type": "list", "elements": "dict", "required": True},
    "folder": {"type": "path", "required": True},
    "ttl": {"type": "int", "default": 3600},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    zones: dict[str, dict[str, Any]] = {}
    for record in module.params["records"]:
        if record.get("zone"):
            zones.setdefault(record["zone"], {})[record.get("canonical_name") or record["name"]] = record["value"]
    entries, diffs = [], []
    for zone in sorted(zones):
        path = f"{module.params['folder']}/{zone.replace('/', '_')}.zone"  # RFC 2317 has slashes in names of zones
        try:
            before = (read_if_there(path) or b"").decode("ascii", "backslashreplace")
            after = merge(before, zones[zone], module.params["ttl"], path)
            if before != after and not module.check_mode:
                write_atomic(path, after.encode("ascii"))
        except OSError as problem:
            module.fail_json(msg=f"{zone}: {path} cannot be kept: {problem}. Remedy: Let the task's user write there.")
        entries.append({"zone": zone, "path": path, "changed": before != after})
        if before != after:
            diffs.append({"before_header": path, "after_header": path, "before": before, "after": after})
    module.exit_json(changed=bool(diffs), zones=entries, diff=diffs)


if __name__ == "__main__":
    main()
