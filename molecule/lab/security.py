# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What SECURITY.md says of files on a policy host: owner, group and mode."""

from __future__ import annotations

import re

from lab.playbook import ROOT


def owners(only_with: str = "") -> dict[str, str]:
    """Return owner and mode by path, as stat prints them with "%U:%G %a"; of all hosts, or of those with an option."""
    condition = f", with {re.escape(only_with)}" if only_with else ""
    row = rf"^\| `(/[^`]+)`{condition} \| `(\S+ \d+)`"
    return dict(re.findall(row, (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.MULTILINE))
