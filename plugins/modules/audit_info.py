#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See what every sender sees, for all domains at once, and name each fault."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_info
version_added: 1.0.0
short_description: Audits MTA-STS and TLS-RPT of any number of domains from outside
description:
  - Looks at domains as senders do - TXT records, policy host, certificates, policy, MX hosts, report addresses - and
    says of each check whether it passed, failed or could not be looked at.
  - Domains may be anybody's. For entries of C(mta_sts_domains) it also says where they differ from what these call for.
  - Every finding names its check, the severity, what was seen, the section of the RFC, and the remedy. The names of
    checks are stable; RV(checks) lists them.
  - A severity of error says that a compliant sender is affected. Faults of MX hosts are errors under a policy of mode
    enforce and warnings in mode testing; with mode none the MX hosts are not looked at.
  - All domains are looked at side by side, what they share (MX hosts, addresses, zones) only once. A hanging server
    costs its own domain the time-out and nobody else anything.
  - No domain can hold up the others, whatever it publishes - there are bounds to how many name servers, addresses, MX
    hosts and report URIs of it are looked at, how long that takes and how much is said about it. Checks that end in
    C(_bounds) report what lies beyond.
  - It changes nothing. No mail is sent to MX hosts, and no request to report endpoints - the audit shakes hands with
    them (TLS, on port 443 and no other) and hangs up. Whether they take a POST is not looked at.
  - A domain may point anywhere. Addresses that the world does not reach, such as those of this machine and its network,
    are reported and not connected to, see O(allow_private).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._resolver
requirements:
  - dnspython >= 2.6
  - Python 3.10 and OpenSSL 3.0, for the names in a wrong certificate and for TLSA records about CAs; without them these
    are not reported
