# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of every domain: the results of all parts, put together into one row per domain and one table.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .finding import error
from .text import columns, name_in, pad
from .timestamps import minute, read_iso_time

Result = Mapping[str, Any]

HEADINGS = ("domain", "mode", "policy id", "certificate", "DNS", "verdict")
WIDEST_DOMAIN = 32
NOTHING = "-"
PENDING = "pending"


@dataclass(frozen=True)
class Row:
    """One domain's outcome.

    ``certificate`` is the day on which the first certificate expires; ``verdict`` begins with "failed" on failure,
    with "pending" while the CA does not take the order yet.
    """

    domain: str
    mode: str
    policy_id: str
    certificate: str
    dns: str
    verdict: str

    @property
    def failed(self) -> bool:
        """Whether something must be fixed before senders see what they should."""
        return self.verdict.startswith("failed")

    @property
    def pending(self) -> bool:
        """Whether it waits for the CA, and is neither proven nor announced until then."""
        return self.verdict.startswith(PENDING)


@dataclass(frozen=True)
class Parts:
    """What the parts of one run said, each entry a dictionary with a ``domain``; a part that did not run is empty.

    ``policies`` and ``certificates`` come from several hosts, one list per host.
    """

    intents: Sequence[Result]
    policies: Sequence[Sequence[Result]] = ()
    certificates: Sequence[Sequence[Result]] = ()
    proofs: Sequence[Result] = ()
    dns: Sequence[Result] = ()


def rows(parts: Parts) -> list[Row]:
    """One row per domain, in the order of the user's list."""
    policies = _by_domain(entry for host in parts.policies for entry in host)
    certificates = _by_domain(entry for host in parts.certificates for entry in host)
    proofs = _by_domain(parts.proofs)
    records = _by_domain(parts.dns)
    return [
        _row(
            intent,
            policies.get(intent["domain"], []),
            certificates.get(intent["domain"], []),
            proofs.get(intent["domain"], []),
            records.get(intent["domain"], []),
        )
        for intent in parts.intents
    ]


def table(of: Sequence[Row]) -> list[str]:
    """Lines of plain text, columns as wide as their widest cell; domains as people read them."""
    cells = [HEADINGS, *((name_in(WIDEST_DOMAIN, row.domain), *list(asdict(row).values())[1:]) for row in of)]
    widths = [max(columns(line[column]) for line in cells) for column in range(len(HEADINGS))]
    rule = tuple("-" * width for width in widths)
    return [
        "  ".join(pad(cell, width) for cell, width in zip(line, widths)).rstrip()
        for line in (cells[0], rule, *cells[1:])
    ]


def lost(hosts: Iterable[str]) -> list[str]:
    """Return a sentence for each policy host that a run has lost along the way."""
    rule = "it could not be reached, or a task failed on it, so it may serve former policies once it is back"
    return [str(error("", host, rule, "", "See above which it was, then run again")) for host in hosts]


def _row(
    intent: Result, policies: list[Result], certificates: list[Result], proofs: list[Result], records: list[Result]
) -> Row:
    absent = intent["state"] == "absent"
    expiries = [entry["expires"] for entry in certificates if entry.get("expires")]
    return Row(
        domain=intent["domain"],
        mode=NOTHING if absent else intent["mode"] or NOTHING,
        policy_id=NOTHING if absent else intent["policy_id"] or NOTHING,
        certificate=NOTHING if absent else min(expiries, default=NOTHING)[:10],
        dns=_dns(records),
        verdict=_verdict(intent, policies, certificates, proofs, records),
    )


def _verdict(
    intent: Result, policies: list[Result], certificates: list[Result], proofs: list[Result], records: list[Result]
) -> str:
    failures = (
        ("list", not intent["usable"]),
        ("delegation", bool(intent.get("delegation"))),
        ("policy", any(entry["failed"] for entry in policies)),
        ("certificate", any(entry["outcome"] in {"failed", "not_ordered"} for entry in certificates)),
        ("proof", any(not entry["proven"] for entry in proofs)),
        ("DNS", any(entry.get("problem") for entry in records)),
    )
    broken = [stage for stage, failed in failures if failed]
    if _waits(certificates) and set(broken) <= {"proof"}:
        return f"{PENDING} until {max(_waits(certificates))}"
    if broken:
        return f"failed: {broken[0]}"
    if intent["state"] == "absent":
        return "removed"
    if not proofs:
        return "not looked at"
    return "working" if records and all(entry.get("published") for entry in records) else "proven"


def _waits(certificates: list[Result]) -> list[str]:
    """Return until when each host waits for the CA that has no certificate at all yet."""
    return [
        minute(read_iso_time(entry["pending_until"]))
        for entry in certificates
        if entry["outcome"] == PENDING and not entry["expires"]
    ]


def _dns(records: list[Result]) -> str:
    if not records:
        return NOTHING
    if any(entry.get("problem") for entry in records):
        return "failed"
    if any(entry.get("changed") for entry in records):
        return "changed"
    return "published" if all(entry.get("published") for entry in records) else "yours"


def _by_domain(entries: Iterable[Result]) -> dict[str, list[Result]]:
    grouped: dict[str, list[Result]] = {}
    for entry in entries:
        grouped.setdefault(entry["domain"], []).append(entry)
    return grouped
