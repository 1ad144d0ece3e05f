# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have checkdmarc look at the domains, as its check_domains does, one after the other: options on stdin."""

from __future__ import annotations

import json
import sys
import time

from checkdmarc.mta_sts import check_mta_sts
from checkdmarc.smtp_tls_reporting import check_smtp_tls_reporting


def main() -> None:
    """Measure the two checks alone, without the start of the program."""
    options = json.load(sys.stdin)
    began = time.monotonic()
    results = [
        check(domain, nameservers=options["nameservers"])
        for domain in options["domains"]
        for check in (check_mta_sts, check_smtp_tls_reporting)
    ]
    seconds = time.monotonic() - began
    faults = [result["error"] for result in results if not result["valid"]]
    print(json.dumps({"seconds": seconds, "faults": faults}))


main()
