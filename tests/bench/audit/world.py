# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of the bench's servers: names, policies, certificates; nginx's by the template of the role sts_vhost."""

from __future__ import annotations

from pathlib import Path

import certifi
import jinja2
import yaml
from authority import Authority, new_authority
from cryptography.hazmat.primitives.serialization import Encoding
from places import MAIL, MX_HOSTS, NAMES, ONE_IN, WEB, ZONE, hanging, healthy, hole_address

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import (
    render_sts,
    render_tls_rpt,
    sts_name,
    tls_rpt_name,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_host
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.config import VhostOptions, values
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import Build, Neighbours
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy, render
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

ROLE = Path(__file__).resolve().parents[3] / "roles/sts_vhost"
INSIDE = "/bench"  # where a container finds its files

# One second, and no record is still in a cache when the next run asks for it.
ZONE_HEAD = f"$TTL 1\n@ SOA ns.{ZONE}. hostmaster.{ZONE}. 1 3600 600 86400 1\n@ NS ns\nns A {NAMES}\n"
KNOT = f"""\
server:
    listen: 127.0.0.1@5300
    rundir: /run
    user: root:root
zone:
  - domain: {ZONE}
    file: {INSIDE}/zone
    zonefile-sync: -1
    journal-content: none
"""
UNBOUND = """\
server:
    interface: 0.0.0.0
    access-control: 198.16.0.0/12 allow
    username: ""
    chroot: ""
    do-daemonize: no
    do-not-query-localhost: no
    use-syslog: no
    module-config: "iterator"
    local-zone: "test." nodefault
    cache-max-ttl: 1
    cache-max-negative-ttl: 1
stub-zone:
    name: "test."
    stub-addr: 127.0.0.1@5300
"""
NGINX = f"""\
user www-data;
worker_processes auto;
daemon off;
pid /run/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    include {INSIDE}/sites/*;
}}
"""
POSTFIX = f"""\
compatibility_level = 3.6
myhostname = mx0.{ZONE}
inet_protocols = ipv4
mydestination = static:all
local_transport = discard
local_recipient_maps =
smtpd_tls_security_level = may
smtpd_tls_chain_files = {INSIDE}/certificates/mx0.{ZONE}.ecdsa.pem
tls_server_sni_maps = hash:/etc/postfix/sni
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
maillog_file = /dev/stdout
"""


def build(folder: Path, count: int) -> None:
    """Write all files for so many healthy domains, and for the hanging ones."""
    authority = new_authority()
    _write(folder, "root.pem", authority.root.public_bytes(Encoding.PEM))
    # What verifies has the CAs of every system to read, as it has everywhere.
    _write(folder, "trusted.pem", Path(certifi.where()).read_bytes() + authority.root.public_bytes(Encoding.PEM))
    _write(folder, "resolv.conf", f"nameserver {NAMES}\n".encode())
    _build_names(folder / "names", count)
    _build_web(folder / "web", healthy(count), authority)
    _build_mail(folder / "mail", authority)


def _mx(number: int) -> str:
    return f"mx{number % MX_HOSTS}.{ZONE}"


def _policy(number: int) -> bytes:
    return render(Policy("enforce", 2419200, (_mx(number),)))


def _build_names(folder: Path, count: int) -> None:
    lines = [f"{_mx(number)}. A {MAIL}" for number in range(MX_HOSTS)]
    groups = ((healthy(count), lambda _number: WEB), (hanging(count // ONE_IN), hole_address))
    for domains, address in groups:
        for number, domain in enumerate(domains):
            lines += [
                f"{domain}. MX 10 {_mx(number)}.",
                f"{policy_host(domain)}. A {address(number)}",
                f'{sts_name(domain)}. TXT "{render_sts(policy_id(_policy(number)))}"',
                f'{tls_rpt_name(domain)}. TXT "{render_tls_rpt((f"mailto:tlsrpt@{domain}",))}"',
            ]
    _write(folder, "zone", (ZONE_HEAD + "\n".join(lines) + "\n").encode())
    _write(folder, "knot.conf", KNOT.encode())
    _write(folder, "unbound.conf", UNBOUND.encode())


def _build_web(folder: Path, domains: list[str], authority: Authority) -> None:
    for number, domain in enumerate(domains):
        _write(folder, f"policies/{domain}/.well-known/mta-sts.txt", _policy(number))
        _issue(folder / "live", policy_host(domain), authority)
    _write(folder, "nginx.conf", NGINX.encode())
    _write(folder, "sites/zz-mta-sts.conf", _site(domains).encode())


def _site(domains: list[str]) -> str:
    """Return what the role sts_vhost would write."""
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text(encoding="utf-8"))
    certificates = [
        {part: f"{INSIDE}/live/{Path(path).name}" for part, path in pair.items()}
        for pair in defaults["sts_vhost_certificates"]
    ]
    options = VhostOptions(domains, certificates, f"{INSIDE}/policies")
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string((ROLE / "templates/zz-mta-sts.conf.j2").read_text(encoding="utf-8"))
    return template.render(
        values=values(options, Build(), Neighbours(), ipv6=False),
        sts_vhost_policy_root=options.policy_root,
        sts_vhost_challenge_root=options.challenge_root,
    )


def _build_mail(folder: Path, authority: Authority) -> None:
    names = [_mx(number) for number in range(MX_HOSTS)]
    for name in names:
        _issue(folder / "certificates", name, authority)
    files = (" ".join(f"{INSIDE}/certificates/{name}.{kind}.pem" for kind in authority.keys) for name in names)
    _write(folder, "sni", "".join(f"{name} {paths}\n" for name, paths in zip(names, files, strict=True)).encode())
    _write(folder, "main.cf", POSTFIX.encode())


def _issue(folder: Path, name: str, authority: Authority) -> None:
    for kind in authority.keys:
        _write(folder, f"{name}.{kind}.pem", b"".join(authority.issue([name], kind)))


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
