#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the reports that senders have sent about TLS, and say what they say."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_reports_info
version_added: 1.2.0
short_description: Reads TLS reports and says what they say
description:
  - Reads the reports that senders have sent about TLS (TLS-RPT, RFC 8460) from folders, Maildirs, mboxes and IMAP
    accounts, and adds them up by domain, UTC day, organisation and policy type.
  - A report that comes twice counts once. It is known by its organisation, its id, its domain, its start and its
    numbers; the numbers belong to it because ids can be guessed, and nobody shall make the true report a copy by being
    first with a false one. A sender that corrects its numbers under the same id is counted with both.
  - What cannot be read is refused by name, and the others are read on.
  - It changes nothing, neither where it reads nor in O(state). To keep what reports say, so that a nightly run reads
    what is new and the reports themselves may go, there is M(postmaster.mta_sts.tls_reports).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._tls_reports
  - postmaster.mta_sts._resolver
options:
  state:
    description:
      - The file in which M(postmaster.mta_sts.tls_reports) keeps what it has read. What is there is told as well, and
        not read again. Where there is no such file yet, everything is new.
    type: path
seealso:
  - module: postmaster.mta_sts.tls_reports
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Read the reports that lie in a folder
  postmaster.mta_sts.tls_reports_info:
    domains: [example.com, example.org]
    sources:
      - type: folder
        path: /var/lib/mta-sts/reports
  register: reports

- name: Show what was kept of the last four weeks
  postmaster.mta_sts.tls_reports_info:
    domains: "{{ mta_sts_domains }}"
    state: /var/lib/postmaster/tls-reports.json
    since: 4w
  register: reports

- name: Show who still sees another policy than ours
  ansible.builtin.debug:
    var: reports.outdated
"""

RETURN = r"""
days:
  description: What senders say, a row for each domain, UTC day, organisation and policy type, in that order.
  type: list
  elements: dict
  returned: with O(sum_up=false)
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    day:
      description: The UTC day on which the reports begin.
      type: str
      sample: "2027-01-21"
    organization:
      description: Who reports, in its own words.
      type: str
      sample: Google Inc.
    policy_type:
      description: V(sts), V(tlsa) or V(no-policy-found).
      type: str
    succeeded:
      description: Sessions with TLS as the policy calls for.
      type: int
    failed:
      description: Sessions without.
      type: int
    results:
      description: "Failures by type: C(type), C(sessions), C(hosts) with C(mx), C(address) and C(sessions) of each MX
        that failed, and C(reasons) with C(reason) in the sender's words and its C(sessions). Fifty hosts and five
        reasons at most, those with the most sessions."
      type: list
      elements: dict
    policies:
      description: The policies the sender saw, each with its C(lines), its C(sessions), and, for V(sts), the C(id) this
        collection gives a policy of such lines. Five at most.
      type: list
      elements: dict
    dkim:
      description: Numbers of reports, by what became of their signatures - V(pass), V(fail), V(none) or V(not looked
        at).
      type: dict
    reports:
      description: A short name for each report that is counted, so that a copy is known.
      type: list
      elements: str
figures:
  description:
    - The same summed up, by domain and of all together, by UTC day, by type of failure and by sender, as
      O(postmaster.mta_sts.tls_reports_overview#module:json) has it.
  type: dict
  returned: with O(sum_up=true)
inputs:
  description: What this run has read.
  type: dict
  returned: always
  contains:
    read:
      description: Reports.
      type: int
    copies:
      description: Reports that had come before, and are not counted again.
      type: int
    other_mails:
      description: Mails, and files without a telling name, that are no reports.
      type: int
    refused:
      description: What calls itself a report and cannot be read.
      type: int
refused:
  description: The first hundred that were refused, each with its C(source), its C(name) there, and the C(reason).
  type: list
  elements: dict
  returned: always
findings:
  description: What is wrong with reports that were read, each with C(severity), C(domain), C(field), C(rule),
    C(section) and C(remedy). Ten of a kind at most.
  type: list
  elements: dict
  returned: always
problems:
  description: Sources that could not be read, or not to their end, and why.
  type: list
  elements: str
  returned: always
left_out:
  description: What this run has read about domains that are not in the list.
  type: dict
  returned: always
  contains:
    domains:
      description: How many domains.
      type: int
    reports:
      description: How many reports.
      type: int
    sessions:
      description: How many sessions.
      type: int
result_types:
  description: The types of failure that occur in RV(days), each with C(name), C(meaning) and C(remedy).
  type: list
  elements: dict
  returned: always
outdated:
  description: Senders that, on the last day they said so, saw another policy than the list calls for.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
    organization:
      description: The sender.
      type: str
    policy_id:
      description: The id of what it saw.
      type: str
    day:
      description: The day on which it did.
      type: str
    current_id:
      description: The id of the policy that the list calls for.
      type: str
since:
  description: The first day that is told of; null without O(since).
  type: str
  returned: always
until:
  description: The last one; null without O(until).
  type: str
  returned: always
read_at:
  description: When the reading began, in UTC; C(read_at_epoch) is the same in epoch seconds.
  type: str
  returned: always
  sample: "2027-01-21T09:30:00Z"
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.state import CorruptState, State
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import state
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.run import read, result
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.sources import make_sources
from ansible_collections.postmaster.mta_sts.plugins.module_utils._tls_reports_options import TLS_REPORTS, read_options

SPEC: dict[str, Any] = {**TLS_REPORTS, "state": {"type": "path"}}


def main() -> None:
    """Translate between Ansible and what reads."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    asked = read_options(module)
    kept = _state(module)
    try:
        sources = make_sources(module.params["sources"], kept.marks, asked.question.now)
    except Refused as problem:
        module.fail_json(msg=f"sources: {problem}")
    reading = read(sources, kept, asked.question, asked.signatures)
    module.exit_json(changed=False, **result(reading, asked.question, asked.policies))


def _state(module: AnsibleModule) -> State:
    """Return what an earlier run has kept, or fail because it cannot be read."""
    path = module.params["state"]
    try:
        return state.read(path) if path else State()
    except (CorruptState, OSError) as problem:
        remedy = "Restore it, or remove it: what is still in the sources is read again"
        return module.fail_json(msg=with_remedy(f"state: {path}: {problem}", remedy))


if __name__ == "__main__":
    main()
