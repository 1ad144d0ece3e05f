# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How nginx takes TLS reports by POST (RFC 8460, section 5.4), of anybody and yet within bounds.

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..duration import DAY, InvalidDuration, seconds
from ..finding import Finding, error
from ..names import InvalidName, check_host
from ..rfc import TLS_RPT_HTTPS

# The folder that nginx writes a body to, below the root; a file of ours that names it takes reports.
UPLOADS = "uploads"

# A report of more digits than that is seldom, and few of them fill the folder: for all senders together there are few.
SMALL_DIGITS = 5
LARGE_A_MINUTE = 6
ALL_A_MINUTE = 600
AT_ONCE, AT_ONCE_PER_ADDRESS = 32, 4

MEGABYTE = 1000 * 1000
SMALLEST_QUOTA = 20  # two of the largest reports

_PATH = re.compile(r"(?:/[A-Za-z0-9_.~-]+)+")
_WELL_KNOWN = "/.well-known/"


@dataclass(frozen=True)
class ReportOptions:
    """Where reports are taken, with ``name`` "" at the policy hosts' own names, and how much of them is kept.

    ``rate`` is reports a minute and address, ``quota`` megabytes, ``age`` a duration.
    """

    path: str = "/tls-reports"
    name: str = ""
    root: str = "/var/lib/mta-sts/reports"
    certificates: Sequence[Mapping[str, str]] = ()
    rate: int = 60
    quota: int = 1000
    age: str = "30d"

    @property
    def host(self) -> str:
        """The name of their own at which reports are taken, "" for that of any policy host. Raises InvalidName."""
        return check_host(self.name) if self.name else ""

    @property
    def store(self) -> dict[str, Any]:
        """What the service on the host keeps to: where the reports are, how many bytes, for how many seconds."""
        return {"root": self.root, "quota_bytes": self.quota * MEGABYTE, "age_seconds": seconds(self.age)}


def check_reports(options: ReportOptions, hosts: Collection[str]) -> Iterator[Finding]:
    """Find what cannot be; certificates and root are checked as those of the policies are."""
    yield from _check_path(options.path)
    yield from _check_name(options, hosts)
    yield from _check_least("rate", options.rate, 1, "reports a minute")
    yield from _check_least("quota", options.quota, SMALLEST_QUOTA, "megabytes")
    yield from _check_age(options.age)


def _check_path(path: str) -> Iterator[Finding]:
    if not _PATH.fullmatch(path):
        remedy = "Write one of letters, digits and / _ . ~ - that begins with / and does not end with it"
        yield error("", "reports.path", f'"{path}" is not a path for reports', TLS_RPT_HTTPS, remedy)
    elif path.startswith(_WELL_KNOWN):
        rule = f'"{path}" lies below {_WELL_KNOWN}, where policies and challenges are'
        yield error("", "reports.path", rule, "", "Choose another path, such as /tls-reports")


def _check_name(options: ReportOptions, hosts: Collection[str]) -> Iterator[Finding]:
    try:
        is_policy_host = options.host in hosts
    except InvalidName as refused:
        yield error("", "reports.name", refused.rule, "", refused.remedy)
        return
    if is_policy_host:
        remedy = "Leave sts_vhost_reports_name empty: reports are then taken at the names of all policy hosts"
        yield error("", "reports.name", f"{options.host} is a policy host", "", remedy)


def _check_least(field: str, number: int, least: int, of_what: str) -> Iterator[Finding]:
    if number < least:
        remedy = f"Give {least} or more; to take no reports at all set sts_vhost_reports to false"
        yield error("", f"reports.{field}", f"{number} {of_what} are too few", "", remedy)


def _check_age(age: str) -> Iterator[Finding]:
    try:
        long_enough = seconds(age) >= DAY
    except InvalidDuration as problem:
        yield error("", "reports.age", str(problem), "", "Write a number and a unit (s, m, h, d or w), such as 30d")
        return
    if not long_enough:
        yield error(
            "", "reports.age", f"{age} is less than a day", "", "Give 1d or more, so that a nightly run reads all"
        )


def report_values(options: ReportOptions) -> dict[str, Any]:
    """Return what the template of our file needs of it, but for names and certificates."""
    root, rate = options.root, options.rate
    return {
        "path": options.path,
        "root": root,
        "http_lines": [
            "log_format mta_sts_report $request_body_file;",
            f'map $content_length $mta_sts_large_report {{ default large; "~^[0-9]{{1,{SMALL_DIGITS}}}$" ""; }}',
            f"limit_req_zone $binary_remote_addr zone=mta_sts_reports:1m rate={rate}r/m;",
            f"limit_req_zone $mta_sts_large_report zone=mta_sts_reports_large:32k rate={LARGE_A_MINUTE}r/m;",
            f"limit_req_zone $server_name zone=mta_sts_reports_all:32k rate={ALL_A_MINUTE}r/m;",
            "limit_conn_zone $binary_remote_addr zone=mta_sts_reports_at_once:1m;",
            "limit_conn_zone $server_name zone=mta_sts_reports_all_at_once:32k;",
        ],
        "limit_lines": [
            f"limit_req zone=mta_sts_reports burst={rate} nodelay;",
            f"limit_req zone=mta_sts_reports_large burst={LARGE_A_MINUTE} nodelay;",
            f"limit_req zone=mta_sts_reports_all burst={ALL_A_MINUTE} nodelay;",
            f"limit_conn mta_sts_reports_at_once {AT_ONCE_PER_ADDRESS};",
            f"limit_conn mta_sts_reports_all_at_once {AT_ONCE};",
        ],
        "uploads": f"{root}/{UPLOADS}",
    }
