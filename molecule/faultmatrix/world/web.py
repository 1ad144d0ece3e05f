# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy hosts: one nginx that listens on every endpoint's addresses, each with manners of its own."""

from __future__ import annotations

from collections.abc import Iterable

from .addresses import Addresses
from .data import Certificate, Endpoint, Site, World

CERTIFICATES = "/etc/world"
POLICIES = "srv/policies"
HTTP = """\
# One worker: what alternates, alternates strictly.
user www-data;
worker_processes 1;
include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 1000; }
http {
server_names_hash_bucket_size 256;
access_log off;
ssl_protocols TLSv1.2 TLSv1.3;
"""


def files(world: World, addresses: Addresses) -> dict[str, bytes]:
    """Return nginx's configuration and the policies, by path."""
    endpoints = {endpoint.name: endpoint for endpoint in world.endpoints}
    blocks = [_default_server(endpoint, world, addresses) for endpoint in world.endpoints]
    blocks += [_site(site, endpoints, addresses) for site in world.sites]
    policies = {f"{POLICIES}/{name}": body for domain in world.domains for name, body in domain.policies.items()}
    return {"etc/nginx/nginx.conf": (HTTP + "".join(blocks) + "}\n").encode(), **policies}


def _default_server(endpoint: Endpoint, world: World, addresses: Addresses) -> str:
    """Say what names get that nobody serves there."""
    if endpoint.listens not in {"https", "http"}:
        return ""
    known = {site.host: site.certificate for site in world.sites}
    manner = [*_certificate(known[endpoint.unknown])] if endpoint.unknown else ["ssl_reject_handshake on;"]
    lines = [*manner, endpoint.tls, "return 404;"] if endpoint.listens == "https" else ["return 404;"]
    return _server([*_listen(endpoint, addresses, "default_server"), *lines])


def _site(site: Site, endpoints: dict[str, Endpoint], addresses: Addresses) -> str:
    """Say what the endpoints serve under a name."""
    here = [endpoints[name] for name in site.at if endpoints[name].listens in {"https", "http"}]
    if not here:
        return site.http
    lines = [line for endpoint in here for line in _listen(endpoint, addresses)]
    if any(endpoint.listens == "https" for endpoint in here):
        lines += [*_certificate(site.certificate), *{endpoint.tls for endpoint in here}]
    return site.http + _server([*lines, f"server_name {site.host};", site.body])


def _listen(endpoint: Endpoint, addresses: Addresses, options: str = "") -> list[str]:
    secured = " ssl" if endpoint.listens == "https" else ""
    return [f"listen {socket}{secured} {options};" for socket in addresses.sockets(endpoint.name, 443)]


def _certificate(certificate: Certificate) -> list[str]:
    return [f"ssl_certificate{what} {CERTIFICATES}/{file};" for file in certificate.files for what in ("", "_key")]


def _server(lines: Iterable[str]) -> str:
    return "server {\n" + "".join(f"    {line}\n" for line in lines if line) + "}\n"
