# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stands before a CA, counts, and refuses as Let's Encrypt does: front.py LISTEN CA FOLDER

FOLDER has cert.pem and key.pem, limits.json ({"certificates_per_set": "5 per 70s"}), optionally profiles.json (what the
directory lists, {"name": "URL"}) and closed-seconds (for how long an account's orders are refused, from its next one
on); and gets log.jsonl, a line for each thing that happened.

Clients reach the CA under the front's own address only: it makes its URLs by the Host of a request, which is handed on,
and checks those that are signed.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from counters import Counters, Order, Refusal, read_limit

RATE_LIMITED = "urn:ietf:params:acme:error:rateLimited"
PROBLEM = "application/problem+json"
# Those that say something about a connection, not about what is asked.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
SECONDS = 60


class Front:
    """What is counted and written down, for all requests."""

    def __init__(self, ca: str, folder: Path) -> None:
        """Read the limits."""
        self.ca = ca
        self._folder = folder
        limits = json.loads((folder / "limits.json").read_text())
        self._counters = Counters({kind: read_limit(text) for kind, text in limits.items()})
        self._lock = threading.Lock()
        # Which URL stands for which order, which name
        self._orders: dict[str, Order] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._counted: set[str] = set()

    def write(self, event: str, visitor: str, **more: object) -> None:
        """Write down what happened."""
        line = json.dumps({"at": round(time.time(), 3), "event": event, "from": visitor, **more})
        with self._lock, (self._folder / "log.jsonl").open("a") as log:
            log.write(line + "\n")

    def refusal(self, order: Order, visitor: str, profile: str) -> Refusal | None:
        """Decide about an order, and count it, for no other may be let in between."""
        now = time.time()
        with self._lock:
            self._counters.closed_seconds = self._closed_seconds()
            refused = self._counters.refusal(order, now)
            if not refused:
                self._counters.ordered(order, now)
        self.write(
            "order", visitor, account=order.account, names=order.names, profile=profile, taken=refused is None,
            limit=refused.limit if refused else "", retry_after=refused.retry_after if refused else 0,
        )  # fmt: skip
        return refused

    def learn(
        self, url: str, headers: Mapping[str, str], answer: Mapping[str, Any], account: str, visitor: str
    ) -> None:
        """Take from an answer what became of an order, or of a validation."""
        url = headers.get("Location", url)
        if "identifiers" in answer:
            order = order_of(account, answer)
            self._orders[url] = self._orders[answer.get("finalize", url)] = order
            if "certificate" in answer and self._first_time(answer["certificate"]):
                self._count(lambda now: self._counters.issued(order, now))
                self.write("issued", visitor, account=account, names=order.names)
        elif "challenges" in answer:
            for place in (url, *(challenge["url"] for challenge in answer["challenges"])):
                self._names[place] = (account, answer["identifier"]["value"])
        if (
            answer.get("status") == "invalid"
            and url in self._names
            and self._first_time(" ".join(self._names[url]) + url)
        ):
            failed = self._names[url]
            self._count(lambda now: self._counters.failed(*failed, now))
            self.write("failed", visitor, account=failed[0], names=[failed[1]])

    def directory(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Add the profiles to what the CA says of itself."""
        profiles = self._folder / "profiles.json"
        if profiles.exists():
            answer["meta"]["profiles"] = json.loads(profiles.read_text())
        return answer

    def _closed_seconds(self) -> float:
        file = self._folder / "closed-seconds"
        return float(file.read_text()) if file.exists() else 0.0

    def _first_time(self, what: str) -> bool:
        with self._lock:
            known = what in self._counted
            self._counted.add(what)
        return not known

    def _count(self, count: Any) -> None:
        with self._lock:
            count(time.time())


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    front: Front

    def do_GET(self) -> None:
        """Hand on."""
        self._answer(*self._ask(b""))

    def do_HEAD(self) -> None:
        """Hand on."""
        self._answer(*self._ask(b""))

    def do_POST(self) -> None:
        """Hand on, unless it is an order that is not taken."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        protected, payload = signed(body)
        account, visitor = protected.get("kid", ""), self.client_address[0]
        if "identifiers" in payload:
            refused = self.front.refusal(order_of(account, payload), visitor, payload.get("profile", ""))
            if refused:
                self._refuse(refused)
                return
        status, headers, answer = self._ask(body)
        if headers.get("Content-Type", "").startswith("application/json"):
            self.front.learn(protected.get("url", ""), headers, json.loads(answer), account, visitor)
        self._answer(status, headers, answer)

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPSConnection(self.front.ca, timeout=SECONDS, context=unverified())
        handed_on = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            connection.request(self.command, self.path, body or None, handed_on)
            answer = connection.getresponse()
            said = answer.read()
            headers = {name.title(): value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
        finally:
            connection.close()
        if self.command == "GET" and self.path == "/dir":
            self.front.write("directory", self.client_address[0])
            said = json.dumps(self.front.directory(json.loads(said))).encode()
        elif self.command == "GET" and "renewalInfo" in self.path:
            self.front.write("renewal_info", self.client_address[0])
        return answer.status, headers, said

    def _refuse(self, refused: Refusal) -> None:
        """Say 429 (RFC 8555, section 6.6), with the nonce that every answer has."""
        connection = http.client.HTTPSConnection(self.front.ca, timeout=SECONDS, context=unverified())
        try:
            connection.request("HEAD", "/nonce-plz")
            nonce = connection.getresponse().headers["Replay-Nonce"]
        finally:
            connection.close()
        headers = {
            "Content-Type": PROBLEM,
            "Replay-Nonce": nonce,
            "Retry-After": str(int(refused.retry_after) + 1),
        }
        problem = {"type": RATE_LIMITED, "detail": refused.detail, "status": 429}
        self._answer(429, headers, json.dumps(problem).encode())

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_unused: object) -> None:
        """Be silent: what matters is in log.jsonl."""


class Server(ThreadingHTTPServer):
    """A thread for each connection, TLS within it, so that a client that says nothing keeps nobody waiting."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], front: Front, context: ssl.SSLContext) -> None:
        """Listen."""
        super().__init__(place, type("Handler", (Handler,), {"front": front}))
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


def signed(body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the content of what a client has signed (RFC 8555, section 6.2); the CA verifies it."""
    message = json.loads(body)
    protected, payload = (
        json.loads(base64.urlsafe_b64decode(message[part] + "==") or b"{}") for part in ("protected", "payload")
    )
    return protected, payload


def order_of(account: str, said: Mapping[str, Any]) -> Order:
    """Return the order in a request for it, or in an answer."""
    return Order(account, tuple(sorted(identifier["value"] for identifier in said["identifiers"])))


def unverified() -> ssl.SSLContext:
    """The CA is behind us on the same host."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def main(listen: str, ca: str, folder: str) -> None:
    """Serve until the end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(folder, "cert.pem"), Path(folder, "key.pem"))
    address, _colon, port = listen.rpartition(":")
    Server((address, int(port)), Front(ca, Path(folder)), context).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
