# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report, in figures: of all domains and of each, by day, by type of failure and by sender.

Every row counts once for its day, once for its sender, and each of its results once for its type; what is counted in
one way is never multiplied with another. This is what the page, the metrics, the terminal and the audit show, and what
is kept as JSON for them: as large as the domains are many, and not as the reports. Private to this collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ..bounds import (
    REPORT_DAYS_KEPT,
    REPORT_HOSTS_SHOWN,
    REPORT_NAMED,
    REPORT_REASONS_SHOWN,
    REPORT_SENDERS_SHOWN,
    REPORT_TYPES_SHOWN,
    REPORT_WORD_CHARACTERS,
)
from ..finding import shorten
from ..timestamps import iso_time
from .days import OTHER, Host, most_common
from .result_types import result_type

Plain = Mapping[str, Any]

# What is handed on as the module returned it
_AS_READ = (
    "read_at", "read_at_epoch", "inputs", "refused", "left_out", "findings", "problems", "outdated",
)  # fmt: skip
_NAMELESS = "a sender without a name"


@dataclass
class _Type:
    """Sessions that failed in one way: how many, until when, who says so, where, and why in the senders' words."""

    sessions: int = 0
    last_day: str = ""
    senders: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)
    hosts: Counter[Host] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, row: Plain, result: Plain) -> None:
        sessions = result["sessions"]
        self.sessions += sessions
        self.last_day = max(self.last_day, row["day"])
        self.senders[_sender(row)] += sessions
        self.domains[row["domain"]] += sessions
        for host in result["hosts"]:
            self.hosts[Host(host["mx"], host["address"])] += host["sessions"]
        for said in result["reasons"]:
            self.reasons[_short(said["reason"])] += said["sessions"]

    def as_dict(self, name: str) -> dict[str, Any]:
        known = result_type(name)
        return {
            "type": name,
            "meaning": known.meaning,
            "remedy": known.remedy,
            "sessions": self.sessions,
            "domains": [domain for domain, _unused in most_common(self.domains, REPORT_NAMED)],
            "domain_count": len(self.domains),
            "last_day": self.last_day,
            "senders": [sender for sender, _unused in most_common(self.senders, REPORT_NAMED)],
            "sender_count": len(self.senders),
            "hosts": [
                {"mx": host.mx, "address": host.address, "sessions": sessions}
                for host, sessions in most_common(self.hosts, REPORT_HOSTS_SHOWN)
            ],
            "host_count": len(self.hosts),
            "reasons": [reason for reason, _unused in most_common(self.reasons, REPORT_REASONS_SHOWN)],
        }


@dataclass
class _Sender:
    """What one organisation says, and on how many days."""

    succeeded: int = 0
    failed: int = 0
    days: set[str] = field(default_factory=set)

    def add(self, row: Plain) -> None:
        self.succeeded += row["succeeded"]
        self.failed += row["failed"]
        self.days.add(row["day"])


@dataclass
class _Sum:
    """Rows added up."""

    days: dict[str, list[int]] = field(default_factory=dict)
    types: dict[str, _Type] = field(default_factory=dict)
    senders: dict[str, _Sender] = field(default_factory=dict)
    unexplained: int = 0

    def add(self, row: Plain) -> None:
        day = self.days.setdefault(row["day"], [0, 0])
        day[0] += row["succeeded"]
        day[1] += row["failed"]
        self.senders.setdefault(_sender(row), _Sender()).add(row)
        for result in row["results"]:
            self.types.setdefault(_short(result["type"]) or OTHER, _Type()).add(row, result)
        # The summary counts, and it may have more failures than the details, which need not be there at all.
        self.unexplained += max(0, row["failed"] - sum(result["sessions"] for result in row["results"]))

    def as_dict(self) -> dict[str, Any]:
        types = sorted(self.types.items(), key=lambda pair: (-pair[1].sessions, pair[0]))
        senders = sorted(self.senders.items(), key=lambda pair: (-pair[1].failed, -pair[1].succeeded, pair[0]))
        return {
            "succeeded": sum(succeeded for succeeded, _unused in self.days.values()),
            "failed": sum(failed for _unused, failed in self.days.values()),
            "unexplained": self.unexplained,
            "days": dict(sorted(self.days.items())),
            "last_day": max(self.days, default=None),
            "types": [found.as_dict(name) for name, found in types[:REPORT_TYPES_SHOWN]],
            "type_count": len(types),
            "senders": [
                {
                    "organization": name,
                    "succeeded": sender.succeeded,
                    "failed": sender.failed,
                    "days": len(sender.days),
                }
                for name, sender in senders[:REPORT_SENDERS_SHOWN]
            ],
            "sender_count": len(senders),
        }


