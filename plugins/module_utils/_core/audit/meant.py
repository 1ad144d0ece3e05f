# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory means for a domain, for the audit to compare with what is seen.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..intent import Intent
from ..policies.policy import policy_id


@dataclass(frozen=True)
class Meant:
    """One domain as it shall be published.

    ``policy`` is None when none shall be served; ``known`` is False while its MX patterns cannot be looked up, so
    there is nothing to compare with. ``rua`` None means that nobody has said what it shall be.
    """

    present: bool
    mode: str
    policy: bytes | None
    rua: tuple[str, ...] | None = None

    @property
    def known(self) -> bool:
        """Whether it is certain what shall be served."""
        return not self.present or self.policy is not None

    @property
    def policy_id(self) -> str | None:
        """The id that stands for the policy."""
        return None if self.policy is None else policy_id(self.policy)


def meant_by(intent: Intent) -> Meant:
    """Return what a completed intent means."""
    domain = intent.domain
    return Meant(domain.present, domain.mode, intent.policy, domain.tls_rpt)
