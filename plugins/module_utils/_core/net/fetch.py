# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one GET from one address gave.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus

from ..fault import Fault
from .tls import TlsInfo


@dataclass(frozen=True)
class Fetch:
    """One GET from one ``address``; where there is no answer, the ``fault`` says why.

    ``content_type`` and ``location`` are raw header values; there is a ``body`` with status 200 only. ``seconds`` is
    how long all of it took, ``tls`` what the server showed below HTTP.
    """

    address: str = ""
    status: int = 0
    content_type: str = ""
    location: str = ""
    body: bytes = b""
    seconds: float = 0
    tls: TlsInfo | None = None
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        """Whether the answer is one whose body counts."""
        return self.fault is None and self.status == HTTPStatus.OK

    def without_certificates(self) -> Fetch:
        """Return the rest, which is judged later."""
        return self if self.tls is None else replace(self, tls=self.tls.without_certificates())
