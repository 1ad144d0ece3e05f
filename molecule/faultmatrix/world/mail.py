# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mail servers: one Postfix with a service for every address, each with settings of its own."""

from __future__ import annotations

from .addresses import Addresses
from .data import Endpoint, MailServer, World
from .web import CERTIFICATES

SMTP_PORT, HTTPS_PORT = 25, 443
NO_CERTIFICATE = {"smtpd_tls_chain_files": "", "smtpd_tls_cert_file": "none"}
MAIN = """\
compatibility_level = 3.6
myhostname = mx.post.test
inet_protocols = all
mydestination = static:all
local_transport = discard
local_recipient_maps =
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = no
maillog_file = /var/log/postfix.log
"""
MASTER = """\
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr fifo n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
"""


def files(world: World, addresses: Addresses) -> dict[str, str]:
    """Return Postfix's files by path."""
    services = [_smtp(server, addresses) for server in world.mail_servers if server.listens == "smtp"]
    services += [_smtps(endpoint, world, addresses) for endpoint in world.endpoints if endpoint.listens == "smtps"]
    asked_for = [server for server in world.mail_servers if server.sni]
    names = "".join(f"{server.name} {' '.join(_paths(server))}\n" for server in asked_for)
    return {"etc/postfix/main.cf": MAIN, "etc/postfix/master.cf": MASTER + "".join(services), "etc/postfix/sni": names}


def _smtp(server: MailServer, addresses: Addresses) -> str:
    options = {"smtpd_tls_chain_files": ",".join(_paths(server))} if server.certificate.kinds else NO_CERTIFICATE
    if server.sni:
        options = {"tls_server_sni_maps": "hash:/etc/postfix/sni", **(_fallback(server) or NO_CERTIFICATE)}
    return _service(server.name, SMTP_PORT, addresses, {**options, "myhostname": server.name, **server.options})


def _fallback(server: MailServer) -> dict[str, str]:
    files = ",".join(f"{CERTIFICATES}/{server.fallback}.good.{key_type}.pem" for key_type in server.certificate.kinds)
    return {"smtpd_tls_chain_files": files} if server.fallback else {}


def _smtps(endpoint: Endpoint, world: World, addresses: Addresses) -> str:
    (site,) = [site for site in world.sites if endpoint.name in site.at]
    chain = ",".join(f"{CERTIFICATES}/{file}" for file in site.certificate.files)
    return _service(
        endpoint.name,
        HTTPS_PORT,
        addresses,
        {"smtpd_tls_chain_files": chain, "smtpd_tls_wrappermode": "yes", "smtpd_tls_mandatory_protocols": ">=TLSv1.2"},
    )


def _service(name: str, port: int, addresses: Addresses, options: dict[str, str]) -> str:
    settings = "".join(f"  -o {{ {option} = {value} }}\n" for option, value in options.items())
    return "".join(f"{socket} inet n - n - - smtpd\n{settings}" for socket in addresses.sockets(name, port))


def _paths(server: MailServer) -> list[str]:
    return [f"{CERTIFICATES}/{file}" for file in server.certificate.files]
