# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a connection failed.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass

PRIVATE = "private"
# What may be gone a second later, or from another place
_PASSING = {"tcp", "unreachable", "timeout", "http", "tls", "smtp", "turned_away"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with the other side: its ``kind``, the ``rule`` in words, what to do.

    Kinds are dns, private (not connected to), no_route, tcp, unreachable (nothing comes back from the port), timeout,
    tls_refused, tls_version, tls_name, tls_expired, tls_self_signed, tls_chain, tls_untrusted, tls_client, tls,
    no_family, http, too_large; with mail servers also smtp, starttls, turned_away.
    """

    kind: str
    rule: str
    remedy: str

    @property
    def passing(self) -> bool:
        """Whether asking again may help."""
        return self.kind in _PASSING


def is_private(fault: Fault | None) -> bool:
    """Whether an address was not connected to because the world does not reach it."""
    return fault is not None and fault.kind == PRIVATE
