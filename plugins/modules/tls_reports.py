#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read new TLS reports, keep what they say, and move them out of the way."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_reports
version_added: 1.2.0
short_description: Keeps what TLS reports say
description:
  - Reads what is new in the sources, adds it to what earlier runs have kept in O(state), and returns what
    M(postmaster.mta_sts.tls_reports_info) returns. What is in the state needs no raw report any more.
  - One run at a time. The state is replaced in one step, so that a run that is killed has kept all or nothing; the next
    one reads again what this one has not kept. A report never counts twice.
  - It has changed something if the state is another one, or if mails were moved. A source that cannot be read is
    named in RV(problems); it is read on by a later run.
  - A domain that is added to the list is told of from then on; what was read about it before stays left out.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._tls_reports
  - postmaster.mta_sts._resolver
attributes:
  check_mode:
    support: full
    details: The sources are read, nothing is written or moved.
  diff_mode:
    support: full
    details: Says how much is kept, and how far each source was read.
  idempotent:
    support: full
options:
  state:
    description: The file in which to keep what was read. Missing folders are made.
    type: path
    required: true
  keep_days:
    description: How many days to keep. Of 100,000 rows and more only those of the latest days are kept.
    type: int
    default: 400
seealso:
  - module: postmaster.mta_sts.tls_reports_info
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Read what is new, every night
  postmaster.mta_sts.tls_reports:
    domains: "{{ mta_sts_domains }}"
    sources:
      - type: folder
        path: /var/lib/mta-sts/reports
      - type: imap
        host: imap.example.com
        user: tlsrpt@example.com
        password: "{{ vault_tlsrpt_password }}"
        move_to: Archive
    state: /var/lib/postmaster/tls-reports.json
    since: 4w
  register: reports
"""

RETURN = r"""
moved:
  description: How many mails were moved, or would be outside of check mode.
  type: int
  returned: always
days:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:days).
  type: list
  elements: dict
  returned: with O(sum_up=false)
figures:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:figures).
  type: dict
  returned: with O(sum_up=true)
inputs:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:inputs).
  type: dict
  returned: always
refused:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:refused).
  type: list
  elements: dict
  returned: always
findings:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:findings).
  type: list
  elements: dict
  returned: always
problems:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:problems).
  type: list
  elements: str
  returned: always
left_out:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:left_out).
  type: dict
  returned: always
result_types:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:result_types).
  type: list
  elements: dict
  returned: always
outdated:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:outdated).
  type: list
  elements: dict
  returned: always
since:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:since).
  type: str
  returned: always
until:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:until).
  type: str
  returned: always
read_at:
  description: As RV(postmaster.mta_sts.tls_reports_info#module:read_at).
  type: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.state import CorruptState, State
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import folder_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.lock import Locked
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.keep import Kept, keep
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.run import result
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Source
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.sources import make_sources
from ansible_collections.postmaster.mta_sts.plugins.module_utils._tls_reports_options import (
    TLS_REPORTS,
    Asked,
    read_options,
)

SPEC: dict[str, Any] = {
    **TLS_REPORTS,
    "state": {"type": "path", "required": True},
    "keep_days": {"type": "int", "default": 400},
}


def main() -> None:
    """Translate between Ansible and what reads and keeps."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    asked = read_options(module, module.params["keep_days"])
    kept = _keep(module, asked)
    module.exit_json(
        changed=kept.changed,
        moved=kept.moved,
        diff={"before": kept.before, "after": kept.after},
        **result(kept.reading, asked.question, asked.policies),
    )


def _keep(module: AnsibleModule, asked: Asked) -> Kept:
    path = module.params["state"]

    def sources(before: State) -> list[Source]:
        return make_sources(module.params["sources"], before.marks, asked.question.now)

    try:
        return keep(path, sources, asked.question, asked.signatures, check=module.check_mode)
    except Refused as problem:
        return module.fail_json(msg=f"sources: {problem}")
    except CorruptState as problem:
        remedy = "Restore it, or remove it: what is still in the sources is read again"
        return module.fail_json(msg=with_remedy(f"state: {path}: {problem}", remedy))
    except Locked as problem:
        return module.fail_json(
            msg=with_remedy(f"Nothing was read: {problem}", "Wait until it has ended and run again")
        )
    except OSError as problem:
        remedy = f"Free space, or check owner and mode of {folder_of(path)}"
        return module.fail_json(msg=with_remedy(f"state: {path}: {problem}", remedy))


if __name__ == "__main__":
    main()
