#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Install and remove the policies of any number of mail domains."""

from __future__ import annotations

DOCUMENTATION = r"""
module: policies
version_added: 1.0.0
short_description: Installs and removes MTA-STS policies
description:
  - Validates and installs the policies of any number of mail domains in one call, and removes those of domains that
    are V(absent) (RFC 8461, section 3.2).
  - Every policy is read back by a strict parser before it is written, and replaced atomically.
  - Remembers in a history file which policy was served when, with which C(max_age). This shows until when a
    sender may still hold an earlier policy; a removal before that is refused (RFC 8461, section 8.3). With
    O(controller_time) neither this host's clock nor the controller's alone makes a removal too early.
  - A mistake in the list is refused before anything is touched, all mistakes at once. Trouble with one domain's file is
    that domain's trouble; all others are done, then the module fails.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._domains
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  root:
    description:
      - The folder that holds a document root for every policy domain. The policy of C(example.com) is the file
        C(example.com/.well-known/mta-sts.txt) in it.
    type: path
    default: /var/www/mta-sts
  history:
    description: The file that remembers what was served. It is locked during a run; a corrupt one is an error.
    type: path
    default: /var/lib/mta-sts/history.json
  owner:
    description: The user who owns the policy files, by name or number.
    type: str
    default: root
  group:
    description: The group of the policy files, by name or number.
    type: str
    default: root
  mode:
    description: The permissions of the policy files, as an octal number; best in quotes.
    type: raw
    default: "0644"
  controller_time:
    description:
      - What time it is on the controller, in UTC, as in V(2026-11-26T05:30:00Z).
      - Where this host's clock says otherwise, the later of the two decides until when a policy was served, and the
        earlier one whether senders may still hold it.
    type: str
  served_by_others:
    description:
      - Policies of these domains that senders get from somebody else's web server now, as
        M(postmaster.mta_sts.live_policies_info) returns them.
      - They are remembered as served until a later run does not name them any more, so that their C(max_age) counts
        too.
    type: list
    elements: dict
    default: []
    version_added: 1.1.0
    suboptions:
      domain:
        description: The policy domain, as A-labels.
        type: str
        required: true
      policy:
        description: The text of the policy.
        type: str
        required: true
  force:
    description: Remove the policies of absent domains although senders may still hold them.
    type: bool
    default: false
  forget:
    description:
      - Once no policy is left, remove O(history), O(root) if it is empty, and the folder of the history if it is empty
        and called C(mta-sts). For good, when this host is to serve no policies any more.
      - While a policy is left, nothing is forgotten, and that is reported as a problem.
    type: bool
    default: false
  strict:
    description: Fail when a domain was refused, after all others are done. Otherwise only report it.
    type: bool
    default: true
notes:
  - The MX patterns must be known here. To have the live MX set looked up, call M(postmaster.mta_sts.domains_info) first
    and pass its RV(postmaster.mta_sts.domains_info#module:domains) on.
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Install one policy and take another one down
  postmaster.mta_sts.policies:
    domains:
      - domain: example.com
        mode: enforce
        mx: [mx1.example.com, "*.mx.example.net"]
        max_age: 4w
      - domain: example.org
        state: absent
"""

RETURN = r"""
domains:
  description: One entry per domain, in the order given.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain, as A-labels.
      type: str
      sample: example.com
    changed:
      description: Whether its file changed.
      type: bool
    failed:
      description: Whether it was refused; the file is as it was.
      type: bool
    action:
      description: V(create), V(change), V(remove), V(keep) or V(refuse).
      type: str
    path:
      description: The policy's file.
      type: str
      sample: /var/www/mta-sts/example.com/.well-known/mta-sts.txt
    policy_id:
      description: The id of the policy that is there now, for the C(_mta-sts) record; null without a policy.
      type: str
      sample: 5a0c51a3f1d7e2b4
    cached_until:
      description: The last moment, in UTC, at which a sender may hold an earlier policy; null when none can.
      type: str
      sample: "2027-01-21T09:30:00Z"
    findings:
      description: What was found, each with severity, domain, field, rule, section and remedy.
      type: list
      elements: dict
failed_domains:
  description: The domains that were refused.
  type: list
  elements: str
  returned: always
problems:
  description: Every refusal as one sentence.
  type: list
  elements: str
  returned: always
"""

