# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""faults.yml, read: every domain with all that its servers need; what an entry leaves out comes from `base`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parent.parent / "matrix/faults.yml"
FAULTS_ZONE = "fault.test"
HEALTHY_ZONE = "healthy.test"
POLICY_PATH = "/.well-known/mta-sts.txt"
KEY_TYPES = ("rsa", "ec")
# Makes a policy larger than senders need to read.
PADDING = [f"mx: mx-{number:04}.post.test" for number in range(3000)]

Entry = Mapping[str, Any]
Zone = Mapping[str, list[str]]


@dataclass(frozen=True)
class Certificate:
    """What is wrong or right with a certificate for each type of key (see certificates.py), and the names in it."""

    names: tuple[str, ...]
    kinds: Mapping[str, str]

    def file(self, key_type: str) -> str:
        """The PEM file with that type of key: key, certificate and chain."""
        return f"{self.names[0].replace('*', '_')}.{self.kinds[key_type]}.{key_type}.pem"

    @property
    def files(self) -> list[str]:
        """Its PEM files."""
        return [self.file(key_type) for key_type in self.kinds]


@dataclass(frozen=True)
class Site:
    """A name on the web server, at these endpoints; ``body`` and ``http`` are nginx's, inside and beside its server."""

    host: str
    at: tuple[str, ...]
    certificate: Certificate
    body: str
    http: str = ""


@dataclass(frozen=True)
class Endpoint:
    """An address of policy hosts.

    It ``listens`` for https, http (without TLS), smtps, or nothing; ``drops`` says that what it answers vanishes. To
    names it does not know it shows the certificate of the name ``unknown``, or it refuses them. ``tls`` is nginx's.
    """

    name: str
    listens: str = "https"
    drops: bool = False
    unknown: str = ""
    tls: str = ""


@dataclass(frozen=True)
class MailServer:
    """A mail server on an address of its own.

    It ``listens`` for smtp, or nothing; ``sni`` says that only who asks for its name gets its certificate, and
    ``fallback`` what others get. ``options`` are Postfix's.
    """

    name: str
    certificate: Certificate
    listens: str = "smtp"
    drops: bool = False
    sni: bool = False
    fallback: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Domain:
    """A policy domain: its records (those of the second name server, where they differ), policies, hosts."""

    entry: Entry
    name: str
    zone: Zone
    second_zone: Zone
    policies: Mapping[str, bytes]
    sites: tuple[Site, ...]
    mail_servers: tuple[MailServer, ...]


@dataclass(frozen=True)
class World:
    """All of it, at one moment; ``zones`` without policy domains, ``lame`` ones that are delegated to nobody."""

    faults: tuple[Domain, ...]
    healthy: tuple[Domain, ...]
    zones: Mapping[str, Zone]
    lame: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    sites: tuple[Site, ...]
    mail_servers: tuple[MailServer, ...]

    @property
    def domains(self) -> tuple[Domain, ...]:
        """All policy domains."""
        return self.healthy + self.faults


