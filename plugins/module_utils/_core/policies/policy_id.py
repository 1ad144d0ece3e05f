# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The id of a policy, which the record at _mta-sts announces (RFC 8461, sections 3.1 and 8.1).

Private to this collection.
"""

from __future__ import annotations

import hashlib

LENGTH = 16


def policy_id(data: bytes) -> str:
    """Return the id of a policy: the leading hex digits of its bytes' SHA-256, so the same bytes have the same id."""
    return hashlib.sha256(data).hexdigest()[:LENGTH]
