# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a bench tells what it has measured: where, and in Markdown, as docs/performance.md has it."""

from __future__ import annotations

import os
import platform
import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".cache/bench"


def say(text: str) -> None:
    """Show progress."""
    print(f"bench: {text}", flush=True)


def machine(*programs: str) -> str:
    """Return what it was measured on, and with which programs."""
    cpu = next(
        (line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
         if line.startswith("model name")), platform.machine(),
    )  # fmt: skip
    return ", ".join([
        f"{os.cpu_count()} cores ({cpu})", f"Linux {platform.release()}", f"Python {platform.python_version()}",
        ssl.OPENSSL_VERSION, *programs,
    ])  # fmt: skip


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; all its columns but the first hold numbers."""
    return [f"| {' | '.join(row)} |" for row in (titles, ["---"] + ["---:"] * (len(titles) - 1), *rows)]


def show(bench: str, parts: Iterable[Iterable[str]]) -> None:
    """Print the parts of a report, and keep them."""
    text = "\n".join("\n".join(lines) + "\n" for lines in parts)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{bench}.md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
