# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What our nginx file must say to work with this nginx and beside other people's files.

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from ..finding import Finding, error, errors, warning
from ..names import policy_host
from .installation import EVERYWHERE, PLAIN_PORT, TLS_PORT, Build, Listen, Neighbours, bracketed, is_loopback
from .reports import ReportOptions, check_reports, report_values

NGINX = "nginx"
HTTP2_DIRECTIVE = (1, 25, 1)
REJECT_HANDSHAKE = (1, 19, 4)
SAFE_TICKETS = (1, 23, 2)  # from here on nginx rotates its ticket keys
POST_QUANTUM = (3, 5)

# The policy domain that belongs to the name in the TLS handshake: set by the map in our file, from the list alone.
DOMAIN = "${mta_sts_domain}"
PLACEHOLDERS = {"{domain}": DOMAIN, "{host}": f"mta-sts.{DOMAIN}"}
# The same for a name of their own that reports are taken at: it belongs to no policy domain.
REPORT_PLACEHOLDERS = {"{host}": "${mta_sts_reports_name}"}

# nginx keeps names in hashes. An element takes a pointer and the name with two bytes more, in steps of a pointer; a
# bucket ends in a pointer and must hold at least one element. Of many names it must hold several, or else nginx finds
# no good arrangement and says so at every start.
POINTER = 8
BUCKET = 64
MAX_SIZE = {"server_names": 512, "map": 2048}
FEW_NAMES = 32
NAMES_IN_A_BUCKET = 6

_PATH = re.compile(r"(?:/[A-Za-z0-9_.@%+=:,~-]+)+/?")
_URL = re.compile(r"https?://[!#-\[\]-~]+")
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


@dataclass(frozen=True)
class VhostOptions:
    """The policy domains to serve, and how; those ``held`` are on port 443 left to somebody else's server for now.

    Without ``reports`` none are taken.
    """

    domains: Sequence[str]
    certificates: Sequence[Mapping[str, str]] = ()
    policy_root: str = "/var/www/mta-sts"
    challenge_root: str = "/var/lib/mta-sts/acme-challenges"
    redirect_url: str = ""
    access_log: str = ""
    addresses: Sequence[str] = ()
    port_80: bool = True
    peers: Sequence[str] = ()
    held: Sequence[str] = ()
    reports: ReportOptions | None = None

    @property
    def reports_host(self) -> str:
        """The name of their own at which reports are taken, "" if there is none."""
        return self.reports.host if self.reports else ""

    @property
    def hosts(self) -> list[str]:
        """All names to answer for."""
        return [*map(policy_host, self.domains), *filter(None, [self.reports_host])]

    @property
    def fixed_paths(self) -> list[str]:
        """The files of certificates and keys that nginx reads when it starts, and then no more until a reload."""
        of_reports = self.reports.certificates if self.reports and self.reports.name else ()
        pairs = [*self.certificates, *of_reports] if self.domains else []
        paths = [path for pair in pairs for path in pair.values()]
        return [path for path in dict.fromkeys(paths) if not is_pattern(path)]

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports to listen on."""
        return (TLS_PORT, PLAIN_PORT) if self.port_80 else (TLS_PORT,)


def is_pattern(path: str) -> bool:
    """Whether a path is another one for each name, so that nginx reads the file at each handshake, as its workers."""
    return any(placeholder in path for placeholder in PLACEHOLDERS)


def find_faults(
    options: VhostOptions, others: Neighbours, *, ipv6: bool, programs: Mapping[int, Set[str]] | None = None
) -> list[Finding]:
    """Find what cannot be written, or else what conflicts with other files and with the ``programs`` on our ports.

    Without domains nothing does.
    """
    if not options.domains:
        return []
    found = [*check(options), *_ports_of_others(options, programs or {})]
    return found + ([] if errors(found) else check_neighbours(options, others, ipv6=ipv6))


def check(options: VhostOptions) -> list[Finding]:
    """Find what cannot be written into nginx's configuration."""
    return [
        *_check_names(options.domains),
        *_check_paths("policy_root", [options.policy_root]),
        *_check_paths("challenge_root", [options.challenge_root]),
        *_check_paths("access_log", {options.access_log} - {"", "off"}),
        *_check_certificates("certificates", options.certificates, PLACEHOLDERS),
        *_check_reports(options),
        *_check_url(options.redirect_url),
        *_check_addresses("addresses", options.addresses),
        *_check_addresses("peers", options.peers),
    ]


def check_neighbours(options: VhostOptions, others: Neighbours, *, ipv6: bool) -> list[Finding]:
    """Find where our file and other people's would conflict."""
    return [
        *_not_read(others),
        *_ports_out_of_reach(options, others, ipv6),
        *_displaced_defaults(options, others, ipv6),
        *_buckets_too_small(options, others),
        *_names_served_twice(options, others),
    ]


