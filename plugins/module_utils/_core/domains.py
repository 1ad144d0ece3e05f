# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user's list of mail domains, read into policies to publish: every mistake found at once.

Private to this collection.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .dns.record import rua_problem, sts_name, tls_rpt_name
from .duration import DAY, WEEK, InvalidDuration, in_words, seconds
from .finding import Finding, error, errors
from .mx import check_pattern
from .names import NAME_LIMIT, InvalidName, check_host, policy_host
from .policies.policy import MAX_AGE_LIMIT, MODES, Policy, render
from .policies.policy_id import policy_id
from .rfc import APPLYING, DELEGATION, MATCHING, POLICY, TLS_RPT_RECORD

STATES = ("present", "absent")
CHOICES = {"mode": MODES, "state": STATES}
KEYS = ("domain", "mode", "mx", "max_age", "tls_rpt", "delegated_to", "state")
DOMAIN_PLACEHOLDER = "{domain}"
# What YAML has, as people call it; true and false are numbers to Python
KINDS = (
    (type(None), "null"), (bool, "true or false"), (int, "an integer"), (float, "a number"), (str, "a string"),
    (Mapping, "a dictionary"), (Sequence, "a list"),
)  # fmt: skip
DEFAULT_MODE = "testing"
DEFAULT_MAX_AGE = {"testing": DAY, "enforce": 4 * WEEK, "none": DAY}

Report = Callable[[str, str, str, str], None]
"""Takes field, rule, section and remedy of one error."""


@dataclass(frozen=True)
class MailDomain:
    """One policy domain as the user wants it.

    ``domain`` is an A-label name; ``mx`` the patterns, None to look them up; ``max_age`` in seconds; ``tls_rpt`` the
    report URIs, None to leave the record alone, empty for no record; ``state`` present or absent; ``delegated_to`` the
    name to which the CNAMEs of the domain's owner point, None for a domain of one's own.
    """

    domain: str
    mode: str
    mx: tuple[str, ...] | None
    max_age: int
    tls_rpt: tuple[str, ...] | None
    state: str
    delegated_to: str | None = None

    @property
    def present(self) -> bool:
        """Whether the domain is to have a policy."""
        return self.state == "present"

    @property
    def policy_host(self) -> str:
        """The host that serves the policy (RFC 8461, section 3.2)."""
        return policy_host(self.domain)

    @property
    def records_at(self) -> str:
        """The name below which the TXT records are written (RFC 8461, section 8.2)."""
        return self.delegated_to or self.domain

    @property
    def needs_mx(self) -> bool:
        """Whether the MX patterns must be looked up before there is a policy."""
        return self.present and self.mx is None and self.mode != "none"

    def with_mx(self, hosts: Iterable[str]) -> MailDomain:
        """Return the same domain with these patterns."""
        return replace(self, mx=tuple(hosts))

    def policy(self) -> Policy:
        """Return the policy; its MX patterns must be known unless the mode is none."""
        return Policy(self.mode, self.max_age, self.mx or ())

    def policy_text(self) -> bytes:
        """Return the policy's bytes."""
        return render(self.policy())

    def policy_id(self) -> str:
        """Return the policy's id."""
        return policy_id(self.policy_text())

    def as_dict(self) -> dict[str, Any]:
        """Return an entry that read_domains accepts again."""
        return {
            "domain": self.domain,
            "mode": self.mode,
            "mx": None if self.mx is None else list(self.mx),
            "max_age": self.max_age,
            "tls_rpt": None if self.tls_rpt is None else list(self.tls_rpt),
            "delegated_to": self.delegated_to,
            "state": self.state,
        }


def read_domains(raw: object, defaults: object = None) -> tuple[list[MailDomain], list[Finding]]:
    """Read a list of entries (see KEYS) with defaults for all keys but ``domain``.

    Returns the usable domains in order, and all findings. Never raises. Numbers may arrive as strings, a single
    string where a list is expected stands for a list of one. A key with the value None counts as left out, but for mode
    and state: whoever writes ``mode: null`` may mean the mode none.
    """
    common, findings = _read_defaults(defaults)
    if not isinstance(raw, (list, tuple)):
        rule = f"the list of domains is {_kind(raw)}, not a list"
        return [], [*findings, error("", "domains", rule, "", "Write a list of entries, each with the key domain")]
    domains: list[MailDomain] = []
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(raw, start=1):
        name, domain, found = _read_entry(entry, place, common)
        findings += found
        if name:
            places.setdefault(name, []).append(place)
        if domain:
            domains.append(domain)
    findings += _duplicates(places)
    return [domain for domain in domains if len(places[domain.domain]) == 1], findings


