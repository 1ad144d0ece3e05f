# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is already there on the host: the nginx that runs, and what other people's files tell it.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..addresses import plain_address
from .reports import UPLOADS
from .syntax import Directive, expand, parse

FILE_NAME = "zz-mta-sts.conf"  # sorts last: the server block read first is the default one, and that must not be ours
FOLDERS = ("sites-enabled", "conf.d")
EVERYWHERE = ("0.0.0.0", "[::]")
TLS_PORT = 443
PLAIN_PORT = 80

_DOMAIN = "$mta_sts_domain"
_PEERS = "mta_sts_peers"
_HASH_SETTING = re.compile(r"(?:server_names|map)_hash_(?:bucket|max)_size")
_NUMBER = re.compile("[0-9]{1,9}")
_MARK = "our_file_is_read_here"


@dataclass(frozen=True)
class Build:
    """What "nginx -V" says. The defaults stand for a current system, for a host that has no nginx yet."""

    version: tuple[int, ...] = (1, 26, 0)
    openssl: tuple[int, ...] = (3, 5, 0)
    http2: bool = True
    main_config: str = "/etc/nginx/nginx.conf"
    pid_file: str = "/run/nginx.pid"
    user: str = ""
    group: str = ""


@dataclass(frozen=True)
class Listen:
    """An address and port on which a server block of somebody else listens."""

    address: str
    port: int
    options: frozenset[str]
    file: str
    before_us: bool

    @property
    def is_default(self) -> bool:
        """Whether it is the default server explicitly, not by its place alone."""
        return bool(self.options & {"default_server", "default"})