import time
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import DOMAINS, read_list, read_mode
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import (
    Finding,
    errors,
    escaped_text,
    with_remedy,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import CorruptHistory, Now
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time, read_iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import Owner
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.lock import Locked
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.store import (
    HistoryNotKept,
    PolicyOutcome,
    Store,
    publish,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.uninstall import (
    forget,
    remains,
    still_served,
)

SPEC: dict[str, Any] = {
    **DOMAINS,
    "root": {"type": "path", "default": "/var/www/mta-sts"},
    "history": {"type": "path", "default": "/var/lib/mta-sts/history.json"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "mode": {"type": "raw", "default": "0644"},
    "controller_time": {"type": "str"},
    "served_by_others": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "domain": {"type": "str", "required": True},
            "policy": {"type": "str", "required": True},
        },
    },
    "force": {"type": "bool", "default": False},
    "forget": {"type": "bool", "default": False},
    "strict": {"type": "bool", "default": True},
}

RESTORE = (
    "Restore it from a backup; without one, move it away, and take no domain down before the largest max_age "
    "that was ever served has passed (RFC 8461, section 8.3)"
)
AGAIN = "Fix that on the policy host and run again"
TOLERATED_SECONDS = 300
OFF = "The clock of this host is {:.0f} min {} the controller's. Removals wait for the slower one"
KEEP = "Fix that and run again; until then the history says that both the old and the new policies are served"


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options = module.params
    domains = read_list(module)
    store = Store(
        options["root"],
        options["history"],
        Owner(options["owner"], options["group"], read_mode(module, options["mode"])),
    )
    try:
        leftovers = options["forget"] and remains(store)
        outcomes = publish(
            store,
            domains,
            _clock(module),
            force=options["force"],
            check=module.check_mode,
            elsewhere=_elsewhere(options["served_by_others"]),
        )
    except CorruptHistory as problem:
        module.fail_json(msg=with_remedy(f"The history {store.history} is corrupt: {problem}", RESTORE))
    except HistoryNotKept as problem:
        module.fail_json(
            msg=with_remedy(f"The policies are in place, but the history is not: {problem}", KEEP), changed=True
        )
    except Locked as problem:
        module.fail_json(msg=with_remedy(f"Nothing was touched: {problem}", "Wait until it has ended and run again"))
    except OSError as problem:
        module.fail_json(msg=with_remedy(f"Nothing was touched: {problem}", AGAIN))
    staying = still_served(store, outcomes) if options["forget"] else []
    forgets = options["forget"] and not staying and not any(errors(outcome.change.findings) for outcome in outcomes)
    if forgets and not module.check_mode:
        _forget(module, store)
    _report(module, store, outcomes, staying, forgotten=forgets and leftovers)


def _forget(module: AnsibleModule, store: Store) -> None:
    try:
        forget(store)
    except OSError as problem:
        module.fail_json(
            msg=with_remedy(f"The policies are gone, but not everything else: {problem}", AGAIN), changed=True
        )


def _elsewhere(served: list[dict[str, str]]) -> dict[str, list[bytes]]:
    """Return the policies by domain."""
    by_domain: dict[str, list[bytes]] = {}
    for entry in served:
        by_domain.setdefault(entry["domain"], []).append(entry["policy"].encode())
    return by_domain


def _clock(module: AnsibleModule) -> Callable[[], Now]:
    """Return the time by this host's clock and the controller's."""
    given = module.params["controller_time"]
    try:
        ahead = read_iso_time(given) - time.time() if given else 0
    except ValueError:
        module.fail_json(
            msg=with_remedy(f"controller_time: {given!r} is not a time", "Write it as in 2026-11-26T05:30:00Z")
        )
    if abs(ahead) > TOLERATED_SECONDS:
        rule = OFF.format(abs(ahead) / 60, "behind" if ahead > 0 else "ahead of")
        module.warn(with_remedy(rule, "Have both set their clocks by NTP"))
    return lambda: Now(int(time.time() + min(ahead, 0)), int(time.time() + max(ahead, 0)))


def _report(
    module: AnsibleModule, store: Store, outcomes: list[PolicyOutcome], staying: list[Finding], *, forgotten: bool
) -> None:
    refusals = [finding for outcome in outcomes for finding in errors(outcome.change.findings)]
    problems = [str(finding) for finding in refusals + staying]
    result: dict[str, Any] = {
        "changed": forgotten or any(outcome.changed for outcome in outcomes),
        "domains": [_entry(store, outcome) for outcome in outcomes],
        "failed_domains": [outcome.change.domain for outcome in outcomes if outcome.change.action == "refuse"],
        "problems": problems,
        "diff": [_diff(store, outcome) for outcome in outcomes if outcome.change.changes],
    }
    if problems and module.params["strict"]:
        module.fail_json(msg="\n".join(problems), **result)
    module.exit_json(**result)


def _entry(store: Store, outcome: PolicyOutcome) -> dict[str, Any]:
    change = outcome.change
    return {
        "domain": change.domain,
        "changed": outcome.changed,
        "failed": change.action == "refuse",
        "action": change.action,
        "path": store.path(change.domain),
        "policy_id": change.policy_id,
        "cached_until": None if change.cached_until is None else iso_time(change.cached_until),
        "findings": [finding.as_dict() for finding in change.findings],
    }


def _diff(store: Store, outcome: PolicyOutcome) -> dict[str, str]:
    path = store.path(outcome.change.domain)
    return {
        "before_header": path,
        "after_header": path,
        "before": _shown(outcome.change.before),
        "after": _shown(outcome.change.after),
    }


def _shown(data: bytes | None) -> str:
    return escaped_text((data or b"").decode("utf-8", "replace"))


if __name__ == "__main__":
    main()
