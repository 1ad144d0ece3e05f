# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have parsedmarc read every file in a folder, as its command does, without any network: sessions on stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from parsedmarc import parse_report_file


def main() -> None:
    """Keep what was read, as whoever is to be told of it has to."""
    files = sorted(path for path in Path(sys.argv[1]).iterdir())
    reports = [parse_report_file(str(path), offline=True)["report"] for path in files]
    policies = [policy for report in reports for policy in report["policies"]]
    sessions = sum(policy["successful_session_count"] + policy["failed_session_count"] for policy in policies)
    print(json.dumps({"reports": len(reports), "sessions": sessions}))


main()
