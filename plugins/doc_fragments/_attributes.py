# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every module of the collection promises, said once. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes and requirements of all modules; of those that change nothing; and of the action group."""

    DOCUMENTATION = r"""
requirements:
  - Python 3.9 or newer where the module runs
attributes:
  check_mode:
    description: Can run in check mode and say truthfully what a real run would change.
  diff_mode:
    description: Returns what was before and what is after in diff mode.
  idempotent:
    description: A second run with the same options changes nothing.
"""

    INFO_MODULE = r"""
attributes:
  check_mode:
    support: full
    details: This module changes nothing.
  diff_mode:
    support: N/A
    details: This module changes nothing.
  idempotent:
    support: full
    details: This module changes nothing.
"""

    ACTIONGROUP_ALL = r"""
attributes:
  action_group:
    description: Use C(group/postmaster.mta_sts.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - postmaster.mta_sts.all
"""
