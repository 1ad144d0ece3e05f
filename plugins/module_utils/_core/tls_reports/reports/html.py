# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the page shows of TLS reports: every day of all domains together, and of each domain the latest.

Senders are strangers: what they say reaches the page with every character made visible that could hide or turn around
what stands beside it. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...bounds import REPORT_DAYS_ON_PAGE
from ...text import counted, printable
from ..figures import days_between
from .notes import notes, seen_before

Plain = Mapping[str, Any]

# Notes of a kind, such as inputs that were refused
_LISTED = 20


class Page:
    """The figures as the page has them: ``data`` for all, and of each domain what it is asked for."""

    def __init__(self, figures: Plain) -> None:
        """Put together what domains share: the days, the names of senders, the types of failure."""
        days = days_between(figures["since"], figures["until"])
        self._latest = days[-REPORT_DAYS_ON_PAGE:]
        self._senders: dict[str, int] = {}
        self._types: dict[str, dict[str, str]] = {}
        self._domains = {one["domain"]: one for one in figures["domains"]}
        self._all = self._reported(figures["all"], days)
        self._outdated = _outdated(figures)
        self._notes = _notes(figures)
        self._since = days[0]
        self._read_at = figures["read_at"]

    def of(self, domain: str) -> dict[str, Any] | None:
        """Return what is reported of a domain, None where nobody has looked for reports on it."""
        one = self._domains.get(domain)
        if one is None:
            return None
        outdated = self._outdated.get(domain)
        return {**self._reported(one, self._latest), **({"outdated": outdated} if outdated else {})}

    def data(self) -> dict[str, Any]:
        """Return what all domains share, once every domain has been asked for."""
        return {
            "since": self._since,
            "latest": self._latest[0],
            "until": self._latest[-1],
            "read_at": f"{self._read_at[:10]} {self._read_at[11:16]} UTC",
            "senders": [printable(name) for name in self._senders],
            "types": self._types,
            "all": self._all,
            "notes": self._notes,
        }

    def _reported(self, one: Plain, days: Sequence[str]) -> dict[str, Any]:
        reported = {
            "succeeded": one["succeeded"],
            "failed": one["failed"],
            "unexplained": one["unexplained"],
            "reported_days": len(one["days"]),
            "days": ",".join(_day(one["days"].get(day)) for day in days),
            "types": [self._type(found) for found in one["types"]],
            "type_count": one["type_count"],
            "senders": [
                [
                    self._senders.setdefault(sender["organization"], len(self._senders)),
                    *(sender[key] for key in ("succeeded", "failed", "days")),
                ]
                for sender in one["senders"]
            ],
            "sender_count": one["sender_count"],
        }
        return {key: value for key, value in reported.items() if value not in (0, [], "")}

    def _type(self, found: Plain) -> dict[str, Any]:
        name = printable(found["type"])
        self._types[name] = {key: found[key] for key in ("meaning", "remedy")}
        hosts = [f"{host['mx']} [{host['address']}]" if host["address"] else host["mx"] for host in found["hosts"]]
        return {
            **{key: found[key] for key in ("sessions", "last_day", "sender_count", "host_count", "domain_count")},
            "type": name,
            "senders": [printable(sender) for sender in found["senders"]],
            "domains": [printable(domain) for domain in found["domains"]],
            "hosts": [printable(host) for host in hosts],
            "reasons": [printable(reason) for reason in found["reasons"]],
        }


def headline(figures: Plain) -> str:
    """Say in one sentence what senders report."""
    domains = figures["domains"]
    failing = sum(bool(one["failed"]) for one in domains)
    if failing:
        return f"Senders report failures of {failing:,} of {counted(len(domains), 'domain')}"
    return "Senders report no failures" if any(one["last_day"] for one in domains) else "No sender has reported"


def _day(sessions: Sequence[int] | None) -> str:
    """Return a day shortly, for there are many: nothing without a report, succeeded, and failed if any have."""
    if sessions is None:
        return ""
    succeeded, failed = sessions
    return f"{succeeded}:{failed}" if failed else str(succeeded)


def _outdated(figures: Plain) -> dict[str, list[str]]:
    """Return of each domain who saw an older policy, a few of many."""
    senders: dict[str, list[str]] = {}
    for one in figures["outdated"]:
        senders.setdefault(one["domain"], []).append(printable(seen_before(one)))
    return {domain: _few(those) for domain, those in senders.items()}


def _notes(figures: Plain) -> dict[str, list[str]]:
    """Return what else is to be known, a few of each kind."""
    left_out = figures["left_out"]
    words = f"{counted(left_out['reports'], 'report')} on {counted(left_out['domains'], 'domain')} not in the list"
    told = {head: _few(those) for head, those in notes(figures).items()}
    return {**told, "Left out": [words]} if left_out["reports"] else told


def _few(those: Sequence[str]) -> list[str]:
    rest = [f"and {len(those) - _LISTED:,} more"] if len(those) > _LISTED else []
    return [*those[:_LISTED], *rest]