def _duplicates(places: Mapping[str, Sequence[int]]) -> Iterable[Finding]:
    for name, entries in places.items():
        if len(entries) > 1:
            times = {2: "twice"}.get(len(entries), f"{len(entries)} times")
            rule = f"listed {times}: entries {', '.join(map(str, entries[:-1]))} and {entries[-1]}"
            yield error(name, "domain", rule, "", "Remove all but one of them")


def _read_defaults(defaults: object) -> tuple[dict[str, Any], list[Finding]]:
    if defaults is None:
        return {}, []
    if not isinstance(defaults, Mapping):
        rule = f"the defaults are {_kind(defaults)}, not a dictionary"
        return {}, [error("", "defaults", rule, "", "Write key: value pairs")]
    _unused, findings = _read_values("defaults", "", defaults, KEYS[1:])
    # What is wrong with the defaults is said once, not again for every domain.
    common = {} if findings else {key: value for key, value in defaults.items() if value is not None}
    return common, findings


def _read_entry(entry: object, place: int, common: Mapping[str, Any]) -> tuple[str, MailDomain | None, list[Finding]]:
    """Return the domain's name as far as it can be told, the domain if it is usable, and the findings."""
    whose = f"entry {place}"
    if not isinstance(entry, Mapping):
        rule = f"{entry!r} is {_kind(entry)}, not a dictionary"
        named = isinstance(entry, str) and not _read_name(entry)[1]
        remedy = f"Write - domain: {entry}" if named else "Write - domain: example.com"
        return "", None, [error(whose, "domain", rule, "", remedy)]
    name, problem = _read_name(entry.get("domain"))
    whose = name or whose
    findings = [error(whose, "domain", problem[0], POLICY, problem[1])] if problem else []
    domain, found = _read_values(whose, name, entry, KEYS, common)
    return name, None if findings else domain, [*findings, *found]


def _read_values(
    whose: str, name: str, given: Mapping[str, Any], keys: Iterable[str], common: Mapping[str, Any] | None = None
) -> tuple[MailDomain | None, list[Finding]]:
    """Read all keys but ``domain``, of an entry or of the defaults."""
    findings = list(_unknown_keys(whose, given, keys))
    values = {**(common or {}), **{key: value for key, value in given.items() if value is not None}}

    def report(field: str, rule: str, section: str, remedy: str) -> None:
        findings.append(error(whose, field, rule, section, remedy))

    for key in ("mode", "state"):
        if key in given and given[key] is None:
            report(key, "there is no value", "", f"Leave {key} out, or write one of {', '.join(CHOICES[key])}")
    state = _choice("state", values.get("state", "present"), report)
    mode = _choice("mode", values.get("mode", DEFAULT_MODE), report)
    max_age = _max_age(values.get("max_age", DEFAULT_MAX_AGE.get(mode, 0)), state, report)
    mx = _mx(values.get("mx"), name, report)
    if values.get("mx") == [] and state == "present" and mode != "none":
        remedy = "Name the MX hosts, or leave mx out to have them looked up"
        report("mx", "the list is empty", POLICY, remedy)
    tls_rpt = _tls_rpt(values.get("tls_rpt"), name, report)
    delegated_to = _delegated_to(values.get("delegated_to"), name, report)
    if errors(findings):
        return None, findings
    return MailDomain(name, mode, mx, max_age, tls_rpt, state, delegated_to), findings


def _unknown_keys(whose: str, entry: Mapping[str, Any], known: Iterable[str]) -> Iterable[Finding]:
    known = list(known)
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"Use {', '.join(known)}"
            yield error(whose, str(key), "no such key", "", remedy)


def _kind(value: object) -> str:
    return next((words for kind, words in KINDS if isinstance(value, kind)), type(value).__name__)


def _read_name(value: object) -> tuple[str, tuple[str, str] | None]:
    if value is None:
        return "", ("the entry has no domain", "Write the policy domain, as in mail addresses")
    if not isinstance(value, str):
        return "", (f"{value!r} is {_kind(value)}, not a name", "Write it as text, in quotes if need be")
    try:
        name = check_host(value.strip())
    except InvalidName as problem:
        return "", (problem.rule, problem.remedy)
    for what, needed in (("the policy host", policy_host(name)), ("the record's name", sts_name(name))):
        if len(needed) > NAME_LIMIT:
            rule = f"{needed!r}, {what}, is longer than {NAME_LIMIT} characters"
            return name, (rule, "Remove the domain: it cannot have MTA-STS")
    return name, None


