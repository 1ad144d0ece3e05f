# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the pages of docs/dns-servers have a postmaster do: files to write and commands to run, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

PAGES = Path(__file__).resolve().parents[2] / "docs" / "dns-servers"
_BLOCK = re.compile(r"(?P<before>(?:^[^\n]+\n)*)\n```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"In `(/[^`]+)`")


def sections(page: str) -> dict[str, str]:
    """Return the sections of a page by their headings."""
    parts = re.split(r"^## (.+)\n", (PAGES / f"{page}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def typed(section: str, places: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the steps of a section on the server: ("", a command), or a file's name and its text.

    ``places`` are what stands in the page for something of one's own, and what that is.
    """
    for block in _BLOCK.finditer(section):
        text = block["text"]
        for ours, theirs in places.items():
            text = text.replace(ours, theirs)
        files = _FILE.findall(block["before"])
        if block["kind"] == "console":
            yield from (("", line[2:]) for line in text.splitlines() if line.startswith("# "))
        elif files:
            yield files[-1].replace("example.com", places.get("example.com", "example.com")), text


def variables(page: str) -> dict[str, str]:
    """Return what the page's inventory says."""
    blocks = _BLOCK.finditer(sections(page)["The inventory"])
    read = [yaml.safe_load(block["text"]) for block in blocks if block["kind"] == "yaml"]
    return {name: value for one in read if isinstance(one, dict) for name, value in one.items()}


def tasks(page: str) -> str:
    """Return the tasks of the page's inventory."""
    blocks = [block["text"] for block in _BLOCK.finditer(sections(page)["The inventory"]) if block["kind"] == "yaml"]
    return next(text for text in blocks if isinstance(yaml.safe_load(text), list))
