# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report, as metrics in Prometheus's text format: at most 20 series a domain, whatever senders make up.

A sender never is a label: there may be any number of them. Private to this collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ...metrics import Sample, exposition
from ...timestamps import read_iso_time
from ..days import OTHER
from ..figures import days_before
from ..result_types import BY_NAME

Plain = Mapping[str, Any]

# Reports of a day come during the next one, and some a day later.
RECENT_DAYS = 3
RESULTS = ("succeeded", "failed")

# Names never change their meaning: alerts and dashboards rest on them.
HELP = {
    "mta_sts_reports_timestamp_seconds": "When the TLS reports were read.",
    "mta_sts_reports_read": "How many TLS reports were read.",
    "mta_sts_reports_refused": "How many inputs could not be read as a TLS report.",
    "mta_sts_reports_unreadable_sources": "How many sources of TLS reports could not be read.",
    "mta_sts_reports_sessions": "Sessions that senders report, of the whole period.",
    "mta_sts_reports_recent_sessions": f"Sessions that senders report, of the last {RECENT_DAYS} days of the period.",
    "mta_sts_reports_failed_sessions": "Sessions that failed in this way, of the whole period.",
    "mta_sts_reports_senders": "How many organisations report on the domain.",
    "mta_sts_reports_outdated_senders": "How many organisations still see an older policy.",
    "mta_sts_reports_last_day_timestamp_seconds": "The beginning of the last day on which a sender reports.",
}


def metrics(figures: Plain) -> str:
    """Return all metrics of the figures."""
    domains = figures["domains"]
    recent = days_before(figures["until"], RECENT_DAYS - 1)
    outdated = {domain: len(senders) for domain, senders in _outdated(figures).items()}
    return exposition(
        HELP,
        {
            "mta_sts_reports_timestamp_seconds": [({}, figures["read_at_epoch"])],
            "mta_sts_reports_read": [({}, figures["inputs"]["read"])],
            "mta_sts_reports_refused": [({}, figures["inputs"]["refused"])],
            "mta_sts_reports_unreadable_sources": [({}, len(figures["problems"]))],
            "mta_sts_reports_sessions": [
                ({"domain": one["domain"], "result": result}, one[result]) for one in domains for result in RESULTS
            ],
            "mta_sts_reports_recent_sessions": [sample for one in domains for sample in _recent(one, recent)],
            "mta_sts_reports_failed_sessions": [sample for one in domains for sample in _types(one)],
            "mta_sts_reports_senders": [({"domain": one["domain"]}, one["sender_count"]) for one in domains],
            "mta_sts_reports_outdated_senders": [
                ({"domain": one["domain"]}, outdated.get(one["domain"], 0)) for one in domains
            ],
            "mta_sts_reports_last_day_timestamp_seconds": [
                ({"domain": one["domain"]}, read_iso_time(f"{one['last_day']}T00:00:00Z"))
                for one in domains
                if one["last_day"]
            ],
        },
    )


def _outdated(figures: Plain) -> dict[str, set[str]]:
    senders: dict[str, set[str]] = {}
    for seen in figures["outdated"]:
        senders.setdefault(seen["domain"], set()).add(seen["organization"])
    return senders


def _recent(one: Plain, since: str) -> Iterator[Sample]:
    days = [sessions for day, sessions in one["days"].items() if day >= since]
    for place, result in enumerate(RESULTS):
        yield {"domain": one["domain"], "result": result}, sum(sessions[place] for sessions in days)


def _types(one: Plain) -> Iterator[Sample]:
    """Give the types of RFC 8460 by name and all others, and what has no details, together."""
    sessions: Counter[str] = Counter()
    for found in one["types"]:
        sessions[found["type"] if found["type"] in BY_NAME else OTHER] += found["sessions"]
    if one["unexplained"]:
        sessions[OTHER] += one["unexplained"]
    for name in sorted(sessions):
        yield {"domain": one["domain"], "result_type": name}, sessions[name]