def figures(reports: Plain, domains: Iterable[str] = ()) -> dict[str, Any]:
    """Return the figures of what the module tls_reports_info returned; ``domains`` have some also without a report.

    Where it has summed the reports up itself, it has returned them in place of rows.
    The domain with the most failures comes first. ``days`` are UTC days, each with the sessions that succeeded and
    those that failed; a day that is not there is one of which no sender reports. ``beyond`` are the sessions of days
    that are not of the period.
    """
    found = reports["figures"] if "figures" in reports else _summed_up(reports)
    known = {one["domain"] for one in found["domains"]}
    silent = [_of_domain(domain, _Sum()) for domain in dict.fromkeys(domains) if domain not in known]
    every = sorted([*found["domains"], *silent], key=lambda one: (-one["failed"], -one["succeeded"], one["domain"]))
    return {**found, "domains": every}


def _summed_up(reports: Plain) -> dict[str, Any]:
    since, until = _period(reports)
    fleet, beyond = _Sum(), 0
    sums: dict[str, _Sum] = {}
    for row in reports["days"]:
        if since <= row["day"] <= until:
            fleet.add(row)
            sums.setdefault(row["domain"], _Sum()).add(row)
        else:
            beyond += row["succeeded"] + row["failed"]
    return {
        **{key: reports[key] for key in _AS_READ},
        "since": since,
        "until": until,
        "beyond": beyond,
        "all": fleet.as_dict(),
        "domains": [_of_domain(domain, one) for domain, one in sums.items()],
    }


def _of_domain(domain: str, one: _Sum) -> dict[str, Any]:
    return {"domain": domain, **one.as_dict()}


def days_between(since: str, until: str) -> list[str]:
    """Return every day from the first to the last, both included."""
    return list(_days(date.fromisoformat(since), date.fromisoformat(until)))


def days_before(day: str, days: int) -> str:
    """Return the day that is so many days before another, or the first that there is."""
    return date.fromordinal(max(1, date.fromisoformat(day).toordinal() - days)).isoformat()


def share(failed: int, succeeded: int) -> str:
    """Return which part of sessions failed: 0.3 %, never 0 where one did, nor 100 where one did not."""
    every = failed + succeeded
    if not failed or not every:
        return "0 %"
    if failed == every:
        return "100 %"
    tenths = min(1000 * failed // every, 999)
    return f"{tenths / 10} %" if tenths else "< 0.1 %"


def _period(reports: Plain) -> tuple[str, str]:
    """Return the days asked for, both included: no more than are kept, for a stranger's report may be of 1970."""
    until = reports["until"] or iso_time(reports["read_at_epoch"])[:10]
    first = days_before(until, REPORT_DAYS_KEPT - 1)
    return max(first, reports["since"] or min((row["day"] for row in reports["days"]), default=until)), until


def _days(first: date, last: date) -> Iterator[str]:
    for offset in range((last - first).days + 1):
        yield (first + timedelta(days=offset)).isoformat()


def _sender(row: Plain) -> str:
    return _short(row["organization"]) or _NAMELESS


def _short(word: str) -> str:
    return shorten(word, REPORT_WORD_CHARACTERS)
