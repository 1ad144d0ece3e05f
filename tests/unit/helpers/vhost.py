# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real nginx with the file of sts_vhost in it, filled by the core."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import jinja2
from helpers.certificates import FAMILY, pem_pair
from servers.ports import free_port
from servers.real_nginx import Nginx, program

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.config import VhostOptions, values
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import (
    read_build,
    read_neighbours,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.nginx import can_listen_on_ipv6, read_configuration

TEMPLATES = Path(__file__).resolve().parents[3] / "roles/sts_vhost/templates"
IPV6 = can_listen_on_ipv6()
LOOPBACK = ["127.0.0.1", "::1"] if IPV6 else ["127.0.0.1"]


class Vhost(Nginx):
    """A real nginx with our file in it, on ports of its own."""

    def __init__(self, root):
        super().__init__(root)
        self.ports = {443: free_port(), 80: free_port()}
        said = subprocess.run([program(), "-V"], capture_output=True, text=True, check=True).stderr
        self.build = read_build(said)

    def theirs(self, text):
        (self.sites / "default").write_text(text)

    def install(self, domains=("a.example",), version=None, challenges="challenges", **options):
        ours = str(self.sites / "zz-mta-sts.conf")
        build = replace(self.build, version=version) if version else self.build
        others = read_neighbours(read_configuration(str(self.main), print), str(self.main), ours)
        pattern = f"{self.root}/live/{{host}}."
        roots = {"policy_root": f"{self.root}/www", "challenge_root": f"{self.root}/{challenges}"}
        wished = VhostOptions(
            domains=domains,
            certificates=[{"certificate": pattern + family, "key": pattern + family} for family in ("rsa", "ecdsa")],
            **roots,
            **options,
        )
        filled = values(wished, build, others, ipv6=IPV6)
        for kind, port in (("tls_listens", 443), ("plain_listens", 80)):
            filled[kind] = [listen.replace(f":{port}", f":{self.ports[port]}") for listen in filled[kind]]
        filled["peers"] = [peer.replace(":80", f":{self.ports[80]}") for peer in filled["peers"]]
        templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            trim_blocks=True,
            undefined=jinja2.StrictUndefined,
            autoescape=False,
        )
        variables = {f"sts_vhost_{name}": value for name, value in roots.items()}
        Path(ours).write_text(templates.get_template("zz-mta-sts.conf.j2").render(values=filled, **variables))

    def publish(self, domain):
        policy = self.root / "www" / domain / ".well-known/mta-sts.txt"
        policy.parent.mkdir(parents=True)
        policy.write_bytes(f"version: STSv1\r\nmode: none\r\nmax_age: 60\r\nx: {domain}\r\n".encode())
        (self.root / "live").mkdir(exist_ok=True)
        for key_type in ("rsa2048", "p256"):
            pair = pem_pair(f"mta-sts.{domain}", key_type, end=2**31)
            (self.root / f"live/mta-sts.{domain}.{FAMILY[key_type]}").write_bytes(b"".join(pair))

    def handshake(self, name, address=LOOPBACK[0], ciphers=None, curve=None):
        """Return the connection after the handshake."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if curve:
            context.set_ecdh_curve(curve)
        if ciphers:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
        return context.wrap_socket(socket.create_connection((address, self.ports[443]), 5), server_hostname=name)

    def get(self, path, name="mta-sts.a.example", host=None, address=LOOPBACK[0], plain=False, **more):
        """Ask for a path; ``more`` are a ``method``, a ``body`` and ``headers``."""
        connection = http.client.HTTPConnection(address, self.ports[80], timeout=10)
        if not plain:
            connection.sock = self.handshake(name, address)
        headers = {"Host": host or name, **more.get("headers", {})}
        connection.request(more.get("method", "GET"), path, more.get("body"), headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def logged(self, expected):
        """How many requests nginx has logged, once it had time for the expected ones: it logs after it has answered."""
        log, end = self.root / "access.log", time.monotonic() + 5
        while log.read_text().count("GET") < expected and time.monotonic() < end:
            time.sleep(0.02)
        return log.read_text().count("GET")
