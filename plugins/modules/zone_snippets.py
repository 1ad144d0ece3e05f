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
  - Keeps one file per zone, O(folder)C(/<zone>.zone), with the records of that zone and nothing else, for the zone's
    own file to include (C($INCLUDE), RFC 1035, section 5.1).
  - Records that are not named stay, and so does what somebody else has written into such a file. A file that does not
    begin with our comment is not ours, and is not touched.
  - A file that loses its last record stays, without records, because a zone file that includes a missing file cannot
    be loaded.
  - The serial number in the SOA record and the reload of the name server are the user's; RV(zones) says which zones
    changed.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
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
        RV(postmaster.mta_sts.dns_records_info#module:records), with C(name), C(zone), C(value) and C(published). Those
        without a zone, and those with a C(problem), are left out.
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
  strict:
    description: Fail when the file of a zone could not be kept, after all others are done. Otherwise only report it.
    type: bool
    default: true
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Find the zone of each record
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
    load:
      description:
        - Whether the name server is to load the zone - its file has changed, or one of the records is not
          C(published), as after a run that wrote the file and could not have it loaded.
      type: bool
      version_added: 1.1.0
    problem:
      description: Why the file could not be kept, in one sentence; null when all is well.
      type: str
problems:
  description: All problems.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.zone_snippet import NotOurs, file_name, merge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import escaped_text, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there, write_atomic

SPEC: dict[str, Any] = {
    "records": {"type": "list", "elements": "dict", "required": True},
    "folder": {"type": "path", "required": True},
    "ttl": {"type": "int", "default": 3600},
    "strict": {"type": "bool", "default": True},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    zones: dict[str, list[dict[str, Any]]] = {}
    for record in module.params["records"]:
        if record.get("zone") and not record.get("problem"):
            zones.setdefault(record["zone"], []).append(record)
    kept = [_keep(module, zone, zones[zone]) for zone in sorted(zones)]
    entries, diffs = [entry for entry, _unused in kept], [diff for _unused, diff in kept if diff]
    problems = [entry["problem"] for entry in entries if entry["problem"]]
    result: dict[str, Any] = {"changed": bool(diffs), "zones": entries, "problems": problems, "diff": diffs}
    if problems and module.params["strict"]:
        module.fail_json(msg="\n".join(problems), **result)
    module.exit_json(**result)


def _keep(
    module: AnsibleModule, zone: str, records: list[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Bring the file of one zone up to date; return what became of it, and the difference if there is one."""
    folder, path = module.params["folder"], None
    try:
        path = f"{folder}/{file_name(zone)}"
        before = (read_if_there(path) or b"").decode("ascii", "surrogateescape")
        texts = {record["name"]: record["value"] for record in records}
        after = merge(before, texts, module.params["ttl"], path)
        if before != after and not module.check_mode:
            write_atomic(path, after.encode("ascii", "surrogateescape"))
    except NotOurs as reason:
        return _entry(zone, path, problem=f"{zone}: {reason}"), None
    except OSError as reason:
        remedy = "Let the task's user write there (chown, chmod)"
        return _entry(zone, path, problem=with_remedy(f"{zone}: {path} cannot be kept: {reason}", remedy)), None
    if before == after:
        return _entry(zone, path, load=not all(record.get("published", True) for record in records)), None
    shown = {"before": escaped_text(before), "after": escaped_text(after)}
    return _entry(zone, path, changed=True, load=True), {"before_header": path, "after_header": path, **shown}


def _entry(
    zone: str, path: str | None, *, changed: bool = False, load: bool = False, problem: str | None = None
) -> dict[str, Any]:
    return {"zone": zone, "path": path, "changed": changed, "load": load, "problem": problem}


if __name__ == "__main__":
    main()
