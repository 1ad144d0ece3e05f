# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module audit_info and write down what it does on the network: options on stdin, questions and handshakes.

It is the shipped module; only this process wraps the functions through which all of its traffic goes.
"""

from __future__ import annotations

import contextlib
import io
import json
import ssl
import sys

from ansible.module_utils.testing import patch_module_args

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns import resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net import https, smtp, tls_probe
from ansible_collections.postmaster.mta_sts.plugins.modules import audit_info

questions: list[tuple[str, str]] = []
handshakes: list[dict[str, object]] = []
connections: list[tuple[str, int]] = []


def _listen_to_questions() -> None:
    ask_server = resolver.ask_server

    def spy(server, name, rdtype, *arguments, **options):
        questions.append((name, rdtype))
        return ask_server(server, name, rdtype, *arguments, **options)

    resolver.ask_server = spy


def _listen_to_connections(module) -> None:
    open_connection = module.open_connection

    def spy(address, port, *arguments, **options):
        connections.append((address, port))
        return open_connection(address, port, *arguments, **options)

    module.open_connection = spy


def _listen_to_handshakes(module) -> None:
    handshake = module.handshake

    def spy(plain, context, server, deadline, *, family=None, sni=True):
        address, port = plain.getpeername()[:2]
        handshakes.append({
            "address": address, "port": port, "name": server.name if sni else None, "family": family,
            "verify": context.verify_mode == ssl.CERT_REQUIRED,
        })  # fmt: skip
        return handshake(plain, context, server, deadline, family=family, sni=sni)

    module.handshake = spy


def main() -> None:
    """Run it, and print what was heard."""
    _listen_to_questions()
    for module in (https, smtp, tls_probe):
        _listen_to_connections(module)
        _listen_to_handshakes(module)
    with (
        patch_module_args(json.load(sys.stdin)),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.suppress(SystemExit),
    ):
        audit_info.main()
    print(json.dumps({"questions": questions, "handshakes": handshakes, "connections": len(connections)}))


main()