options:
  domains:
    description:
      - The mail domains, each a name, or a dictionary as in O(postmaster.mta_sts.domains_info#module:domains).
      - A dictionary says what to expect, a name alone does not.
    type: list
    elements: raw
    required: true
  defaults:
    description: Defaults for the dictionaries, as in O(postmaster.mta_sts.domains_info#module:defaults).
    type: dict
    default: {}
  look_at:
    description:
      - What to look at - the TXT V(records), the V(policy) with its host and certificates, the V(mx) hosts.
      - Looking at MX hosts needs a network that lets connections out on port 25.
    type: list
    elements: str
    choices: [records, policy, mx]
    default: [records, policy, mx]
  allow_private:
    description:
      - Connect to addresses that the world does not reach as well - loopback, link-local, private, shared, reserved
        ones and those for documentation and measurements, as in the registries of the IANA, and forms of IPv6 that
        stand for such an address of IPv4. For labs and intranets.
      - Without it such an address of a policy host, MX host, name server or report endpoint is a finding, and nothing
        is sent there, not even to learn whether a port is open. Servers in O(nameservers) are asked wherever they are.
      - Addresses of no host at all, such as V(0.0.0.0) and multicast ones, are never connected to.
    type: bool
    default: false
  authoritative:
    description:
      - Ask every authoritative name server for the TXT records too, and compare.
      - Where they agree, what they say counts, and not what O(nameservers) may have in their caches.
    type: bool
    default: false
  ca_path:
    description: A PEM file with the CA certificates to trust for policy hosts. Without it, the system's.
    type: path
  smtp_ca_path:
    description: The same for MX hosts. Without it O(ca_path).
    type: path
  port:
    description: The HTTPS port. Senders always use 443.
    type: int
    default: 443
  smtp_port:
    description: The SMTP port. Senders always use 25.
    type: int
    default: 25
  helo:
    description:
      - The name to greet MX hosts with. Without it the address this machine connects from, and where that is refused
        the machine's own name, if others can know it.
      - Some MX hosts turn away a client without a name that resolves to its address; the check C(smtp_turned_away)
        says so.
    type: str
  fetch_timeout:
    description: Seconds one fetch of a policy may take altogether (RFC 8461, section 3.3, suggests a minute).
    type: float
    default: 60
  smtp_timeout:
    description: Seconds one conversation with an MX may take altogether.
    type: float
    default: 30
  domain_timeout:
    description:
      - Seconds all of one domain may take. What was not looked at when they are over is reported by a check whose
        name ends in C(_bounds), and not judged.
      - What domains share, such as an MX, has a time of its own, two minutes at most, and is looked at to its end.
    type: float
    default: 300
  attempts:
    description: How often an address that cannot be reached is tried, a second apart.
    type: int
    default: 2
  concurrency:
    description:
      - How many domains are looked at side by side. One that takes longer than 5 seconds waits for somebody silent; it
        makes room for the next one, until 8 times as many are under way.
    type: int
    default: 64
  expiring_days:
    description:
      - Warn this many days before a certificate expires, for short-lived ones later - not before three quarters of
        their lifetime are over.
    type: float
    default: 14
  slow_seconds:
    description: Warn when a policy took longer.
    type: float
    default: 10
  testing_weeks:
    description: Warn when a policy has been seen in mode V(testing) for longer.
    type: float
    default: 8
  state:
    description:
      - The file in which M(postmaster.mta_sts.audit_reports) has kept what an earlier audit saw, to notice a policy
        that changed under the same id, an id that changed before its policy, a policy that was removed while senders
        may hold it, one that stays in testing. Where there is no such file yet, it is a first look.
    type: path
  history:
    description:
      - The history that the role sts_policy keeps on a policy host, if the module runs there; used for domains that
        O(state) does not know.
    type: path
  tls_reports:
    description:
      - The figures of TLS reports that M(postmaster.mta_sts.tls_reports_overview) has written as JSON, to set what
        senders report beside what the audit sees. Where there is no such file yet, and of domains that it does not
        have, nothing is said.
    type: path
    version_added: 1.2.0
  report_paths:
    description:
      - The files that M(postmaster.mta_sts.audit_reports) is to write of this audit. One whose path is not absolute, or
        whose folder is not there, is refused before all the work.
    type: list
    elements: path
    default: []
  summary:
    description: How to sum it up in RV(summary).
    type: dict
    suboptions:
      fail_on:
        description:
          - The least severity that makes an audit fail, one that is named in C(failed) and C(message).
        type: str
        choices: [error, warning, never]
        default: error
      shown:
        description: How many domains, and how many findings, have lines of their own.
        type: int
        default: 20
      width:
        description: How wide a line may be, 60 characters at least.
        type: int
        default: 80
      unsettled:
        description:
          - Domains whose records name servers and their caches need not show yet, because they were just changed or are
            still to be published. What is found at their records does not make the audit fail.
        type: list
        elements: str
        default: []
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Audit our domains, and see whether they are as the list says
  postmaster.mta_sts.audit_info:
    domains: "{{ mta_sts_domains }}"
  register: audit
  delegate_to: localhost

- name: Audit anybody's domains, without their MX hosts
  postmaster.mta_sts.audit_info:
    domains: [example.com, example.org]
    look_at: [records, policy]
  register: others
  delegate_to: localhost

- name: Show what is wrong
  ansible.builtin.debug:
    var: audit.problems
"""

RETURN = r"""
checks:
  description: Every check there is, along a mail's way. A check that is neither in a domain's C(findings) nor in its
    C(not_looked_at) has passed.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: The check's stable name.
      type: str
      sample: tls_name
    station:
      description: V(dns), V(host), V(tls), V(policy), V(mx) or V(reports).
      type: str
    severity:
      description: The worst severity a finding of it can have.
      type: str
    section:
      description: The source.
      type: str
      sample: RFC 8461, section 3.3
    title:
      description: What holds when it passes.
      type: str
      sample: The certificate names the policy host
    fault:
      description: What is wrong when it finds something.
      type: str
      sample: The certificate does not name the policy host
results:
  description: One entry per domain, in the order given.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    verdict:
      description: The worst severity found - V(error), V(warning), V(info) - or V(ok).
      type: str
    stations:
      description: The same for each station, or V(unknown) where an earlier fault kept the audit from looking.
      type: dict
    findings:
      description: What was found, each with C(check), C(station), C(severity), C(subject), C(seen), C(section) and
        C(remedy), along a mail's way, the worst first. Ten of a check at most, and one that counts the rest.
      type: list
      elements: dict
    not_looked_at:
      description: Checks that were not asked for, do not concern the domain, or could not be made.
      type: list
      elements: str
    mode:
      description: The policy's mode as senders read it; null without a policy.
      type: str
    max_age:
      description: Seconds senders may keep the policy.
      type: int
    record_id:
      description: The id in the C(_mta-sts) record.
      type: str
    policy_id:
      description: The id that this collection gives a policy of the bytes served.
      type: str
    patterns:
      description: The policy's MX patterns, a hundred at most.
      type: list
      elements: str
    mx:
      description: The MX hosts, most preferred first.
      type: list
      elements: str
    policy_host:
      description: The policy host's name.
      type: str
    addresses:
      description: The policy host's addresses.
      type: list
      elements: str
    rua:
      description: Where TLS reports go, a hundred URIs at most.
      type: list
      elements: str
    certificate_expiry:
      description: When the first of the policy host's certificates expires, in UTC; C(certificate_expiry_epoch) is the
        same in epoch seconds.
      type: str
      sample: "2027-02-21T09:30:00Z"
    mx_certificate_expiry:
      description: The same for the certificates of the MX hosts, with C(mx_certificate_expiry_epoch).
      type: str
problems:
  description: Every error as one sentence.
  type: list
  elements: str
  returned: always
summary:
  description: The audit in a few lines for a terminal.
  type: dict
  returned: always
  contains:
    lines:
      description: What was seen, the worst first.
      type: list
      elements: str
    failed:
      description: The domains at fault, from the severity on that O(summary) names.
      type: list
      elements: str
    message:
      description: Their faults in sentences, as many as O(summary) has shown.
      type: str
observed:
  description: What M(postmaster.mta_sts.audit_reports) keeps for the next audit, see O(state).
  type: dict
  returned: always
audited_at:
  description: When the audit began, in UTC; C(audited_at_epoch) is the same in epoch seconds.
  type: str
  returned: always
  sample: "2026-11-24T09:30:00Z"
"""

import json
import time
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import (
    RESOLVER,
    check_report_paths,
    make_resolver,
    read_figures,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.judge import LOOK_AT, JudgeOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.past import (
    Past,
    from_history,
    from_plain,
    to_plain,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reported import Reported, from_figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.fail_on import FAIL_ON
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.terminal import (
    check_width,
    summarize,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.thresholds import Thresholds
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import SECONDS_PER_DOMAIN, SECONDS_PER_MX
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import CorruptHistory
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.collect import CollectOptions, Collector
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.run import Target, audit_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.targets import make_targets, read_targets
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.smtp import SmtpOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies import history

SPEC: dict[str, Any] = {
    "domains": {"type": "list", "elements": "raw", "required": True},
    "defaults": {"type": "dict", "default": {}},
    **RESOLVER,
    "look_at": {"type": "list", "elements": "str", "choices": list(LOOK_AT), "default": list(LOOK_AT)},
    "allow_private": {"type": "bool", "default": False},
    "authoritative": {"type": "bool", "default": False},
    "ca_path": {"type": "path"},
    "smtp_ca_path": {"type": "path"},
    "port": {"type": "int", "default": 443},
    "smtp_port": {"type": "int", "default": 25},
    "helo": {"type": "str"},
    "fetch_timeout": {"type": "float", "default": 60},
    "smtp_timeout": {"type": "float", "default": 30},
    "domain_timeout": {"type": "float", "default": SECONDS_PER_DOMAIN},
    "attempts": {"type": "int", "default": 2},
    "concurrency": {"type": "int", "default": 64},
    "expiring_days": {"type": "float", "default": 14},
    "slow_seconds": {"type": "float", "default": 10},
    "testing_weeks": {"type": "float", "default": 8},
    "state": {"type": "path"},
    "history": {"type": "path"},
    "tls_reports": {"type": "path"},
    "report_paths": {"type": "list", "elements": "path", "default": []},
    "summary": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "error"},
            "shown": {"type": "int", "default": 20},
            "width": {"type": "int", "default": 80},
            "unsettled": {"type": "list", "elements": "str", "default": []},
        },
    },
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    now = int(time.time())
    check_report_paths(module, options["report_paths"])
    _check_width(module)
    reported = _reported(module)
    targets = [replace(target, reported=reported.get(target.domain)) for target in _targets(module)]
    collector = Collector(make_resolver(module), _collect_options(options))
    thresholds = Thresholds(options["expiring_days"], options["slow_seconds"], options["testing_weeks"])
    how = JudgeOptions(now, thresholds, tuple(options["look_at"]))
    verdicts, observed = audit_all(targets, collector, how, _pasts(module, now), options["concurrency"])
    audit = {
        "checks": [check.as_dict() for check in CHECKS],
        "results": [verdict.as_dict() for verdict in verdicts],
        "problems": [sentence for verdict in verdicts for sentence in verdict.sentences],
        "observed": to_plain(observed),
        "audited_at": iso_time(now),
        "audited_at_epoch": now,
    }
    module.exit_json(changed=False, **audit, summary=_summary(audit, options["summary"]))


def _check_width(module: AnsibleModule) -> None:
    try:
        check_width(module.params["summary"]["width"])
    except ValueError as problem:
        module.fail_json(msg=f"summary: {problem}")


def _summary(audit: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    summary = summarize(audit, **{**asked, "unsettled": set(asked["unsettled"])})
    return {"lines": summary.lines, "failed": summary.failed, "message": summary.message}


def _targets(module: AnsibleModule) -> list[Target]:
    names, entries, findings = read_targets(module.params["domains"], module.params["defaults"])
    problems = [str(finding) for finding in errors(findings)]
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    return make_targets(names, entries, lambda: make_resolver(module))


def _collect_options(options: dict[str, Any]) -> CollectOptions:
    ca_path, attempts, allow_private = options["ca_path"], options["attempts"], options["allow_private"]
    return CollectOptions(
        look_at=tuple(options["look_at"]),
        authoritative=options["authoritative"],
        fetch=FetchOptions(ca_path, options["port"], options["fetch_timeout"], attempts, allow_private),
        smtp=SmtpOptions(
            options["smtp_ca_path"] or ca_path,
            options["smtp_port"],
            options["smtp_timeout"],
            attempts,
            options["helo"],
            allow_private,
            min(SECONDS_PER_MX, options["domain_timeout"]),
        ),
        seconds=options["domain_timeout"],
    )


def _reported(module: AnsibleModule) -> dict[str, Reported]:
    figures = read_figures(module, "tls_reports")
    return {} if figures is None else from_figures(figures)


def _pasts(module: AnsibleModule, now: int) -> dict[str, Past]:
    path = module.params["history"]
    try:
        served = history.read(path) if path is not None else {}
    except (CorruptHistory, OSError) as problem:
        module.fail_json(
            msg=with_remedy(f"history: {path} cannot be read: {problem}", "Name the file sts_policy keeps")
        )
    return {**{domain: from_history(entries, now) for domain, entries in served.items()}, **_observed(module)}


def _observed(module: AnsibleModule) -> dict[str, Past]:
    """Return what an earlier audit has left in the file of state, or fail because it cannot be read."""
    path = module.params["state"]
    try:
        data = None if path is None else read_if_there(path)
        return {} if data is None else from_plain(json.loads(data))
    except (OSError, ValueError, RecursionError) as problem:
        remedy = "Restore it, or remove it: without it this is the first audit"
        return module.fail_json(msg=with_remedy(f"state: {path}: {problem}", remedy))


if __name__ == "__main__":
    main()
