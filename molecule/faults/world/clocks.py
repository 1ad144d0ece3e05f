# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set the clock of the policy host for all that Ansible and systemd run there, by libfaketime (prepare.yml)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from lab.hosts import get_host

from .deployment import POLICY_HOST

LIBRARY = "/usr/local/lib/libfaketime.so"
DROP_IN = "/run/systemd/system/mta-sts-certificate.service.d"


@contextlib.contextmanager
def clock(offset: str, folder: Path) -> Iterator[str]:
    """Let the clock be off, by "+1h" for example; gives the argument with which Ansible hears of it."""
    settings = f"LD_PRELOAD={LIBRARY} FAKETIME={offset} DONT_FAKE_MONOTONIC=1"
    host = get_host(POLICY_HOST)
    host.check_output(
        f"mkdir -p /run/clock {DROP_IN}"
        f" && printf '#!/bin/sh\nexec env {settings} /usr/bin/python3 \"$@\"\n' >/run/clock/python3"
        f" && chmod 755 /run/clock/python3"
        f" && printf '[Service]\nEnvironment={settings}\n' >{DROP_IN}/clock.conf && systemctl daemon-reload"
    )
    inventory = folder / "hosts"
    inventory.write_text(f"{POLICY_HOST} ansible_python_interpreter=/run/clock/python3\n", encoding="utf-8")
    try:
        yield f"--inventory={inventory}"
    finally:
        host.check_output(f"rm -r {DROP_IN} && systemctl daemon-reload")
