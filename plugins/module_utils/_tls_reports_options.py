# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the two modules that read TLS reports share where they translate: options as the fragment _tls_reports has them.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._argspec import DOMAINS, RESOLVER, make_resolver
from ._core.domains import MailDomain
from ._core.finding import Refused, errors
from ._core.tls_reports.period import read_day
from ._io.audit.targets import make_targets, read_targets
from ._io.dns.resolver import HAS_DNSPYTHON
from ._io.tls_reports.dkim_signatures import HAS_DKIMPY, Signatures
from ._io.tls_reports.imap_client import IMPLICIT, PORTS
from ._io.tls_reports.run import Policies, Question
from ._io.tls_reports.sources import FILES, TYPES

TLS_REPORTS: dict[str, Any] = {
    "sources": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "type": {"type": "str", "choices": list(TYPES), "required": True},
            "path": {"type": "path"},
            "host": {"type": "str"},
            "tls": {"type": "str", "choices": list(PORTS), "default": IMPLICIT},
            "port": {"type": "int"},
            "user": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "folder": {"type": "str", "default": "INBOX"},
            "since": {"type": "str"},
            "move_to": {"type": "str"},
            "ca_path": {"type": "path"},
            "validate_certs": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 60},
        },
        "required_if": [
            *(("type", kind, ("path",)) for kind in FILES),
            ("type", "imap", ("host", "user", "password")),
        ],
    },
    **DOMAINS,
    "since": {"type": "str"},
    "until": {"type": "str"},
    "dkim": {"type": "bool", "default": True},
    "sum_up": {"type": "bool", "default": False},
    **RESOLVER,
}


@dataclass(frozen=True)
class Asked:
    """What a module is asked for, and what it looks things up with."""

    question: Question
    signatures: Signatures
    policies: Policies


def read_options(module: AnsibleModule, keep_days: int | None = None) -> Asked:
    """Return what the options TLS_REPORTS ask for, or fail with every mistake in them."""
    now = int(time.time())
    names, entries, findings = read_targets(module.params["domains"], module.params["defaults"])
    problems = [str(finding) for finding in errors(findings)]
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    since, until = (_day(module, option, now) for option in ("since", "until"))
    question = Question(frozenset(names), now, since, until, keep_days, module.params["sum_up"])
    return Asked(question, _signatures(module), lambda domains: _policies(module, entries, domains))


def _day(module: AnsibleModule, option: str, now: int) -> str | None:
    try:
        return read_day(module.params[option], now)
    except Refused as problem:
        module.fail_json(msg=f"{option}: {problem}")


def _signatures(module: AnsibleModule) -> Signatures:
    if not module.params["dkim"]:
        return Signatures(None)
    missing = [
        name for name, there in (("dkimpy >= 1.0", HAS_DKIMPY), ("dnspython >= 2.6", HAS_DNSPYTHON)) if not there
    ]
    for name in missing:
        module.warn(missing_required_lib(name, reason="for option dkim: without it no signature is looked at"))
    return Signatures(None if missing else make_resolver(module))


def _policies(module: AnsibleModule, entries: Collection[MailDomain], domains: Collection[str]) -> Mapping[str, bytes]:
    """Return the policies that the list calls for; MX names it leaves to DNS are looked up, if that can be."""
    listed = [entry for entry in entries if entry.domain in domains]
    wanted = [entry for entry in listed if HAS_DNSPYTHON or not entry.needs_mx]
    targets = make_targets([entry.domain for entry in wanted], wanted, lambda: make_resolver(module))
    expected = [target.expected for target in targets]
    return {one.domain: one.policy for one in expected if one is not None and one.present and one.policy is not None}