@dataclass(frozen=True)
class Neighbours:
    """What other people's files say, as far as it concerns ours; every fact with the file it comes from."""

    our_file: str = ""
    read_us: bool = True
    listens: tuple[Listen, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    hash_settings: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    map_before_us: bool = False
    stream_ports: Mapping[int, str] = field(default_factory=dict)
    pid_file: str = ""
    user: str = ""
    group: str = ""
    we_listen: frozenset[tuple[str, int]] = frozenset()  # as our file is now


def read_build(text: str) -> Build:
    """Read the output of "nginx -V"."""

    def option(name: str, default: str) -> str:
        found = re.search(rf"--{name}=(\S+)", text)
        return found[1] if found else default

    def version(*patterns: str) -> tuple[int, ...]:
        found = next(filter(None, (re.search(pattern, text) for pattern in patterns)), None)
        return tuple(map(int, found[1].split("."))) if found else (0,)

    prefix = option("prefix", "/usr/local/nginx").rstrip("/")
    user = option("user", "nobody")
    number = r"(\d+(?:\.\d+)*)"
    return Build(
        version=version(rf"nginx version: \S+?/{number}"),
        openssl=version(rf"running with OpenSSL {number}", rf"built with OpenSSL {number}"),
        http2="--with-http_v2_module" in text,
        main_config=option("conf-path", f"{prefix}/conf/nginx.conf"),
        pid_file=option("pid-path", f"{prefix}/logs/nginx.pid"),
        user=user,
        group=option("group", "" if user == "nobody" else user),  # nobody's is called differently from system to system
    )


def read_around(files: Mapping[str, str], main: str, ours: str) -> tuple[tuple[Directive, ...], list[Directive], int]:
    """Return all directives but those of our file, those of the http block, and the place among these of our file.

    A file that nginx does not read has its place behind them all.
    """
    top = expand({**files, ours: f"{_MARK};"}, main)
    http = [inner for directive in top if directive.name == "http" for inner in directive.block]
    return top, http, next((at for at, directive in enumerate(http) if directive.name == _MARK), len(http))


def read_neighbours(files: Mapping[str, str], main: str, ours: str) -> Neighbours:
    """Read what all files say but ours; ``files`` are texts by name, ``main`` is the one that includes the others."""
    top, http, place = read_around(files, main, ours)
    before, after = http[:place], http[place:]
    servers = [directive for directive in http if directive.name == "server"]
    account = next((directive.args for directive in _named("user", top) if directive.args), ("",))
    return Neighbours(
        our_file=ours,
        read_us=place < len(http),
        listens=(*listens(before, before_us=True), *listens(after, before_us=False)),
        names={name.lower(): inner.file for server in servers for inner in _named("server_name", server.block)
               for name in inner.args},
        hash_settings={directive.name: (int(directive.args[0]), directive.file) for directive in http
                       if _HASH_SETTING.fullmatch(directive.name) and _NUMBER.fullmatch("".join(directive.args[:1]))},
        map_before_us=any(True for _unused in _named("map", before)),
        stream_ports={listen.port: listen.file for stream in _named("stream", top)
                      for listen in listens(stream.block, before_us=True)},
        pid_file=next((directive.args[0] for directive in _named("pid", top) if directive.args), ""),
        user=account[0],
        group=account[-1],  # the user's own unless another one is named
        we_listen=frozenset((listen.address, listen.port)
                            for listen in listens(parse(files.get(ours, ""), ours), before_us=True)),
    )  # fmt: skip


def choose_path(files: Mapping[str, str], main: str) -> str:
    """Where our file goes: into the first usual folder that nginx reads, or the last one if it reads none of them."""
    paths = _candidates(main)
    return next((path for path in paths if read_neighbours(files, main, path).read_us), paths[-1])


def first_path(main: str) -> str:
    """Where our file goes on a host that has no nginx yet."""
    return _candidates(main)[0]


def _candidates(main: str) -> list[str]:
    return [f"{main.rpartition('/')[0]}/{folder}/{FILE_NAME}" for folder in FOLDERS]


def served_domains(text: str) -> list[str]:
    """Return the policy domains that a file of ours serves, as its map names them."""
    maps = [mapping for mapping in _named("map", parse(text, "")) if mapping.args[-1:] == (_DOMAIN,)]
    entries = [entry for mapping in maps for entry in mapping.block]
    return [entry.args[0] for entry in entries if entry.name != "default" and entry.args]


def served_peers(text: str) -> list[str]:
    """Return the addresses of the policy hosts that a file of ours asks for challenges."""
    groups = [group.block for group in _named("upstream", parse(text, "")) if group.args == (_PEERS,)]
    found = [_address_and_port(server.args[0]) for group in groups for server in group if server.args]
    return [address.strip("[]") for address, _port in filter(None, found)]


def read_at_start(text: str) -> list[str]:
    """Return the files of certificates and keys in a file of ours whose path has no variable."""
    servers = _named("server", parse(text, ""))
    paths = [inner.args[0] for server in servers for inner in server.block if _is_certificate(inner)]
    return list(dict.fromkeys(path for path in paths if "$" not in path))


def report_root(text: str) -> str:
    """Return the folder in which a file of ours keeps reports, "" if it takes none."""
    locations = [inner for server in _named("server", parse(text, "")) for inner in _named("location", server.block)]
    folders = [path.args[0] for inner in locations for path in _named("client_body_temp_path", inner.block)]
    return next((folder.removesuffix(f"/{UPLOADS}") for folder in folders), "")


def _is_certificate(directive: Directive) -> bool:
    return directive.name in ("ssl_certificate", "ssl_certificate_key") and bool(directive.args)


def bracketed(address: str) -> str:
    """Write an IP address as nginx does, IPv6 in brackets; raises ValueError when it is not one."""
    inside = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    parsed = plain_address(inside)
    return f"[{parsed}]" if isinstance(parsed, ipaddress.IPv6Address) else str(parsed)


def _named(name: str, directives: tuple[Directive, ...] | list[Directive]) -> Iterator[Directive]:
    return (directive for directive in directives if directive.name == name)


def listens(directives: tuple[Directive, ...] | list[Directive], *, before_us: bool) -> Iterator[Listen]:
    """Return where the server blocks among these directives listen."""
    for server in _named("server", directives):
        written = [listen for listen in _named("listen", server.block) if listen.args]
        if not written:
            yield Listen(EVERYWHERE[0], PLAIN_PORT, frozenset(), server.file, before_us)
        for listen in written:
            where = _address_and_port(listen.args[0])
            if where and "quic" not in listen.args:
                yield Listen(*where, frozenset(listen.args[1:]), listen.file, before_us)


def is_loopback(address: str) -> bool:
    """Whether an address, as nginx writes it, is one that no other host reaches."""
    return ipaddress.ip_address(address.strip("[]")).is_loopback


def _address_and_port(text: str) -> tuple[str, int] | None:
    """Split what stands after "listen"; None for what cannot concern us: sockets, ranges of ports, host names."""
    if _NUMBER.fullmatch(text):
        return EVERYWHERE[0], int(text)
    parts = re.fullmatch(r"(\[[^]]+\]|[^:]+)(?::([0-9]{1,9}))?", text)
    try:
        address = bracketed(parts[1].replace("*", EVERYWHERE[0])) if parts else ""
    except ValueError:
        return None
    return (address, int(parts[2] or PLAIN_PORT)) if parts else None
