# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a run is to be seen, and the secrets nobody may see in it, in every form they might be written in."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from .hosts import get_host

PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----\n(.+?)-----END \1-----", re.DOTALL)


def forms_of_tsig(secret: str) -> set[str]:
    """Return a TSIG secret as written in configurations, and what it stands for."""
    decoded = base64.b64decode(secret)
    return {secret, secret.rstrip("="), decoded.decode(), decoded.hex()}


def forms_of_keys(text: str) -> set[str]:
    """Return every line of every private key in a text of PEM blocks, and the numbers that make up the key."""
    forms: set[str] = set()
    for block in PEM.finditer(text):
        forms.update(block[2].split())
        for number in _numbers(block[0]):
            data = number.to_bytes((number.bit_length() + 7) // 8, "big")
            forms |= {str(number), data.hex(), data.hex().upper(), base64.b64encode(data).decode().rstrip("=")}
            forms.add(base64.urlsafe_b64encode(data).decode().rstrip("="))
    return forms


def _numbers(pem: str) -> list[int]:
    key = load_pem_private_key(pem.encode(), None)
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        return [numbers.d, numbers.p, numbers.q]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return [key.private_numbers().private_value]
    raise AssertionError(f"no form is known of {type(key).__name__}")


class ProcessList:
    """The command line of every process of this machine, those in containers too, while the block runs."""

    def __init__(self) -> None:
        """Nothing seen so far."""
        self.seen: set[str] = set()
        self._end = threading.Event()
        self._watching = threading.Thread(target=self._watch)

    def __enter__(self) -> ProcessList:
        """Begin to look."""
        self._watching.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        """Look no more."""
        self._end.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    self.seen.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:  # it has ended meanwhile
                    continue


def watch(runs: Mapping[str, tuple[list[str], str]], log: Path, hosts: Iterable[str]) -> dict[str, str]:
    """Run each command with its output callback; return all that was to be seen, by the place it was seen in."""
    said = {}
    # without pipelining, as by default: modules with their arguments are files and processes for a while
    environment = {**os.environ, "ANSIBLE_LOG_PATH": str(log), "ANSIBLE_PIPELINING": "false"}
    with ProcessList() as processes:
        for run, (command, callback) in runs.items():
            done = subprocess.run(
                command,
                env={**environment, "ANSIBLE_STDOUT_CALLBACK": callback},
                capture_output=True,
                text=True,
                check=False,
            )
            said[run] = done.stdout + done.stderr
            assert done.returncode == 0, said[run][-5000:]
    said["log"] = log.read_text(encoding="utf-8")
    said["processes"] = "\n".join(sorted(processes.seen))
    for name in hosts:
        said[f"journal of {name}"] = _output(name, "journalctl --no-pager --output=export")
        said[f"logs of {name}"] = _output(name, "grep --recursive -I '' /var/log /root/.ansible /tmp || true")
    return said


def _output(name: str, command: str) -> str:
    """Return what a command prints on a host, be it text or not: the journal has lengths of fields in binary."""
    done = get_host(name).run(command)
    assert done.rc == 0, done.stderr_bytes
    return done.stdout_bytes.decode(errors="replace")


def found(said: Mapping[str, str], forms: Iterable[str]) -> set[tuple[str, str]]:
    """Return every form of a secret that was to be seen, with the place."""
    assert min(map(len, forms)) >= 16
    return {(where, form) for where, text in said.items() for form in forms if form in text}