def values(options: VhostOptions, build: Build, others: Neighbours, *, ipv6: bool) -> dict[str, Any]:
    """Return what the template of our file needs, ready to be written."""
    held = set(options.held)
    served = [domain for domain in options.domains if domain not in held]
    return {
        "http_lines": _hash_lines(options.hosts, others),
        "map": [{"key": _map_key(policy_host(domain), others), "domain": domain} for domain in served],
        "names": options.hosts,
        "tls_names": [policy_host(domain) for domain in served],
        "tls_listens": [
            f"{address}:{TLS_PORT} {_protocols(address, build, others)}"
            for address in _addresses(TLS_PORT, options, others, ipv6)
        ],
        "plain_listens": [
            f"{address}:{PLAIN_PORT}" for address in _addresses(PLAIN_PORT, options, others, ipv6) if options.port_80
        ],
        "reject_lines": _reject_lines(build),
        "tls_lines": _tls_lines(build),
        "certificates": _pairs(options.certificates, PLACEHOLDERS),
        "elsewhere": f'301 "{options.redirect_url}"' if options.redirect_url else "404",
        "log_lines": [f"access_log {options.access_log};"] if options.access_log else [],
        "peers": [f"{bracketed(peer)}:{PLAIN_PORT}" for peer in options.peers if options.port_80],
        "reports": _report_values(options.reports, others) if options.reports else {},
    }


def _report_values(options: ReportOptions, others: Neighbours) -> dict[str, Any]:
    """Return what the template needs to take reports."""
    return {
        **report_values(options),
        "name": options.host,
        "key": _map_key(options.host, others),
        "certificates": _pairs(options.certificates, REPORT_PLACEHOLDERS) if options.host else [],
    }


# What cannot be written


def _check_names(domains: Sequence[str]) -> Iterator[Finding]:
    """Refuse what is not a name, although names were read before: some are read from our file as it is on the host."""
    for domain in domains:
        if not _NAME.fullmatch(domain):
            rule = f'"{domain}" is not a name that can be written into nginx\'s configuration'
            yield error("", "domains", rule, "", "Remove the line from our file there, or remove the file")


def _check_paths(field: str, paths: Sequence[str] | set[str]) -> Iterator[Finding]:
    for path in paths:
        if not _PATH.fullmatch(path):
            remedy = "Write an absolute path of letters, digits and / _ . @ % + = : , ~ -"
            yield error(
                "", field, f'"{path}" is not a path that can be written into nginx\'s configuration', "", remedy
            )


def _check_certificates(
    field: str, certificates: Sequence[Mapping[str, str]], placeholders: Mapping[str, str]
) -> Iterator[Finding]:
    if not certificates:
        yield error("", field, "no certificate is named", "", "Name at least one pair of certificate and key")
    for certificate in certificates:
        if set(certificate) != {"certificate", "key"}:
            rule = f"an entry has the keys {', '.join(sorted(certificate)) or 'none'}"
            yield error("", field, rule, "", "Give each entry exactly certificate and key")
        for path in map(str, certificate.values()):
            plain = re.sub("|".join(map(re.escape, placeholders)), "x", path)
            yield from (() if _PATH.fullmatch(plain) else _check_paths(field, [path]))


def _check_reports(options: VhostOptions) -> Iterator[Finding]:
    reports = options.reports
    if not reports:
        return
    yield from check_reports(reports, [policy_host(domain) for domain in options.domains])
    yield from _check_paths("reports.root", [reports.root])
    if reports.name:
        yield from _check_certificates("reports.certificates", reports.certificates, REPORT_PLACEHOLDERS)


def _check_url(url: str) -> Iterator[Finding]:
    if url and not _URL.fullmatch(url):
        remedy = "Write an http or https URL without spaces, quotes and backslashes"
        yield error(
            "", "redirect_url", f'"{url}" is not a URL that can be written into nginx\'s configuration', "", remedy
        )


def _check_addresses(field: str, addresses: Sequence[str]) -> Iterator[Finding]:
    for address in addresses:
        try:
            bracketed(address)
        except ValueError:
            yield error("", field, f'"{address}" is not an IP address', "", "Write an IPv4 or IPv6 address")


# Where we listen


