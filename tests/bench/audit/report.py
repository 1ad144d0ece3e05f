# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bench's tables, as they stand in docs/performance.md."""

from __future__ import annotations

from importlib.metadata import version

from figures import ALL, HANGING, HEALTHY, LIMIT, PEER, SOME, Figures
from places import ONE_IN
from tables import machine, table

AIM_PEER, AIM_LIMIT, AIM_MIB = 20, 2, 200


def parts(figures: Figures, fetch_seconds: float) -> list[list[str]]:
    """Return all of it as Markdown."""
    where = machine(f"checkdmarc {version('checkdmarc')}")
    return [[where], _speed(figures), _aims(figures), _many(figures, fetch_seconds)]


def _speed(figures: Figures) -> list[str]:
    trips = sorted({round_trip for _unused, round_trip in figures.speeds})
    titles = [f"domains a second, {f'{trip} ms round trip' if trip else 'no latency'}" for trip in trips]
    rows = [[who, *(f"{figures.speed(who, trip):.1f}" for trip in trips)] for who in (ALL, SOME, PEER, LIMIT)]
    work = figures.work
    return [
        f"{figures.domains} domains: {work['questions']} questions to DNS, {work['handshakes']} TLS handshakes "
        f"over {work['connections']} connections for everything.",
        "",
        *table(["", *titles], rows),
    ]


def _aims(figures: Figures) -> list[str]:
    trips = sorted({round_trip for _unused, round_trip in figures.speeds})
    rows = []
    for trip in trips:
        wire = f"{trip} ms round trip" if trip else "no latency"
        for who in (ALL, SOME):
            times = figures.speed(who, trip) / figures.speed(PEER, trip)
            rows.append([f"{who}, {wire}: times checkdmarc", f"at least {AIM_PEER}", f"{times:.1f}"])
        times = figures.speed(LIMIT, trip) / figures.speed(ALL, trip)
        rows.append([f"{ALL}, {wire}: times slower than the limit", f"at most {AIM_LIMIT}", f"{times:.2f}"])
    mib = figures.runs[HEALTHY]["mib"]
    rows.append([f"{figures.many} domains: MiB", f"less than {AIM_MIB}", f"{mib:.0f}"])
    return table(["", "aim", "measured"], rows)


def _many(figures: Figures, fetch_seconds: float) -> list[str]:
    hang = figures.many // ONE_IN
    names = {
        HEALTHY: f"{figures.many} healthy domains",
        HANGING: f"{figures.many - hang} healthy, {hang} that hang for 2 times {fetch_seconds:g} s",
    }
    rows = [
        [names[which], f"{run['seconds']:.0f}", f"{figures.many / run['seconds']:.1f}", f"{run['mib']:.0f}"]
        for which, run in figures.runs.items()
    ]
    return table(["everything", "seconds", "domains a second", "peak MiB"], rows)
