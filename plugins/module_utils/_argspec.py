# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules share where they translate between Ansible and the core: options, and refusals in words.

Private to this collection.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._core.addresses import InvalidAddress, canonical
from ._core.certificates.certificate import FAMILIES
from ._core.dns.ownership import after, satisfied, split
from ._core.dns.rrsets import Outcome, Wanted, texts
from ._core.domains import MailDomain, read_domains
from ._core.finding import errors
from ._io.dns.resolver import HAS_DNSPYTHON, InvalidNameserver, Resolver
from ._io.files import folder_of
from ._io.host_addresses import addresses_of

# As the documentation fragments _domains, _resolver, _records and _certificates describe them
WARNINGS = 10  # of one kind and module: thousands would bury the others

DOMAINS: dict[str, Any] = {
    "domains": {"type": "list", "elements": "raw", "required": True},
    "defaults": {"type": "dict", "default": {}},
}
RESOLVER: dict[str, Any] = {
    "nameservers": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 5},
}
RECORDS: dict[str, Any] = {
    "records": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "domain": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "value": {"type": "str"},
            "owner": {"type": "str"},
        },
    },
    "only": {"type": "list", "elements": "str"},
    "port": {"type": "int", "default": 53},
}
CERTIFICATES: dict[str, Any] = {
    "store": {"type": "path", "required": True},
    "live_root": {"type": "path", "default": "/var/lib/mta-sts/live"},
    "key_types": {"type": "list", "elements": "str", "choices": list(FAMILIES), "default": ["rsa3072", "p256"]},
}


def read_list(module: AnsibleModule) -> list[MailDomain]:
    """Return the mail domains of the options DOMAINS, or fail with every mistake in them."""
    domains, findings = read_domains(module.params["domains"], module.params["defaults"])
    problems = [str(finding) for finding in errors(findings)]
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    return domains


def read_addresses(module: AnsibleModule, option: str, *, names: bool = False) -> list[str]:
    """Return the addresses of an option as DNS answers are spelt, or fail because one is none; look up ``names``."""
    given = module.params[option]
    if names:
        given = [address for addresses in addresses_of(given).values() for address in addresses]
    try:
        return canonical(given, option)
    except InvalidAddress as problem:
        module.fail_json(msg=str(problem))


def check_report_paths(module: AnsibleModule, paths: Iterable[str]) -> None:
    """Fail unless reports can be written there: their paths are absolute and their folders exist."""
    paths = list(paths)
    astray = [path for path in paths if not os.path.isabs(path)]
    if astray:
        module.fail_json(msg=f"No absolute path: {', '.join(astray)}. Remedy: Write one that begins with /")
    missing = dict.fromkeys(folder for path in paths for folder in [folder_of(path)] if not os.path.isdir(folder))
    if missing:
        module.fail_json(msg=f"No such folder: {', '.join(missing)}. Remedy: Make it, or write to another")


def make_resolver(module: AnsibleModule) -> Resolver:
    """Return a resolver made of the options RESOLVER, or fail because it cannot be."""
    if not HAS_DNSPYTHON:
        module.fail_json(msg=missing_required_lib("dnspython >= 2.6"))
    try:
        return Resolver(module.params["nameservers"], module.params["timeout"])
    except InvalidNameserver as problem:
        module.fail_json(msg=f"nameservers: {problem}. Remedy: Write an address, with :port if it is not 53")


def wanted_records(module: AnsibleModule, ttl: int = 0) -> list[Wanted]:
    """Return the records of the options RECORDS, to be published with a TTL of so many seconds."""
    records, only = module.params["records"], module.params["only"]
    domains = {item["domain"] for item in records} if only is None else set(only)
    return [
        Wanted(item["domain"], item["name"].lower().rstrip("."), item["value"], ttl, item["owner"])
        for item in records
        if item["domain"] in domains
    ]


def record_entry(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a record as plain data."""
    wanted, before = outcome.wanted, outcome.before
    ours, others = split(wanted.name, before)
    return {
        "domain": wanted.domain,
        "name": wanted.name,
        "zone": outcome.zone,
        "value": wanted.value,
        "values": list(texts(after(wanted, before))),
        "remove": [] if satisfied(wanted, before) else list(texts(ours)),
        "kept": list(texts(others)),
        "published": outcome.published,
        "servers": dict(outcome.servers),
        "problem": outcome.problem,
    }


def warn_of_others(module: AnsibleModule, outcomes: Sequence[Outcome]) -> None:
    """Tell what of others stands beside our records and stays; senders pass over it, tidy people remove it."""
    told = [
        f"{outcome.wanted.domain}: {outcome.wanted.name}: {text[:60]!r} stands there too, and stays. "
        "Remedy: Remove it, if nobody needs it: nothing else belongs there."
        for outcome in outcomes
        for text in texts(split(outcome.wanted.name, outcome.before)[1])
    ]
    for text in told[:WARNINGS]:
        module.warn(text)
    if len(told) > WARNINGS:
        module.warn(f"and {len(told) - WARNINGS} more records of others, see kept in the result")