def _addresses(port: int, options: VhostOptions, others: Neighbours, ipv6: bool) -> list[str]:
    """Choose the addresses to listen on.

    By default all of them; and each that another file names, too, because for such an address nginx asks only the
    server blocks that name it. Where others name some addresses and never all, we join them on these: a running nginx
    that holds one address of a port cannot take all of them by a reload.
    """
    if options.addresses:
        return list(dict.fromkeys(map(bracketed, options.addresses)))
    chosen: list[str] = []
    for everywhere in EVERYWHERE if ipv6 else EVERYWHERE[:1]:
        theirs = [listen.address for listen in _theirs(port, everywhere, others)]
        ours = not theirs or (everywhere, port) in others.we_listen
        if everywhere in theirs or (ours and not _held_by_dual_stack(port, everywhere, others)):
            chosen.append(everywhere)
        chosen += [address for address in theirs if not is_loopback(address)]
    return list(dict.fromkeys(chosen))


def _theirs(port: int, everywhere: str, others: Neighbours) -> list[Listen]:
    """Return how others listen on a port, at addresses of the same family as ``everywhere``."""
    ipv6 = everywhere == EVERYWHERE[1]
    return [listen for listen in others.listens if listen.port == port and listen.address.startswith("[") == ipv6]


def _held_by_dual_stack(port: int, everywhere: str, others: Neighbours) -> bool:
    return everywhere == EVERYWHERE[0] and any(
        "ipv6only=off" in listen.options for listen in _theirs(port, EVERYWHERE[1], others)
    )


def _protocols(address: str, build: Build, others: Neighbours) -> str:
    """Return the protocols of a TLS listen. Before nginx 1.25.1 "http2" there holds for everybody on that address."""
    theirs = [listen for listen in others.listens if (listen.address, listen.port) == (address, TLS_PORT)]
    welcome = not theirs or any("http2" in listen.options for listen in theirs)
    return "ssl http2" if build.http2 and build.version < HTTP2_DIRECTIVE and welcome else "ssl"


def _ports_of_others(options: VhostOptions, programs: Mapping[int, Set[str]]) -> Iterator[Finding]:
    """Refuse ports that another web server has, unless we are told at which addresses to listen beside it.

    nginx may share a port with it at addresses of their own, and then so do we.
    """
    remedies = {
        TLS_PORT: f"Keep it, with mta_sts_vhost: false and {options.policy_root}/<domain> as its document root, or "
        "stop it and run again (see docs/adopting.md), or name addresses that are free in sts_vhost_addresses",
        PLAIN_PORT: "Leave it the port with sts_vhost_port_80: false and sts_certificate_challenge: dns-01, or stop it",
    }
    for port in () if options.addresses else options.ports:
        names = sorted(programs.get(port, ()))
        if names and not {NGINX, ""}.intersection(names):
            verb = "listens" if len(names) == 1 else "listen"
            rule = f"{' and '.join(names)} {verb} on port {port} of this host, so nginx cannot"
            yield error("", "addresses", rule, "", remedies[port])


def _not_read(others: Neighbours) -> Iterator[Finding]:
    if not others.read_us:
        rule = f"nginx would not read {others.our_file}: nothing in its http block includes it"
        remedy = "Include its folder there, or name a file that is included in sts_vhost_config_path"
        yield error("", "config_path", rule, "", remedy)


def _ports_out_of_reach(options: VhostOptions, others: Neighbours, ipv6: bool) -> Iterator[Finding]:
    if options.addresses:
        return
    remedy = "Name the addresses to listen on in sts_vhost_addresses"
    for port in options.ports:
        if port in others.stream_ports:
            rule = f"{others.stream_ports[port]} gives port {port} to a stream server"
            yield error("", "addresses", rule, "", remedy)
        for everywhere in EVERYWHERE if ipv6 else EVERYWHERE[:1]:
            theirs = _theirs(port, everywhere, others)
            alone = theirs and all(is_loopback(listen.address) for listen in theirs)
            if alone and (everywhere, port) not in others.we_listen:
                where = f"{theirs[0].address}:{port}"
                rule = f"{theirs[0].file} listens on {where}, and nginx cannot add all others with a reload"
                yield error("", "addresses", rule, "", remedy)


def _displaced_defaults(options: VhostOptions, others: Neighbours, ipv6: bool) -> Iterator[Finding]:
    for port in options.ports:
        for address in _addresses(port, options, others, ipv6):
            theirs = [listen for listen in others.listens if (listen.address, listen.port) == (address, port)]
            if theirs and not any(listen.is_default or listen.before_us for listen in theirs):
                rule = f"our file would take the place of {theirs[0].file} as default server of {address}:{port}"
                remedy = (
                    "Write default_server into the listen line there, or set sts_vhost_config_path to one read later"
                )
                yield error("", "config_path", rule, "", remedy)


# Which names we serve


