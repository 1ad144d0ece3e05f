# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/faults.md: the fault matrix as people read it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .world.data import Entry, domain_name, load

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/faults.md"
MATRIX = Path(__file__).resolve().parent / "matrix"
INTRODUCTION = MATRIX / "introduction.md"
CHECKDMARC = MATRIX / "checkdmarc.json"

sys.path.append(str(ROOT))

from plugins.module_utils._core.audit.catalogue import BY_NAME, STATIONS

STATION_TITLES = {
    "dns": "The record",
    "host": "The way to the policy host",
    "tls": "TLS at the policy host",
    "policy": "HTTP and the policy",
    "mx": "MX records and MX hosts",
    "reports": "TLS reports",
}
NEIGHBOURS = """\

## Healthy neighbours

Nothing is wrong with these; an audit that says so of one of them is wrong.

| domain | what could be mistaken for a fault | checkdmarc |
| --- | --- | --- |
"""
NOTHING = "nothing"


def render() -> str:
    """Return the page."""
    matrix = load()
    said = recorded()
    spoken = sum(bool(words) for words in said["faults"].values())
    introduction = INTRODUCTION.read_text(encoding="utf-8").format(
        faults=len(matrix["faults"]),
        healthy=len(matrix["healthy"]),
        rows="\n".join(_row([name, title]) for name, title in matrix["rows"].items()),
        version=version("checkdmarc"),
        spoken=spoken,
    )
    tables = "".join(_station(station, matrix["faults"], said["faults"]) for station in STATIONS)
    neighbours = (
        _row([f"`{entry['name']}`", entry["what"], _words(said["healthy"][entry["name"]])])
        for entry in matrix["healthy"]
    )
    return introduction + tables + NEIGHBOURS + "\n".join(neighbours) + "\n"


def recorded() -> dict[str, dict[str, list[str]]]:
    """Return what checkdmarc said when it was asked last, about faulty and healthy domains."""
    return json.loads(CHECKDMARC.read_text(encoding="utf-8"))


def _station(station: str, faults: Iterable[Entry], said: Mapping[str, list[str]]) -> str:
    rows = [_row(_fault(entry, said)) for entry in faults if BY_NAME[entry["check"]].station == station]
    head = "| domain | row | fault | how it is made | check | checkdmarc |\n| --- | --- | --- | --- | --- | --- |\n"
    return f"\n## {STATION_TITLES[station]}\n\n{head}" + "\n".join(rows) + "\n"


def _fault(entry: Entry, said: Mapping[str, list[str]]) -> Iterator[str]:
    yield f"`{entry['name']}`"
    yield entry["row"]
    yield entry["fault"]
    yield entry["injected"].replace("{domain}", domain_name(entry))
    also = "".join(f", `{check}` {severity}" for check, severity in entry.get("also", []))
    yield f"`{entry['check']}` {entry['severity']}{also}"
    yield _words(said[entry["name"]])


def _words(said: list[str]) -> str:
    return "; ".join(said) or NOTHING


def _row(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(_cell(str(cell)) for cell in cells) + " |"


def _cell(text: str) -> str:
    """Keep what other programs say from being read as Markdown."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
