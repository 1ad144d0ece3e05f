# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Break the network of a host, with rules of nftables in its namespace."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

from lab.hosts import IPV6, LAB, NAME_SERVERS, get_host


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def rule(host: str, hook: str, what: str) -> Iterator[None]:
    """Let a rule, such as "tcp dport 80 reject", act on a hook of a host (input, output, prerouting) meanwhile."""
    process = _run("podman", "inspect", "--format", "{{.State.Pid}}", f"mta-sts-lab-{LAB}-{host}")
    inside = ("nsenter", "--target", process, "--net", "nft")
    chain = f"type {'nat' if hook == 'prerouting' else 'filter'} hook {hook} priority 0;"
    _run(*inside, f"table inet fault {{ chain fault {{ {chain} {what}; }}; }}")
    try:
        yield
    finally:
        _run(*inside, "delete table inet fault")


@contextlib.contextmanager
def secondary_cut_off() -> Iterator[None]:
    """Keep the secondary name server from hearing of any change; afterwards it asks for all there is."""
    with rule("dns2", "input", f"ip saddr {NAME_SERVERS[0]} drop; ip6 saddr {IPV6}2 drop"):
        yield
    get_host("dns2").check_output("knotc zone-refresh")