def _bucket(length: int, names: int = 1) -> int:
    """Return the bucket, a power of two, that holds so many names of such a length."""
    size = POINTER + names * (POINTER + -(-(length + 2) // POINTER) * POINTER)
    return max(BUCKET, 1 << (size - 1).bit_length())


def _longest(names: Sequence[str]) -> int:
    return max(map(len, names), default=0)


def _hash_lines(hosts: Sequence[str], others: Neighbours) -> list[str]:
    """Return the hash settings that our names need and no other file has made yet."""
    lines = []
    for kind, names in (("server_names", [*hosts, *others.names]), ("map", hosts)):
        if kind == "map" and others.map_before_us:
            continue  # the first map fixes both settings
        many = len(names) > FEW_NAMES
        bucket = _bucket(_longest(names), NAMES_IN_A_BUCKET if many else 1)
        size = 1 << (2 * len(names) - 1).bit_length() if many else 0
        if bucket > BUCKET and f"{kind}_hash_bucket_size" not in others.hash_settings:
            lines.append(f"{kind}_hash_bucket_size {bucket};")
        if size > MAX_SIZE[kind] and f"{kind}_hash_max_size" not in others.hash_settings:
            lines.append(f"{kind}_hash_max_size {size};")
    return lines


def _map_key(host: str, others: Neighbours) -> str:
    """Return the name as a key of the map: a regular expression where others have made the hash too small for it."""
    if "map_hash_bucket_size" in others.hash_settings:
        bucket = others.hash_settings["map_hash_bucket_size"][0]
    else:
        bucket = BUCKET if others.map_before_us else 0
    if not bucket or _bucket(len(host)) <= _in_whole_steps(bucket):
        return host
    return "~*^{}$".format(host.replace(".", r"\."))


def _buckets_too_small(options: VhostOptions, others: Neighbours) -> Iterator[Finding]:
    name = "server_names_hash_bucket_size"
    longest = max(options.hosts, key=len, default="")
    needed = _bucket(len(longest))
    if name in others.hash_settings:
        value, file = others.hash_settings[name]
        if _in_whole_steps(value) < needed:
            rule = f"{file} sets {name} to {value}, too small for {longest} ({len(longest)} characters)"
            yield error("", name, rule, "", f"Set it to {needed} there")


def _in_whole_steps(bucket: int) -> int:
    """Return the size of a bucket as nginx takes it."""
    return -(-bucket // BUCKET) * BUCKET


def file_of(path: str, domain: str) -> str:
    """Return the file that nginx reads for a domain where ``path`` is among the certificates."""
    return path.replace("{domain}", domain).replace("{host}", policy_host(domain))


def _names_served_twice(options: VhostOptions, others: Neighbours) -> Iterator[Finding]:
    for domain in options.domains:
        if policy_host(domain) in others.names:
            remedy = "Leave it there until the end of the run says that ours is ready"
            yield warning(domain, "domain", _served_twice(policy_host(domain), others), "", remedy)
    if options.reports_host in others.names:
        rule = _served_twice(options.reports_host, others)
        yield warning("", "reports.name", rule, "", "Remove it there, or choose another name")


def _served_twice(host: str, others: Neighbours) -> str:
    return f"{host} is a server_name in {others.names[host]} too, and nginx takes the one it reads first"


# What this nginx understands


def _reject_lines(build: Build) -> list[str]:
    """Return how the server for unknown names ends the handshake.

    An old nginx cannot be told to. It ends it all the same, with another alert, when the certificate of a name is
    missing; and the map knows no path for an unknown name.
    """
    if build.version >= REJECT_HANDSHAKE:
        return ["ssl_reject_handshake on;"]
    return [f"ssl_certificate /nonexistent/{DOMAIN};", f"ssl_certificate_key /nonexistent/{DOMAIN};"]


def _tls_lines(build: Build) -> list[str]:
    curves = "X25519:prime256v1:secp384r1"
    lines = [f"ssl_ecdh_curve {'X25519MLKEM768:' if build.openssl >= POST_QUANTUM else ''}{curves};"]
    if build.version < SAFE_TICKETS:
        lines.append("ssl_session_tickets off;")
    if build.http2 and build.version >= HTTP2_DIRECTIVE:
        lines.append("http2 on;")
    return lines


def _pairs(certificates: Sequence[Mapping[str, str]], placeholders: Mapping[str, str]) -> list[dict[str, str]]:
    """Return pairs of certificate and key as nginx takes them."""
    return [{part: _with_variables(path, placeholders) for part, path in pair.items()} for pair in certificates]


def _with_variables(path: str, placeholders: Mapping[str, str]) -> str:
    for placeholder, variable in placeholders.items():
        path = path.replace(placeholder, variable)
    return path
