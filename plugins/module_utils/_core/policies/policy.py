# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy: parse it strictly and as senders do, render it (RFC 8461, section 3.2).

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..duration import DAY
from ..finding import Finding, error, errors, info, warning
from ..mx import WILDCARD, check_pattern, distance
from ..names import InvalidName, check_domain
from ..rfc import DURATION, FETCHING, POLICY
from .disguise import disguise

VERSION = "STSv1"
MODES = ("testing", "enforce", "none")
FIELDS = ("version", "mode", "mx", "max_age")
MAX_AGE_LIMIT = 31557600
SIZE_LIMIT = 65536

SHORTEST_SENSIBLE = {"testing": DAY, "enforce": 14 * DAY, "none": 0}

_EXTENSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}\Z")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"[0-9]{1,10}\Z")
_MISSPELT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.-]{0,30}[^A-Za-z0-9:=\s]{0,3})(?:\s*[:=]+|\s)(.*)", re.DOTALL)
_NO_LETTER = re.compile(r"[^a-z]")
_WSP = " \t"


@dataclass(frozen=True)
class Policy:
    """A policy: ``max_age`` in seconds, ``mx`` the patterns in order, ``extensions`` unknown fields in order."""

    mode: str
    max_age: int
    mx: tuple[str, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reading:
    """A policy as read.

    ``policy`` is the strict reading, None when there is an error; ``lenient`` what senders in the field would make of
    the same bytes, None when they would not accept it either.
    """

    policy: Policy | None
    lenient: Policy | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Field:
    line: int
    name: str
    value: str


def parse(data: bytes, domain: str = "") -> Reading:
    """Read a policy's bytes against the ABNF of RFC 8461, section 3.2. Never raises; takes linear time."""
    if len(data) > SIZE_LIMIT:
        rule = f"the policy has {len(data)} bytes, more than {SIZE_LIMIT} that senders need to read"
        finding = error(domain, "policy", rule, FETCHING, "Shorten it: wildcards can stand for many MX hosts")
        return Reading(None, None, (finding,))
    text = data.decode("utf-8", "backslashreplace")
    instead = disguise(data)
    if instead is not None:
        finding = error(domain, "policy", f"the file {instead.is_}", POLICY, instead.remedy)
        return Reading(None, _lenient(text), (finding,))
    findings = list(_check_encoding(domain, data))
    fields = list(_fields(domain, text, findings))
    first = _first(fields)
    findings += _duplicates(domain, fields)
    findings += _check_fields(domain, first, fields)
    if not errors(findings):
        findings += _advise(domain, text, fields, first)
    policy = None if errors(findings) else _policy(first, fields)
    in_order = sorted(findings, key=lambda finding: finding.line or SIZE_LIMIT)
    return Reading(policy, policy or _lenient(text), tuple(in_order))


def render(policy: Policy) -> bytes:
    """Return the policy's bytes: CRLF after every line, ``version`` first, as the strictest readers want it."""
    lines = [
        ("version", VERSION),
        ("mode", policy.mode),
        *(("mx", pattern) for pattern in policy.mx),
        ("max_age", str(policy.max_age)),
        *policy.extensions,
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in lines).encode()


def _check_encoding(domain: str, data: bytes) -> Iterator[Finding]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        yield error(domain, "policy", "the bytes are not UTF-8", POLICY, "Save the file as plain ASCII", line)


def _fields(domain: str, text: str, findings: list[Finding]) -> Iterator[_Field]:
    """Split into fields; what is not a field becomes a finding, and so does what is merely badly written."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, raw in enumerate(lines, start=1):
        line = raw[:-1] if raw.endswith("\r") else raw
        problem = _line_problem(line, number)
        if problem:
            findings.append(error(domain, "policy", problem[0], POLICY, problem[1], number))
        name, colon, value = line.lstrip("\ufeff" + _WSP).partition(":")
        name = name.rstrip(_WSP)
        if not colon or not _EXTENSION_NAME.match(name):
            name, value = _misspelt(line)  # so that the field is not called missing as well
        if name:
            yield _Field(number, name, value.strip(_WSP))


def _misspelt(line: str) -> tuple[str, str]:
    """Return field and value of a line that is not a field but was probably meant as one, else nothing."""
    found = _MISSPELT.match(line)
    return (meant_field(found[1]), found[2]) if found else ("", "")


def _line_problem(line: str, number: int) -> tuple[str, str] | None:
    """Say what keeps a line from being a field, and the remedy."""
    if number == 1 and line.startswith("\ufeff"):
        return "the file begins with a byte order mark", "Save the file without BOM"
    if not line.strip(_WSP):
        return "the line is blank", "Remove it"
    if line[0] in _WSP:
        return "the line begins with white space", "Begin the line with the field's name"
    found = _FORBIDDEN.search(line.replace("\t", " "))
    if found:
        return (
            f"the line contains the control character {found[0]!r}",
            "End lines with CRLF, and write printable characters only",
        )
    return _name_problem(line)


def _name_problem(line: str) -> tuple[str, str] | None:
    """Say what is wrong with what stands before the colon, and the remedy."""
    name, colon, _unused = line.partition(":")
    meant, value = _misspelt(line)
    if not colon:
        remedy = f"Write {meant}: {value[:40].strip(_WSP)}" if meant else "Write name: value, and no comments"
        return f"{line[:40]!r} is not a field: it has no colon", remedy
    if name.rstrip(_WSP) != name:
        return f"there is white space between {name.rstrip(_WSP)!r} and the colon", "Put the colon right after the name"
    if not _EXTENSION_NAME.match(name):
        remedy = f"Did you mean {meant}? Write {meant}:" if meant else "Use 1 to 32 letters, digits, and inner _ - ."
        return f"{name[:40]!r} is not a field name", remedy
    return None


def _first(fields: Iterable[_Field]) -> dict[str, _Field]:
    """Return the first field of each name: of duplicates the first counts."""
    first: dict[str, _Field] = {}
    for field in fields:
        first.setdefault(field.name, field)
    return first


def _duplicates(domain: str, fields: Iterable[_Field]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for field in fields:
        if field.name == "mx":
            continue
        if field.name in seen:
            rule = f"{field.name} stands a second time; senders take the one in line {seen[field.name]}"
            yield warning(domain, field.name, rule, POLICY, "Remove one of them", field.line)
        seen.setdefault(field.name, field.line)


def _check_fields(domain: str, first: dict[str, _Field], fields: Iterable[_Field]) -> Iterator[Finding]:
    yield from _check_version(domain, first)
    yield from _check_mode(domain, first)
    yield from _check_max_age(domain, first)
    yield from _check_mx(domain, first, fields)
    for field in fields:
        if field.name not in FIELDS:
            yield from _check_extension(domain, field, first)


def _check_version(domain: str, first: dict[str, _Field]) -> Iterator[Finding]:
    field = first.get("version")
    if field is None:
        yield _missing(domain, "version", first, f"Begin the policy with version: {VERSION}")
    elif field.value != VERSION:
        yield error(
            domain, "version", f"{field.value!r} is not {VERSION}", POLICY, f"Write version: {VERSION}", field.line
        )


def _check_mode(domain: str, first: dict[str, _Field]) -> Iterator[Finding]:
    field = first.get("mode")
    if field is None:
        yield _missing(domain, "mode", first, "Write mode: testing, enforce or none")
    elif field.value not in MODES:
        rule = f"{field.value!r} is not one of testing, enforce, none"
        yield error(domain, "mode", rule, POLICY, "Write one of them, in lower case", field.line)


def _check_max_age(domain: str, first: dict[str, _Field]) -> Iterator[Finding]:
    field = first.get("max_age")
    if field is None:
        yield _missing(domain, "max_age", first, "Write max_age: and the seconds senders may keep the policy")
    elif not _NUMBER.match(field.value):
        rule = f"{field.value[:40]!r} is not a number of 1 to 10 digits"
        yield error(domain, "max_age", rule, POLICY, "Write seconds, digits only", field.line)
    elif int(field.value) > MAX_AGE_LIMIT:
        rule = f"{field.value} is more than {MAX_AGE_LIMIT} seconds"
        yield error(domain, "max_age", rule, POLICY, f"Write {MAX_AGE_LIMIT} (one year) or less", field.line)


def _check_mx(domain: str, first: dict[str, _Field], fields: Iterable[_Field]) -> Iterator[Finding]:
    patterns = [field for field in fields if field.name == "mx"]
    if not patterns and not ("mode" in first and first["mode"].value == "none"):
        yield _missing(domain, "mx", first, "Write a line mx: for every MX host; only mode none needs none")
    for field in patterns:
        problem = _mx_problem(field.value)
        if problem:
            yield error(domain, "mx", problem[0], POLICY, problem[1], field.line)
        elif "." not in field.value.removeprefix(WILDCARD):
            rule = f"{field.value!r} is a single label, which no MX host has for a name"
            yield warning(domain, "mx", rule, POLICY, "Write the whole name, as in mx1.example.com", field.line)


def _mx_problem(value: str) -> tuple[str, str] | None:
    """Say what is wrong with an mx value as it stands in a policy, and the remedy."""
    if not value:
        return "the value is empty", "Write the name of an MX host"
    if any(separator in value for separator in ", \t"):
        return f"{value[:60]!r} holds several values", "Write one mx: line for each"
    if not value.isascii():
        return f"{value[:60]!r} is a U-label", "Write the A-label (xn--...)"
    try:
        check_pattern(value, check_domain)
    except InvalidName as problem:
        return problem.rule, problem.remedy
    return None


def _check_extension(domain: str, field: _Field, first: dict[str, _Field]) -> Iterator[Finding]:
    meant = meant_field(field.name)
    if not field.value:
        yield error(domain, field.name, "the value is empty", POLICY, "Give it a value, or remove the line", field.line)
    elif "\t" in field.value:
        yield error(domain, field.name, "the value contains a tab", POLICY, "Write a space instead", field.line)
    elif meant in first and field.name.lower() == meant:
        rule = f"{field.name} is not {meant}: names of fields are case-sensitive"
        yield warning(domain, field.name, rule, POLICY, "Write it in lower case", field.line)
    elif meant in first:
        rule = f"senders know no field {field.name} and ignore it"
        yield warning(domain, field.name, rule, POLICY, f"Did you mean {meant}? Write {meant}:", field.line)


def meant_field(name: str) -> str:
    """Return the field that somebody probably meant by a name, "" when it is not one of them or none comes near."""
    letters = _NO_LETTER.sub("", name.lower())
    for known in FIELDS:
        bare = known.replace("_", "")
        near = bare in letters and len(letters) <= len(bare) + 1
        if near or distance(bare, letters, len(bare) // 3) <= len(bare) // 3:
            return known
    return "version" if letters == "v" else ""


def _missing(domain: str, name: str, first: dict[str, _Field], remedy: str) -> Finding:
    similar = [field for field in first if meant_field(field) == name]
    if not similar:
        return error(domain, name, "the field is missing", POLICY, remedy)
    rule = f"the field is missing; {similar[0]} in line {first[similar[0]].line} is a different field"
    return error(domain, name, rule, POLICY, f"Write {name} there, exactly so")


def _advise(domain: str, text: str, fields: list[_Field], first: dict[str, _Field]) -> Iterator[Finding]:
    """Say what is valid but unwise."""
    if "\n" in text.replace("\r\n", ""):
        yield info(
            domain, "policy", "lines end with LF alone, which some checkers refuse", POLICY, "End them with CRLF"
        )
    if fields[0].name != "version":
        rule = "version is not on the first line, where some senders want it"
        yield warning(domain, "version", rule, POLICY, "Move it up", first["version"].line)
    mode, max_age = first["mode"].value, int(first["max_age"].value)
    if max_age < SHORTEST_SENSIBLE[mode]:
        rule = f"{max_age} seconds protect little in mode {mode}: an attacker only has to wait"
        remedy = f"Write {SHORTEST_SENSIBLE[mode]} or more"
        yield warning(domain, "max_age", rule, DURATION, remedy, first["max_age"].line)


def _policy(first: dict[str, _Field], fields: Iterable[_Field]) -> Policy:
    return Policy(
        mode=first["mode"].value,
        max_age=int(first["max_age"].value),
        mx=tuple(field.value for field in fields if field.name == "mx"),
        extensions=tuple((field.name, field.value) for field in first.values() if field.name not in FIELDS),
    )


def _lenient(text: str) -> Policy | None:
    """Read as forgiving senders do: any line ends, blank lines and unknown lines ignored, spaces stripped."""
    pairs = [
        (name.strip(), value.strip())
        for name, colon, value in (line.partition(":") for line in text.lstrip("\ufeff").splitlines())
        if colon
    ]
    first = dict(reversed(pairs))
    max_age = first.get("max_age", "")
    if first.get("version") != VERSION or first.get("mode") not in MODES:
        return None
    if not _NUMBER.match(max_age) or int(max_age) > MAX_AGE_LIMIT:
        return None
    patterns = tuple(value for name, value in pairs if name == "mx" and value)
    if not patterns and first["mode"] != "none":
        return None
    return Policy(first["mode"], int(max_age), patterns)
