# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the HTML page of an audit shows: the domains worst first, the fleet in numbers, and nothing that can break out.

Names, policies and answers of servers come from strangers. They reach the page as JSON in which no character can end a
script element, and with every character made visible that could hide or turn around what stands beside it.
Private to this collection.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from ...duration import DAY, HOUR, MINUTE, WEEK
from ...text import printable
from ...timestamps import iso_time
from ...tls_reports.reports.html import Page as ReportsOfPage
from ...unicode_names import shown, unicode_name
from ..catalogue import STATIONS
from ..verdict import SEVERITIES

Plain = Mapping[str, Any]

WORST_FIRST = tuple(reversed(SEVERITIES))
_UNITS = (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", 1))
# Inside a string of JSON these mean the same when escaped, and nothing to a parser of HTML.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
_SCRIPT = '<script type="module">'
_PLACES = re.compile("@(headline|audited|security|data)@")


def page(audit: Plain, frame: str, figures: Plain | None = None, title: str = "") -> str:
    """Return the page: the frame, which has style and script, with what was seen in the places that are left for it.

    These are ``@headline@``, ``@audited@``, ``@security@`` and ``@data@``, outside of style and script. ``figures`` are
    those of TLS reports, ``title`` is a headline in place of the audit's.
    """
    style, script = (_between(frame, *tags) for tags in (("<style>", "</style>"), (_SCRIPT, "</script>")))
    data = page_data(audit, figures)
    seen = {
        "headline": title or headline(data["verdicts"]),
        "audited": data["audited"]["words"],
        "security": content_security_policy(style, script),
        "data": island(data),
    }
    return _PLACES.sub(lambda place: seen[place[1]], frame)


def page_data(audit: Plain, figures: Plain | None = None) -> dict[str, Any]:
    """Return what the page shows of an audit, as the module audit_info returned it, and of the figures of TLS reports.

    Checks are named by their place in ``checks``. Of a domain, what is empty is left out.
    """
    checks = [dict(check) for check in audit["checks"]]
    places = {check["name"]: place for place, check in enumerate(checks)}
    results = sorted(audit["results"], key=_rank)
    domains = [_domain(result, places, audit["audited_at_epoch"]) for result in results]
    data = {
        "audited": _moment(audit["audited_at_epoch"]),
        "checks": checks,
        "verdicts": _counts(WORST_FIRST, (result["verdict"] for result in results)),
        "stations": [
            {"name": station, **_counts((*WORST_FIRST, "unknown"), (result["stations"][station] for result in results))}
            for station in STATIONS
        ],
        "faults": _faults(results, places),
        "domains": domains,
    }
    return data if figures is None else {**data, **_reported(figures, results, domains)}


def _reported(figures: Plain, results: Sequence[Plain], domains: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what senders report of all, and the domains with what they report of each."""
    reports = ReportsOfPage(figures)
    reported = [reports.of(result["domain"]) for result in results]
    with_reports = [domain if one is None else {**domain, "reported": one} for domain, one in zip(domains, reported)]
    return {"domains": with_reports, "reports": reports.data()}


def headline(verdicts: Mapping[str, int]) -> str:
    """Say in one sentence how the fleet stands."""
    every = sum(verdicts.values())
    domains = "domain" if every == 1 else "domains"
    for severity, begin in (("error", ""), ("warning", "No errors; ")):
        number = verdicts[severity]
        if number:
            return f"{begin}{number} of {every} {domains} {'has' if number == 1 else 'have'} {severity}s"
    if not every:
        return "No domain was looked at"
    return "The domain is in order" if every == 1 else f"All {every} domains are in order"


def island(data: Plain) -> str:
    """Return JSON that may stand inside a script element, whatever the data say."""
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPES)


def content_security_policy(style: str, script: str) -> str:
    """Return the policy under which a browser runs this style and this script only, and fetches nothing at all."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_source(style)}'",
            f"script-src '{_source(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def spelled(seconds: int) -> str:
    """Return a duration in words: 2419200 is 4 weeks, 31557600 is 365 days, 6 hours."""
    if seconds and seconds % WEEK == 0:
        return _many(seconds // WEEK, "week")
    parts = []
    rest = seconds
    for unit, size in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(_many(number, unit))
    return ", ".join(parts[:2]) or "0 seconds"


def _rank(result: Plain) -> tuple[Any, ...]:
    """Worst first; errors in enforce, where they cost mail, before others; then the most findings, then by name."""
    verdict = result["verdict"]
    costs_mail = verdict == "error" and result["mode"] == "enforce"
    worst = sum(finding["severity"] == verdict for finding in result["findings"])
    return WORST_FIRST.index(verdict), not costs_mail, -worst, result["domain"]


def _faults(results: Sequence[Plain], places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every check that found something: the worst it found, and in how many domains; worst and most common first."""
    severities: dict[str, str] = {}
    domains: Counter[str] = Counter()
    for result in results:
        for finding in result["findings"]:
            known = severities.get(finding["check"], SEVERITIES[0])
            severities[finding["check"]] = max(known, finding["severity"], key=SEVERITIES.index)
        domains.update({finding["check"] for finding in result["findings"]})
    faults = [
        {"check": places[check], "severity": severity, "domains": domains[check]}
        for check, severity in severities.items()
    ]
    return sorted(faults, key=lambda fault: (WORST_FIRST.index(fault["severity"]), -fault["domains"], fault["check"]))


def _domain(result: Plain, places: Mapping[str, int], now: int) -> dict[str, Any]:
    max_age = result["max_age"]
    domain, name = result["domain"], unicode_name(result["domain"])
    shown_of_it = {
        "domain": printable(domain),
        "name": None if name == domain else name,
        "verdict": result["verdict"],
        "stations": [result["stations"][station] for station in STATIONS],
        "findings": [_finding(finding, places) for finding in result["findings"]],
        "not_looked_at": [places[check] for check in result["not_looked_at"]],
        "mode": result["mode"],
        "max_age": None if max_age is None else f"{spelled(max_age)} ({max_age} s)",
        **{key: result[key] and printable(result[key]) for key in ("record_id", "policy_id")},
        "policy_host": printable(_own(result["policy_host"], domain)),
        **{key: [printable(_own(text, domain)) for text in result[key]] for key in ("patterns", "mx")},
        **{key: [printable(text) for text in result[key]] for key in ("addresses", "rua")},
        "certificate": _expiry(result["certificate_expiry_epoch"], now),
        "mx_certificate": _expiry(result["mx_certificate_expiry_epoch"], now),
    }
    return {key: value for key, value in shown_of_it.items() if value not in (None, "", [])}


def _own(name: str, domain: str) -> str:
    """Return a name with U-labels if it is below the domain: one that strangers chose may be made to deceive."""
    return shown(name) if name.endswith(f".{domain}") else name


def _finding(finding: Plain, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "check": places[finding["check"]],
        "severity": finding["severity"],
        **{key: printable(finding[key]) for key in ("subject", "seen", "remedy")},
    }


def _expiry(moment: int | None, now: int) -> dict[str, Any] | None:
    """The moment, and the whole days that were left to it at the time of the audit; negative once it has passed."""
    return None if moment is None else {"days": (moment - now) // DAY, **_moment(moment)}


def _moment(moment: int) -> dict[str, str]:
    iso = iso_time(moment)
    return {"at": iso, "words": f"{iso[:10]} {iso[11:16]} UTC"}


def _counts(keys: Iterable[str], values: Iterable[str]) -> dict[str, int]:
    counted = Counter(values)
    return {key: counted[key] for key in keys}


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]


def _source(text: str) -> str:
    """Name an inline style or script as a content security policy does: by its hash."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}"
