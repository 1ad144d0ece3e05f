#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Show what senders report: for people, programs, monitoring, and for the audit."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_reports_overview
version_added: 1.2.0
short_description: Sums up TLS reports, and writes what is asked for
description:
  - Makes of what M(postmaster.mta_sts.tls_reports_info) or M(postmaster.mta_sts.tls_reports) returned a summary and the
    files that are asked for, on the host it runs on.
  - Sessions are counted by domain in three ways, by UTC day, by type of failure and by sender, and never multiplied. A
    day of which no sender reports is missing, rather than a day without failures.
  - Files are replaced in one step and have mode 0644. None counts as a change, for reading reports changes nothing in
    the world and every file holds its time. Check mode writes none.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  reports:
    description:
      - What M(postmaster.mta_sts.tls_reports_info) or M(postmaster.mta_sts.tls_reports) returned, best with
        O(postmaster.mta_sts.tls_reports_info#module:sum_up=true).
    type: dict
    required: true
  domains:
    description:
      - The domains to show also when no sender reports on them, each a name, or a dictionary as in
        O(postmaster.mta_sts.domains_info#module:domains).
    type: list
    elements: raw
    default: []
  json:
    description:
      - Where to write the figures, for programs, and for O(postmaster.mta_sts.audit_info#module:tls_reports).
      - C(domains) has one entry a domain, the most failures first, C(all) the same of all together. Each has
        C(succeeded) and C(failed) sessions, C(days) with these two as a list for each UTC day that a sender reports on,
        C(types) of failure with what they mean and what to do, and C(senders).
    type: path
  prometheus:
    description:
      - Where to write metrics for the textfile collector of node_exporter. The names of the metrics and of their labels
        are stable, and a domain has 20 series at most.
      - "C(mta_sts_reports_timestamp_seconds): when the reports were read."
      - "C(mta_sts_reports_read): how many were read."
      - "C(mta_sts_reports_refused): how many inputs could not be read as a report."
      - "C(mta_sts_reports_unreadable_sources): how many sources could not be read."
      - "C(mta_sts_reports_sessions{domain,result}): sessions of the whole period that V(succeeded) or V(failed)."
      - "C(mta_sts_reports_recent_sessions{domain,result}): the same of the last three days of the period."
      - "C(mta_sts_reports_failed_sessions{domain,result_type}): sessions that failed in this way, as in RFC 8460,
        section 4.3; V(other) for all other ways, and for failures without details."
      - "C(mta_sts_reports_senders{domain}): how many organisations report on the domain."
      - "C(mta_sts_reports_outdated_senders{domain}): how many of them still see an older policy."
      - "C(mta_sts_reports_last_day_timestamp_seconds{domain}): the beginning of the last day that a sender reports on."
    type: path
  html:
    description: Where to write the page for people; it needs O(page).
    type: path
  page:
    description:
      - The frame of the page, as in O(postmaster.mta_sts.audit_reports#module:page). It shows the reports alone, and
        of the audit's stations no other than C(reports).
    type: str
  fail_on:
    description: Whether V(failures) that are reported are named in RV(summary.failed) and RV(summary.message).
    type: str
    choices: [failures, never]
    default: never
  tolerated_percent:
    description: How many of a domain's sessions may fail, in percent, before O(fail_on=failures) names it.
    type: float
    default: 0
  shown:
    description: How many domains have lines of their own in RV(summary.lines).
    type: int
    default: 20
  width:
    description: How wide a line may be, 60 characters at least.
    type: int
    default: 80
seealso:
  - module: postmaster.mta_sts.tls_reports_info
  - module: postmaster.mta_sts.audit_info
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Read the TLS reports of the last 30 days
  postmaster.mta_sts.tls_reports_info:
    domains: [example.com, example.org]
    sources:
      - type: maildir
        path: /var/mail/tlsrpt
    sum_up: true
  register: reports

- name: Show them, and tell node_exporter
  postmaster.mta_sts.tls_reports_overview:
    reports: "{{ reports }}"
    domains: [example.com, example.org]
    json: /srv/postmaster/tls-reports.json
    prometheus: /var/lib/prometheus/node-exporter/mta-sts-reports.prom
  register: overview
"""

RETURN = r"""
summary:
  description: The reports in a few lines for a terminal.
  type: dict
  returned: always
  contains:
    lines:
      description: What senders report, the most failures first.
      type: list
      elements: str
    failed:
      description: The domains of which more sessions failed than is tolerated, by O(fail_on).
      type: list
      elements: str
    message:
      description: Why, in sentences, as many as O(shown).
      type: str
paths:
  description: The files that were written, or would be outside of check mode.
  type: list
  elements: str
  returned: always
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import check_report_paths, write_report
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.alone import audit_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.html import page
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.html import headline
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.prometheus import metrics
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.terminal import (
    FAIL_ON,
    NEVER,
    Overview,
    overview,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.targets import read_targets

WRITTEN: dict[str, Callable[[dict[str, Any], str], str]] = {
    "json": lambda found, _frame: json.dumps(found, indent=1, sort_keys=True) + "\n",
    "prometheus": lambda found, _frame: metrics(found),
    "html": lambda found, frame: page(audit_of(found), frame, found, headline(found)),
}
SPEC: dict[str, Any] = {
    "reports": {"type": "dict", "required": True},
    "domains": {"type": "list", "elements": "raw", "default": []},
    **{name: {"type": "path"} for name in WRITTEN},
    "page": {"type": "str"},
    "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": NEVER},
    "tolerated_percent": {"type": "float", "default": 0},
    "shown": {"type": "int", "default": 20},
    "width": {"type": "int", "default": 80},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True, required_by={"html": ["page"]})
    options = module.params
    reports = options.pop("reports")  # nor does Ansible then send it back with the result
    paths = {name: options[name] for name in WRITTEN if options[name]}
    check_report_paths(module, paths.values())
    shown, texts = _made(module, reports, paths)
    for name, path in paths.items():
        write_report(module, path, texts[name])
    module.exit_json(changed=False, paths=list(paths.values()), summary=vars(shown))


def _made(module: AnsibleModule, reports: Mapping[str, Any], names: Iterable[str]) -> tuple[Overview, dict[str, bytes]]:
    """Return the overview and the files' contents, before any of them is written."""
    options = module.params
    try:
        domains, _entries, _findings = read_targets(options["domains"], {})
        found = figures(reports, domains)
        how = (options["fail_on"], options["tolerated_percent"], options["shown"], options["width"])
        return overview(found, *how), {name: WRITTEN[name](found, options["page"]).encode() for name in names}
    except Refused as problem:
        module.fail_json(msg=str(problem))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        module.fail_json(msg=f"reports: this is not what tls_reports_info returned: {problem!r}")


if __name__ == "__main__":
    main()
