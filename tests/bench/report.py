# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bench's tables, as they stand in docs/performance.md."""

from __future__ import annotations

import os
import platform
import ssl
from importlib.metadata import version
from pathlib import Path

from figures import ALL, HANGING, HEALTHY, LIMIT, PEER, SOME, Figures
from places import ONE_IN

AIM_PEER, AIM_LIMIT, AIM_MIB = 20, 2, 200


def write(figures: Figures, fetch_seconds: float) -> str:
    """Return all of it as Markdown."""
    parts = (_machine(), _speed(figures), _aims(figures), _many(figures, fetch_seconds))
    return "\n".join("\n".join(lines) + "\n" for lines in parts)


def _machine() -> list[str]:
    cpu = next(
        (line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
         if line.startswith("model name")), platform.machine(),
    )  # fmt: skip
    return [
        f"{os.cpu_count()} cores ({cpu}), Linux {platform.release()}, Python {platform.python_version()}, "
        f"{ssl.OPENSSL_VERSION}, checkdmarc {version('checkdmarc')}"
    ]


def _speed(figures: Figures) -> list[str]:
    trips = sorted({round_trip for _unused, round_trip in figures.speeds})
    titles = [f"domains a second, {f'{trip} ms round trip' if trip else 'no latency'}" for trip in trips]
    rows = [[who, *(f"{figures.speed(who, trip):.1f}" for trip in trips)] for who in (ALL, SOME, PEER, LIMIT)]
    work = figures.work
    return [
        f"{figures.domains} domains: {work['questions']} questions to DNS, {work['handshakes']} TLS handshakes "
        f"over {work['connections']} connections for everything.",
        "",
        *_table(["", *titles], rows),
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
    return _table(["", "aim", "measured"], rows)


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
    return _table(["everything", "seconds", "domains a second", "peak MiB"], rows)


def _table(titles: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (titles, ["---"] + ["---:"] * (len(titles) - 1), *rows)]