def load() -> dict[str, Any]:
    """Return the data file as it stands."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def read(data: Entry, *, before: bool = False, ipv6: bool = True) -> World:
    """Return the world as it is now, or as it was ``before`` some policies changed."""
    base = data["base"]
    moments = ("before",) if before else ()
    faults = [entry for entry in data["faults"] if ipv6 or entry.get("needs") != "ipv6"]
    domains = {
        zone: tuple(_domain(entry, base, zone, moments) for entry in entries)
        for zone, entries in ((FAULTS_ZONE, faults), (HEALTHY_ZONE, data["healthy"]))
    }
    everyone = domains[FAULTS_ZONE] + domains[HEALTHY_ZONE]
    return World(
        faults=domains[FAULTS_ZONE],
        healthy=domains[HEALTHY_ZONE],
        zones=data["zones"],
        lame=tuple(data["lame"]),
        endpoints=tuple(Endpoint(name, **(given or {})) for name, given in data["endpoints"].items()),
        sites=(*_sites(data["sites"]), *(site for domain in everyone for site in domain.sites)),
        mail_servers=(
            *(_mail_server(given) for given in data["mail_servers"]),
            *(server for domain in everyone for server in domain.mail_servers),
        ),
    )


def domain_name(entry: Entry, zone: str = FAULTS_ZONE) -> str:
    """Return the policy domain of an entry."""
    return f"{entry['name']}.{zone}"


def _domain(entry: Entry, base: Entry, zone_name: str, moments: Iterable[str]) -> Domain:
    name = domain_name(entry, zone_name)
    now = {**base, **entry}
    for moment in moments:
        now.update(entry.get(moment, {}))
    now = _named({**now, "web": {**base["web"], **now["web"]}, "zone": {**base["zone"], **now["zone"]}}, name)
    mx_names = [given if isinstance(given, str) else given["name"] for given in now["mx"]]
    own = tuple(_mail_server(given) for given in now["mx"] if not isinstance(given, str))
    web = now["web"]
    patterns = {"{mx}": [f"mx: {mx}" for mx in mx_names], "{padding}": PADDING}
    policy = _policy(now["policy"], patterns)
    records = {
        "{mx}": [f"MX {10 * place} {mx}." for place, mx in enumerate(mx_names, start=1)],
        "{web}": [f"HOST {endpoint}" for endpoint in web["at"]],
        "{id}": _policy_id(policy),
        "{id meant}": _policy_id(_meant(now.get("meant"))),
    }
    hosts = {server.name.removesuffix(f".{name}"): [f"HOST {server.name}"] for server in own if server.name != name}
    elsewhere = {place: _policy(lines, patterns) for place, lines in web.get("elsewhere", {}).items()}
    return Domain(
        entry=entry,
        name=name,
        zone={owner: _filled(lines or [], records) for owner, lines in {**hosts, **now["zone"]}.items()},
        second_zone={owner: _filled(lines or [], records) for owner, lines in now.get("second_zone", {}).items()},
        policies={name: policy, **{f"{name}@{place}": body for place, body in elsewhere.items()}},
        sites=_policy_host(name, web, elsewhere),
        mail_servers=own,
    )


def _policy_host(domain: str, web: Entry, elsewhere: Iterable[str]) -> tuple[Site, ...]:
    host = f"mta-sts.{domain}"
    certificate = _certificate(host, web["certificate"])
    if certificate is None:
        return ()
    body = f"location = {POLICY_PATH} {{ {web['serves']} }}"
    here = tuple(endpoint for endpoint in web["at"] if endpoint not in elsewhere)
    return (
        Site(host, here, certificate, body, web.get("http", "")),
        *(Site(host, (place,), certificate, body.replace(f"/{domain};", f"/{domain}@{place};")) for place in elsewhere),
    )


def _sites(given: Iterable[Entry]) -> Iterable[Site]:
    for site in given:
        certificate = _certificate(site["host"], "good")
        if certificate is not None:
            yield Site(site["host"], tuple(site["at"]), certificate, site["body"])


def _mail_server(given: Entry) -> MailServer:
    rest = {key: value for key, value in given.items() if key not in {"name", "certificate"}}
    certificate = _certificate(given["name"], given.get("certificate", "good"))
    return MailServer(given["name"], certificate or Certificate((given["name"],), {}), **rest)


def _certificate(host: str, given: str | Entry) -> Certificate | None:
    """Read a kind for both types of keys, or kinds by type and the names; none means that there is no certificate."""
    if given == "none":
        return None
    plain = {"rsa": given, "ec": given} if isinstance(given, str) else given
    names = plain.get("names", [host])
    return Certificate(tuple(names), {key_type: plain[key_type] for key_type in KEY_TYPES if key_type in plain})


def _policy_id(policy: bytes) -> str:
    """Give a policy the id that this collection gives it."""
    return hashlib.sha256(policy).hexdigest()[:16]


def _meant(entry: Entry | None) -> bytes:
    """Write down the policy that the inventory means."""
    if entry is None:
        return b""
    return _policy(
        ["version: STSv1", f"mode: {entry['mode']}", "{mx}", f"max_age: {entry['max_age']}"],
        {"{mx}": [f"mx: {mx}" for mx in entry["mx"]]},
    )


def _policy(given: bytes | str | list[str], patterns: Mapping[str, Any]) -> bytes:
    """Read lines that shall end with CRLF, or a text or bytes (!!binary) that stand for themselves."""
    if isinstance(given, bytes):
        return given
    if isinstance(given, str):
        return given.encode("utf-8")
    return "".join(f"{line}\r\n" for line in _filled(given, patterns)).encode()


def _filled(lines: Iterable[str], tokens: Mapping[str, str | list[str]]) -> list[str]:
    """Put lists in the place of lines that name them, and text in the place of words that name it."""
    texts = {token: value for token, value in tokens.items() if isinstance(value, str)}
    filled: list[str] = []
    for line in lines:
        value = tokens.get(line)
        filled += value if isinstance(value, list) else [_replaced(line, texts)]
    return filled


def _replaced(text: str, tokens: Mapping[str, str]) -> str:
    for token, value in tokens.items():
        text = text.replace(token, value)
    return text


def _named(given: Any, domain: str) -> Any:
    """Put the domain's name in all places that ask for it."""
    if isinstance(given, str):
        return given.replace("{domain}", domain)
    if isinstance(given, list):
        return [_named(item, domain) for item in given]
    if isinstance(given, dict):
        return {key: _named(value, domain) for key, value in given.items()}
    return given
