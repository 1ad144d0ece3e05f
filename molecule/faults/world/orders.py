# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The orders for the new domain: how many there were, and how to make them take their time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lab.hosts import get_host

from .deployment import NEW, POLICY_HOST


def certificates_obtained() -> int:
    """Return how many certificates the policy host has obtained for the new domain, ever."""
    journal = "journalctl --unit=mta-sts-certificate --output=cat --no-pager"
    mine = f"sed -n '/^Processing mta-sts.{NEW}$/,/Creating fullchain/p'"
    return int(get_host(POLICY_HOST).run(f"{journal} | {mine} | grep --count 'Creating fullchain'").stdout)


@contextlib.contextmanager
def ca_asleep() -> Iterator[None]:
    """Let the CA answer nothing, though it takes connections: what is asked meanwhile is answered afterwards."""
    get_host("ca").check_output("systemctl kill --signal=STOP pebble")
    try:
        yield
    finally:
        get_host("ca").check_output("systemctl kill --signal=CONT pebble")
