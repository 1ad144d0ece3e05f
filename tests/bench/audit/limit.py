# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bare limit: the DNS questions and TLS handshakes of an audit and nothing else; what listen.py wrote on stdin.

Prebuilt messages, answers unread, one socket and one context for many uses, no HTTP, no judgement, any order.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import dns.message

CIPHERS = {"rsa": "aRSA", "ecdsa": "aECDSA"}
PATIENCE_SECONDS = 10
SMTP_PORT = 25

Work = Callable[[socket.socket], None]


def context(ca_path: str, family: str | None, verify: bool) -> ssl.SSLContext:
    """Return a context such as the audit's."""
    made = ssl.create_default_context(cafile=ca_path)
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if family is not None:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers(CIPHERS[family])
    return made


def ask(message: bytes) -> Work:
    """Return the work of one question."""

    def work(resolver: socket.socket) -> None:
        resolver.send(message)
        resolver.recv(4096)

    return work


def shake(handshake: dict, tls: ssl.SSLContext) -> Work:
    """Return the work of one handshake; one that is refused ends as it does for the audit."""
    address, port, name = handshake["address"], handshake["port"], handshake["name"]

    def work(_unused: socket.socket) -> None:
        with socket.create_connection((address, port), timeout=PATIENCE_SECONDS) as plain:
            if port == SMTP_PORT:
                plain.recv(4096)
                plain.sendall(b"EHLO [127.0.0.1]\r\n")
                plain.recv(4096)
                plain.sendall(b"STARTTLS\r\n")
                plain.recv(4096)
            try:
                tls.wrap_socket(plain, server_hostname=name).close()
            except ssl.SSLError:
                if tls.verify_mode == ssl.CERT_REQUIRED:
                    raise

    return work


def prepare(trace: dict, ca_path: str) -> list[Work]:
    """Return all of the work."""
    contexts = {key: context(ca_path, *key) for key in itertools.product((None, *CIPHERS), (True, False))}
    questions = [ask(dns.message.make_query(name, kind, use_edns=0, payload=1232).to_wire())
                 for name, kind in trace["questions"]]  # fmt: skip
    handshakes = [shake(one, contexts[one["family"], one["verify"]]) for one in trace["handshakes"]]
    # Alternating, so that name servers and web servers are busy at the same time.
    return [
        work for pair in itertools.zip_longest(handshakes, *_split(questions, len(handshakes))) for work in pair if work
    ]


def _split(items: Sequence[Work], size: int) -> list[Sequence[Work]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _thread(work: Iterator[Work], resolver: str, faults: list[BaseException]) -> None:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(PATIENCE_SECONDS)
            asking.connect((resolver, 53))
            while True:
                next(work)(asking)
    except StopIteration:
        return
    except BaseException as fault:
        faults.append(fault)


def _process(work: Sequence[Work], resolver: str, threads: int) -> None:
    shared = iter(work)
    faults: list[BaseException] = []
    running = [threading.Thread(target=_thread, args=(shared, resolver, faults)) for _unused in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if faults:
        raise faults[0]


def measure(work: Sequence[Work], resolver: str, processes: int, threads: int) -> float:
    """Return the seconds all of the work takes, start of threads and processes included."""
    began = time.monotonic()
    if processes == 1:
        _process(work, resolver, threads)
        return time.monotonic() - began
    fork = multiprocessing.get_context("fork")
    parts = [work[number::processes] for number in range(processes)]
    running = [fork.Process(target=_process, args=(part, resolver, threads // processes)) for part in parts]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise RuntimeError("a process of the bare limit failed")
    return time.monotonic() - began


def main() -> None:
    """Measure every way asked for."""
    options = json.load(sys.stdin)
    work = prepare(options["trace"], options["ca_path"])
    results = [
        {"processes": processes, "threads": threads,
         "seconds": measure(work, options["nameserver"], processes, threads)}
        for processes, threads in options["ways"]
    ]  # fmt: skip
    print(json.dumps(results))


main()
