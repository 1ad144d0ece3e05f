# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real HTTPS server on loopback that answers as a test wants it to."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers.tls_server import drip, tls


@dataclass
class Answer:
    """What the server says to every GET; ``pause`` seconds lie between the bytes of the body."""

    status: int = 200
    headers: dict = field(default_factory=lambda: {"Content-Type": "text/plain"})
    body: bytes = b""
    pause: float = 0
    requests: list = field(default_factory=list)


@contextlib.contextmanager
def serve(answer, *certificates, address="127.0.0.1", port=0, **options):
    """Serve ``answer`` with trustme ``certificates`` and the ``options`` of tls_server.tls. Yields the port (0: any).

    ``answer.requests`` collects the header fields of every request.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer.requests.append(dict(self.headers))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.pause:
                drip(self.connection, answer.body, answer.pause)
            else:
                self.wfile.write(answer.body)

        def log_message(self, *_):
            """Keep the test's output quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

        def handle_error(self, *_):
            """Refused handshakes are what some tests ask for."""

    context = tls(*certificates, **options)
    server = Server((address, port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
