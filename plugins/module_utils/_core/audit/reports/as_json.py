# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as JSON, for programs.

Private to this collection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

KEYS = ("audited_at", "audited_at_epoch", "checks", "problems", "results")


def as_json(audit: Mapping[str, Any]) -> str:
    """Return all that an audit says of the domains, in an order that is always the same."""
    return json.dumps({key: audit[key] for key in KEYS}, indent=4, sort_keys=True) + "\n"
