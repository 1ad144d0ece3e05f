# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the CA when it wants certificates renewed (RFC 9773): a few small answers, and nothing fails without them.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from ...._core.certificates.certificate import Certificate
from ...._core.certificates.renewal_info import (
    SELDOM,
    RenewalInfo,
    certificate_id,
    is_due,
    pause,
    read_answer,
)
from ...files import PRIVATE_MODE, Owner, read_if_there, write_atomic

# An answer has two dates, a directory a dozen URLs.
LARGEST_ANSWER = 64 * 1024
LARGEST_FILE = 8 * 1024 * 1024
# Of one answer, and of all of a run
TIMEOUT, ALTOGETHER = 20.0, 600.0
# A CA that does not answer will not at the next certificate either.
FAULTS = 3
OK = 200
# No connection, no HTTP, no JSON, and dates and depths that Python does not take
FAULT = (OSError, ValueError, ArithmeticError, RecursionError, http.client.HTTPException)


class RenewalInfos:
    """What the CA has said of each certificate, by its serial number; kept in a file of the store."""

    def __init__(self, path: Path) -> None:
        """Read what is known."""
        self._path = path
        self.known: dict[str, RenewalInfo] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            kept = json.loads(read_if_there(str(path), LARGEST_FILE) or b"{}")
            self.known = {serial: RenewalInfo(**info) for serial, info in kept.items()}

    def due(self, now: float) -> set[str]:
        """Return the serial numbers of those that the CA wants renewed by now."""
        return {serial for serial, info in self.known.items() if is_due(info, now)}

    def ask(
        self,
        certificates: Iterable[Certificate],
        ca: str,
        ca_file: str,
        now: float,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Ask about those whose turn it is, the one first that was not asked about for longest."""
        present = {one.serial: one for one in certificates if certificate_id(one)}
        self.known = {serial: info for serial, info in self.known.items() if serial in present or not serial}
        turn = [one for one in present.values() if self._ask_at(one.serial, now) <= now]
        if not turn or self._ask_at("", now) > now:
            return
        turn.sort(key=lambda one: self._ask_at(one.serial, now))
        self._ask(turn, ca, ca_file, now, stopped)
        with contextlib.suppress(OSError):
            text = json.dumps({serial: asdict(info) for serial, info in self.known.items()})
            write_atomic(str(self._path), text.encode(), Owner(mode=PRIVATE_MODE))

    def _ask_at(self, serial: str, now: float) -> float:
        """Return when to ask about a certificate, or the CA itself, which has no serial number.

        What is later than it can be was written by a clock that was ahead.
        """
        info = self.known.get(serial)
        return info.ask_at if info and info.ask_at <= now + SELDOM else 0.0

    def _ask(self, turn: list[Certificate], ca: str, ca_file: str, now: float, stopped: Callable[[], bool]) -> None:
        end, faults = time.monotonic() + ALTOGETHER, 0
        try:
            connection = _Connection(ca, ca_file)
            base = _renewal_info_url(connection.get(ca)[0])
        except FAULT:
            self.known[""] = RenewalInfo(None, now + pause(""))
            return
        if not base:
            self.known[""] = RenewalInfo(None, now + SELDOM)
        with contextlib.closing(connection):
            for one in turn if base else ():
                if stopped() or faults >= FAULTS or time.monotonic() > end:
                    return
                try:
                    body, retry_after = connection.get(f"{base.rstrip('/')}/{certificate_id(one)}")
                    self.known[one.serial] = read_answer(body, retry_after, one, now)
                except FAULT:
                    faults += 1
                    former = self.known.get(one.serial)
                    self.known[one.serial] = RenewalInfo(former.renew_at if former else None, now + pause(""))


class _Connection:
    """One connection at a time, kept for as long as the next URL is at the same place; nothing is redirected."""

    def __init__(self, ca: str, ca_file: str) -> None:
        self._scheme = urlsplit(ca).scheme
        self._trust = ssl.create_default_context(cafile=ca_file or None)
        self._place = ""
        self._open: http.client.HTTPConnection | None = None

    def get(self, url: str) -> tuple[bytes, str]:
        """Return the body and the header field Retry-After. Raises FAULT."""
        parts = urlsplit(url)
        if parts.scheme != self._scheme or not parts.hostname:
            raise ValueError("no URL of this CA")
        if parts.netloc != self._place or self._open is None:
            self.close()
            self._place, self._open = parts.netloc, self._connect(parts.hostname, parts.port)
        # The timeout of a connection is that of each of its bytes.
        end = threading.Timer(TIMEOUT, self._cut_off)
        end.start()
        try:
            self._open.request("GET", parts.path or "/", headers={"Accept": "application/json"})
            answer = self._open.getresponse()
            body = answer.read(LARGEST_ANSWER + 1)
            if answer.status != OK or len(body) > LARGEST_ANSWER:
                raise ValueError(f"status {answer.status}, {len(body)} bytes")
        except FAULT:
            self.close()
            raise
        finally:
            end.cancel()
        return body, answer.getheader("Retry-After", "")

    def _connect(self, host: str, port: int | None) -> http.client.HTTPConnection:
        if self._scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=self._trust)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT)

    def _cut_off(self) -> None:
        if self._open is not None and self._open.sock is not None:
            with contextlib.suppress(OSError):
                self._open.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _renewal_info_url(directory: bytes) -> str:
    """Return where to ask, "" at a CA that has no such place. Raises ValueError."""
    found = json.loads(directory)
    url = found.get("renewalInfo") if isinstance(found, dict) else None
    return url if isinstance(url, str) else ""
