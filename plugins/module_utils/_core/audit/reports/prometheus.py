# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as metrics in Prometheus's text format, as node_exporter's textfile collector reads it.

Ten thousand domains with 97 checks each would be too many series, so only checks that found something are written;
a series that is not there stands for a check that passed, or did not look. Private to this collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...metrics import Sample, exposition
from ..verdict import SEVERITIES

Result = Mapping[str, Any]

# The values of states; what is above 1 wants a hand.
STATES = {"unknown": -1, **{severity: value for value, severity in enumerate(SEVERITIES)}}
STATE_WORDS = ", ".join(f"{value} {word}" for word, value in STATES.items())
FOUND_WORDS = ", ".join(f"{value} {word}" for word, value in STATES.items() if value > 0)
UNKNOWN = "unknown"

# Names never change their meaning: alerts and dashboards rest on them.
HELP = {
    "mta_sts_audit_timestamp_seconds": "When the domains were looked at.",
    "mta_sts_domains": "How many domains have this verdict.",
    "mta_sts_domain_info": "A domain's mode as senders read it, the id in its record, and the id of the policy served.",
    "mta_sts_station_state": f"The worst that was found at a station of a mail's way: {STATE_WORDS}.",
    "mta_sts_check_state": f"The worst that a check found; absent when it found nothing: {FOUND_WORDS}.",
    "mta_sts_certificate_expiry_timestamp_seconds": "When the first certificate of the policy host ends.",
    "mta_sts_mx_certificate_expiry_timestamp_seconds": "When the first certificate of the MX hosts ends.",
    "mta_sts_max_age_seconds": "How long senders keep the policy.",
}


def metrics(audit: Result) -> str:
    """Return all metrics of an audit."""
    results = list({result["domain"]: result for result in audit["results"]}.values())
    verdicts = Counter(result["verdict"] for result in results)
    samples: dict[str, Iterable[Sample]] = {
        "mta_sts_audit_timestamp_seconds": [({}, audit["audited_at_epoch"])],
        "mta_sts_domains": [({"verdict": severity}, verdicts[severity]) for severity in SEVERITIES],
        "mta_sts_domain_info": [(_about(result), 1) for result in results],
        "mta_sts_station_state": [
            ({"domain": result["domain"], "station": station}, STATES[state])
            for result in results
            for station, state in result["stations"].items()
        ],
        "mta_sts_check_state": [sample for result in results for sample in _checks(result)],
        "mta_sts_certificate_expiry_timestamp_seconds": _numbers(results, "certificate_expiry_epoch"),
        "mta_sts_mx_certificate_expiry_timestamp_seconds": _numbers(results, "mx_certificate_expiry_epoch"),
        "mta_sts_max_age_seconds": _numbers(results, "max_age"),
    }
    return exposition(HELP, samples)


def _about(result: Result) -> dict[str, str]:
    return {
        "domain": result["domain"],
        "mode": result["mode"] or UNKNOWN,
        "record_id": result["record_id"] or "",
        "policy_id": result["policy_id"] or "",
    }


def _checks(result: Result) -> Iterator[Sample]:
    states: dict[tuple[str, str], int] = {}
    for finding in result["findings"]:
        which = (finding["station"], finding["check"])
        states[which] = max(states.get(which, 0), STATES[finding["severity"]])
    for (station, check), state in states.items():
        yield {"domain": result["domain"], "station": station, "check": check}, state


def _numbers(results: Iterable[Result], key: str) -> list[Sample]:
    return [({"domain": result["domain"]}, result[key]) for result in results if result[key] is not None]
