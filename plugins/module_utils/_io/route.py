# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell what this machine's own network lacks, such as IPv6, from what is wrong on the other side.

Private to this collection.
"""

from __future__ import annotations

import errno

_CODES = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def is_lack_of_route(problem: Exception) -> bool:
    """Whether a connection failed because this machine has no way to the address."""
    return isinstance(problem, OSError) and problem.errno in _CODES
