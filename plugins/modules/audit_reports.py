#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write what an audit has found: for people, programs, CI, monitoring, and for the next audit."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_reports
version_added: 1.0.0
short_description: Writes the reports of an audit
description:
  - Makes of what M(postmaster.mta_sts.audit_info) returned the files that are asked for, on the host it runs on.
  - Files are replaced in one step and have mode 0644. None counts as a change, for an audit changes nothing in the
    world and every report holds its time. Check mode writes none.
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
  audit:
    description: What M(postmaster.mta_sts.audit_info) returned.
    type: dict
    required: true
  json:
    description: Where to write C(audited_at), C(audited_at_epoch), C(checks), C(results) and C(problems), as they are.
    type: path
  junit:
    description:
      - Where to write JUnit XML, for CI systems. Every domain is a test suite, every check a test case in it, with the
        domain as class name and the check as name.
      - A check that found something is a failure, one that could not look is skipped. Findings below O(fail_on) appear
        as output of a test case that passed.
    type: path
  fail_on:
    description:
      - The least severity that is a failure in O(junit). Errors are failures also with V(never), which only keeps a run
        from failing.
    type: str
    choices: [error, warning, never]
    default: error
  prometheus:
    description:
      - Where to write metrics for the textfile collector of node_exporter. The names of the metrics and of their labels
        are stable.
      - "C(mta_sts_audit_timestamp_seconds): when the domains were looked at."
      - "C(mta_sts_domains{verdict}): how many domains have this verdict, V(ok), V(info), V(warning) or V(error)."
      - "C(mta_sts_domain_info{domain,mode,record_id,policy_id}): always 1; the mode as senders read it, or V(unknown)."
      - "C(mta_sts_station_state{domain,station}): V(-1) unknown, V(0) ok, V(1) info, V(2) warning, V(3) error."
      - "C(mta_sts_check_state{domain,station,check}): V(1) info, V(2) warning, V(3) error. Only checks that found
        something have one, for all checks of all domains would be too many series."
      - "C(mta_sts_certificate_expiry_timestamp_seconds{domain}): when the first certificate of the policy host ends."
      - "C(mta_sts_mx_certificate_expiry_timestamp_seconds{domain}): when the first certificate of the MX hosts ends."
      - "C(mta_sts_max_age_seconds{domain}): how long senders keep the policy."
    type: path
  html:
    description: Where to write the page for people; it needs O(page).
    type: path
  page:
    description:
      - The frame of the page, with one style element and one C(<script type="module">).
      - These of its places are filled in - C(@headline@) with how the fleet stands in one sentence, C(@audited@) with
        when the audit was made, C(@security@) with a Content-Security-Policy that allows this style and this script and
        nothing else, C(@data@) with the data as JSON that may stand in a script element.
      - The role P(postmaster.mta_sts.sts_audit#role) has one in its templates.
    type: str
  tls_reports:
    description:
      - The figures of TLS reports that M(postmaster.mta_sts.tls_reports_overview) has written as JSON, to be shown in
        O(html). Where there is no such file yet, the page is without.
    type: path
    version_added: 1.2.0
  state:
    description: Where to keep what was seen, for the next audit, see O(postmaster.mta_sts.audit_info#module:state).
    type: path
seealso:
  - module: postmaster.mta_sts.audit_info
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Look at the domains as a sender does
  postmaster.mta_sts.audit_info:
    domains: [example.com, example.org]
    state: /var/lib/postmaster/audit-state.json
  register: audit
  delegate_to: localhost

- name: Tell the CI system and node_exporter, and remember it for the next time
  postmaster.mta_sts.audit_reports:
    audit: "{{ audit }}"
    junit: /tmp/mta-sts.xml
    prometheus: /var/lib/prometheus/node-exporter/mta-sts.prom
    state: /var/lib/postmaster/audit-state.json
  delegate_to: localhost
"""

RETURN = r"""
paths:
  description: The files that were written, or would be outside of check mode.
  type: list
  elements: str
  returned: always
"""

import json
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import (
    check_report_paths,
    read_figures,
    write_report,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.as_json import as_json
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.fail_on import FAIL_ON
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.html import page
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.junit import junit
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.prometheus import metrics

# The state first: what was seen is lost if it is not kept, the others can be made again.
REPORTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "state": lambda given: json.dumps(given["audit"]["observed"]),
    "json": lambda given: as_json(given["audit"]),
    "junit": lambda given: junit(given["audit"], given["fail_on"]),
    "prometheus": lambda given: metrics(given["audit"]),
    "html": lambda given: page(given["audit"], given["page"], given["figures"]),
}
SPEC: dict[str, Any] = {
    "audit": {"type": "dict", "required": True},
    **{name: {"type": "path"} for name in REPORTS},
    "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "error"},
    "page": {"type": "str"},
    "tls_reports": {"type": "path"},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True, required_by={"html": ["page"]})
    paths = {name: module.params[name] for name in REPORTS if module.params[name]}
    check_report_paths(module, paths.values())
    given = {**module.params, "figures": read_figures(module, "tls_reports")}
    for name, path in paths.items():
        write_report(module, path, _rendered(module, name, given))
    module.exit_json(changed=False, paths=list(paths.values()))


def _rendered(module: AnsibleModule, name: str, given: dict[str, Any]) -> bytes:
    try:
        return REPORTS[name](given).encode()
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        module.fail_json(msg=f"audit: this is not what audit_info returned: {problem!r}")


if __name__ == "__main__":
    main()
