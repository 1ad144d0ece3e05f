# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look for policies before keys are removed. What cannot be looked at may be a policy.

Private to this collection.
"""

from __future__ import annotations

import os

from ..._core.certificates.served import PolicyRoot
from ..policies.store import has_policy


def read_policy_root(root: str) -> PolicyRoot:
    """Return the domains that have a policy in a folder, or why that is unknown."""
    try:
        names = os.listdir(root)
    except FileNotFoundError:
        return PolicyRoot(root, trouble="does not exist")
    except OSError as problem:
        return PolicyRoot(root, trouble=f"cannot be read ({problem.strerror})")
    return PolicyRoot(root, frozenset(name for name in names if has_policy(root, name)))