def _choice(field: str, value: object, report: Report) -> str:
    choices = CHOICES[field]
    if value in choices:
        return str(value)
    section = APPLYING if field == "mode" else ""
    report(field, f"{value!r} is not one of {', '.join(choices)}", section, f"Write one of {', '.join(choices)}")
    return choices[0]


def _max_age(value: object, state: str, report: Report) -> int:
    try:
        count = seconds(value)
    except InvalidDuration as problem:
        report("max_age", str(problem), POLICY, "Write seconds, or a number with s, m, h, d or w, as in 4w")
        return 0
    if count > MAX_AGE_LIMIT:
        rule = f"{value} is more than {MAX_AGE_LIMIT} seconds (one year)"
        report("max_age", rule, POLICY, f"Write {MAX_AGE_LIMIT} or less")
    if count == 0 and state == "present":
        rule = "0 makes a policy that no sender keeps, and that some reject"
        report(
            "max_age",
            rule,
            POLICY,
            f"Write {in_words(DEFAULT_MAX_AGE['none'])} or more; mode none switches a policy off",
        )
    return count


def _mx(value: object, domain: str, report: Report) -> tuple[str, ...] | None:
    if value is None:
        return None
    patterns = []
    for item in _as_list(value):
        pattern = _pattern(item, domain, report)
        if pattern and pattern in patterns:
            report("mx", f"{item!r} is listed twice", POLICY, "Remove one of them")
        elif pattern:
            patterns.append(pattern)
    return tuple(patterns)


def _pattern(item: object, domain: str, report: Report) -> str | None:
    if not isinstance(item, str):
        report("mx", f"{item!r} is not an MX pattern", POLICY, "Write a list of host names")
        return None
    try:
        pattern = check_pattern(item.strip())
    except InvalidName as problem:
        report("mx", problem.rule, POLICY, problem.remedy)
        return None
    if domain and pattern == policy_host(domain):
        rule = f"{pattern!r} is the policy host, which receives no mail"
        report("mx", rule, MATCHING, "Name the hosts in the domain's MX records")
        return None
    return pattern


def _tls_rpt(value: object, domain: str, report: Report) -> tuple[str, ...] | None:
    if value is None:
        return None
    uris = [_for_domain(uri, domain) if isinstance(uri, str) else uri for uri in _as_list(value)]
    for uri in uris:
        problem = (
            rua_problem(uri)
            if isinstance(uri, str)
            else (f"{uri!r} is not a URI", "Write a list of mailto: or https: URIs")
        )
        if problem and "{" in str(uri):
            report("tls_rpt", problem[0], TLS_RPT_RECORD, f"{DOMAIN_PLACEHOLDER} is the only placeholder")
        elif problem:
            report("tls_rpt", problem[0], TLS_RPT_RECORD, problem[1])
    if uris and len(tls_rpt_name(domain)) > NAME_LIMIT:
        rule = f"{tls_rpt_name(domain)!r}, the record's name, is longer than {NAME_LIMIT} characters"
        report("tls_rpt", rule, TLS_RPT_RECORD, "Leave tls_rpt out for this domain")
    return tuple(uri for uri in uris if isinstance(uri, str))


def _delegated_to(value: object, domain: str, report: Report) -> str | None:
    if value is None or value == "":  # the latter takes back what the defaults say
        return None
    if not isinstance(value, str):
        remedy = "Write a name in a zone of yours, as in customer.provider.example"
        report("delegated_to", f"{value!r} is not a name", DELEGATION, remedy)
        return None
    try:
        name = check_host(_for_domain(value.strip(), domain))
    except InvalidName as problem:
        report("delegated_to", problem.rule, DELEGATION, problem.remedy)
        return None
    if name == domain:
        rule = f"{name!r} is the domain itself"
        report("delegated_to", rule, DELEGATION, "Leave it out, or name a place in a zone of yours")
    if len(tls_rpt_name(name)) > NAME_LIMIT:
        rule = f"{tls_rpt_name(name)!r}, the name of a record there, is longer than {NAME_LIMIT} characters"
        report("delegated_to", rule, DELEGATION, "Choose a shorter name")
    return name


def _for_domain(text: str, domain: str) -> str:
    """Put the domain, as A-labels, where its placeholder stands; the defaults are read as if for an example."""
    return text.replace(DOMAIN_PLACEHOLDER, domain or "example.com")


def _as_list(value: object) -> list[Any]:
    """Return a list as it is and anything else as a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
