# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules share where they translate between Ansible and the core: options, and refusals in words.

Private to this collection.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._core.addresses import InvalidAddress, canonical
from ._core.audit.reported import from_figures
from ._core.certificates.certificate import FAMILIES
from ._core.dns.ownership import after, satisfied, split
from ._core.dns.rrsets import RecordIntent, RecordOutcome, texts
from ._core.domains import MailDomain, read_domains
from ._core.finding import errors, with_remedy
from ._io.dns.resolver import HAS_DNSPYTHON, InvalidNameserver, Resolver
from ._io.files import folder_of, read_if_there, write_atomic
from ._io.host_addresses import addresses_of

# As the documentation fragments _domains, _resolver, _records and _certificates describe them
OCTAL = re.compile(r"(0o)?[0-7]{3,4}\Z")
HIGHEST_MODE = 0o7777
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
PAIRS: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "no_log": False,
    "options": {
        "certificate": {"type": "str", "required": True},
        "key": {"type": "str", "required": True, "no_log": False},
    },
}
CERTIFICATES: dict[str, Any] = {
    "state_root": {"type": "path", "default": "/var/lib/mta-sts/dehydrated"},
    "ca": {"type": "str", "default": "https://acme-v02.api.letsencrypt.org/directory"},
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
    """Return the addresses of an option as DNS answers are spelt, or fail because one is not; look up ``names``."""
    given = module.params[option]
    if names:
        given = [address for addresses in addresses_of(given).values() for address in addresses]
    try:
        return canonical(given, option)
    except InvalidAddress as problem:
        module.fail_json(msg=str(problem))


def read_mode(module: AnsibleModule, given: str | int) -> int:
    """Read permissions, or fail because they are invalid; YAML has made a number of octal digits without quotes."""
    if isinstance(given, int) and 0 <= given <= HIGHEST_MODE:
        return int(given)
    if isinstance(given, str) and OCTAL.match(given):
        return int(given, 8)
    rule = f"mode: {given!r} is not an octal number"
    return module.fail_json(msg=with_remedy(rule, "Write it in quotes, as in '0644'"))


def check_report_paths(module: AnsibleModule, paths: Iterable[str]) -> None:
    """Fail unless reports can be written there: their paths are absolute and their folders exist."""
    paths = list(paths)
    astray = [path for path in paths if not os.path.isabs(path)]
    if astray:
        module.fail_json(msg=with_remedy(f"No absolute path: {', '.join(astray)}", "Write one that begins with /"))
    missing = dict.fromkeys(folder for path in paths for folder in [folder_of(path)] if not os.path.isdir(folder))
    if missing:
        module.fail_json(msg=with_remedy(f"No such folder: {', '.join(missing)}", "Create it, or write to another"))


def write_report(module: AnsibleModule, path: str, data: bytes) -> None:
    """Write a report, but in check mode, or fail because it cannot be written."""
    if module.check_mode:
        return
    try:
        write_atomic(path, data)
    except OSError as problem:
        remedy = f"Free space, or check owner and mode of {folder_of(path)}"
        module.fail_json(msg=with_remedy(f"{path} cannot be written: {problem}", remedy))


def read_figures(module: AnsibleModule, option: str) -> dict[str, Any] | None:
    """Return the figures of TLS reports that an option names, None without a file, or fail because it has none."""
    path = module.params[option]
    try:
        data = None if path is None else read_if_there(path)
        figures = None if data is None else json.loads(data)
        if figures is not None:
            from_figures(figures)
    except (OSError, ValueError, RecursionError) as problem:
        remedy = "Name the JSON that reports.yml writes (sts_reports_json), or run that again"
        module.fail_json(msg=with_remedy(f"{option}: {path}: {problem}", remedy))
    return figures


def make_resolver(module: AnsibleModule) -> Resolver:
    """Return a resolver made of the options RESOLVER, or fail because it cannot be."""
    if not HAS_DNSPYTHON:
        module.fail_json(msg=missing_required_lib("dnspython >= 2.6"))
    try:
        return Resolver(module.params["nameservers"], module.params["timeout"])
    except InvalidNameserver as problem:
        module.fail_json(msg=f"nameservers: {problem}")


def record_intents(module: AnsibleModule, ttl: int = 0) -> list[RecordIntent]:
    """Return the records of the options RECORDS, to be published with a TTL of so many seconds."""
    records, only = module.params["records"], module.params["only"]
    domains = {item["domain"] for item in records} if only is None else set(only)
    return [
        RecordIntent(item["domain"], item["name"].lower().rstrip("."), item["value"], ttl, item["owner"])
        for item in records
        if item["domain"] in domains
    ]


def record_entry(outcome: RecordOutcome) -> dict[str, Any]:
    """Return what became of a record as plain data."""
    intent, before = outcome.intent, outcome.before
    ours, others = split(intent.name, before)
    return {
        "domain": intent.domain,
        "name": intent.name,
        "zone": outcome.zone,
        "value": intent.value,
        "values": list(texts(after(intent, before))),
        "remove": [] if satisfied(intent, before) else list(texts(ours)),
        "kept": list(texts(others)),
        "published": outcome.published,
        "servers": dict(outcome.servers),
        "problem": outcome.problem,
    }


def warn_of_others(module: AnsibleModule, outcomes: Sequence[RecordOutcome]) -> None:
    """Warn of other records that stand beside ours and stay; senders ignore them, tidy people remove them."""
    told = [
        with_remedy(
            f"{outcome.intent.domain}: {outcome.intent.name}: {text[:60]!r} stands there too, and stays",
            "Remove it if nobody needs it: nothing else belongs there",
        )
        for outcome in outcomes
        for text in texts(split(outcome.intent.name, outcome.before)[1])
    ]
    for text in told[:WARNINGS]:
        module.warn(text)
    if len(told) > WARNINGS:
        module.warn(f"and {len(told) - WARNINGS} more such records; see kept in the result")
