# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run one command, show its progress, keep its output, count what it found."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".cache" / "logs"
# What is worth seeing while a long command runs; all of it goes to its log.
PROGRESS = re.compile(r"^(PLAY \[|TASK \[|INFO +\[|Running sanity test|core: |build: |lab: )")
LAST_LINES = 80
# What Ansible, Molecule and Python say of a failure, for the end of a long run.
REASON = re.compile(r"^(fatal: | +msg: |CRITICAL|\* \[|\[ERROR\]|ERROR: |E  |FAILED |\w*Error: )")
REASONS, REASON_LENGTH = 6, 240


@dataclass(frozen=True)
class Command:
    """One command of a step.

    ``tests``: pytest runs inside it and its tests are what counts. ``alone``: it does not run beside others.
    ``canary``: it says what is to come, and what fails in it has not failed.
    """

    name: str
    argv: tuple[str, ...]
    tests: bool = False
    alone: bool = False
    canary: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one command found out; ``reasons`` are the lines of its output that say why it failed.

    What failed in a canary is ``foreseen``, not failed.
    """

    passed: int
    skipped: int
    failed: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    foreseen: tuple[str, ...] = ()


def count_tests(folder: Path) -> Outcome:
    """Count the tests of every JUnit report that pytest left in the folder."""
    passed, skipped, failed = 0, 0, []
    for report in sorted(folder.glob("*.xml")):
        for case in ET.parse(report).iter("testcase"):
            outcomes = {child.tag for child in case}
            if outcomes & {"failure", "error"}:
                failed.append(f"{case.get('classname')}.{case.get('name')}")
            elif "skipped" in outcomes:
                skipped += 1
            else:
                passed += 1
    return Outcome(passed, skipped, tuple(failed))


def show(text: str) -> None:
    """Print in one piece, for others print meanwhile."""
    print(f"{text}\n", end="", flush=True)


def run(command: Command) -> Outcome:
    """Run one command to its end; it has failed if it says so or if one of its tests does."""
    slug = command.name.replace(" ", "-")
    log, reports = LOGS / f"{slug}.log", LOGS / slug
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    environment = {**os.environ, "REPORTS": str(reports), "NO_COLOR": "1", "COLUMNS": "160"}
    if command.tests:
        environment["PYTEST_ADDOPTS"] = f"--junitxml={reports}/tests.xml"
    show(f"=== {command.name}")
    start = time.monotonic()
    with (
        log.open("w", encoding="utf-8", errors="replace") as output,
        subprocess.Popen(
            command.argv,
            cwd=ROOT,
            env=environment,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        for line in process.stdout or ():
            output.write(line)
            if PROGRESS.match(line):
                show(f"    {command.name}: {time.monotonic() - start:4.0f} s  {line.rstrip(' *' + chr(10))}")
    passed, skipped, failed = _outcome(command, process.returncode, count_tests(reports))
    verdict = "passed" if not failed else "failed, which is told and not counted," if command.canary else "FAILED"
    end = f"=== {command.name}: {verdict} after {time.monotonic() - start:.0f} s, log in {log.relative_to(ROOT)}"
    lines = log.read_text(encoding="utf-8").splitlines() if failed else []
    show("\n".join([*lines[-LAST_LINES:], end]))
    if command.canary:
        return Outcome(passed, skipped, (), reasons(lines), foreseen=failed)
    return Outcome(passed, skipped, failed, reasons(lines))


def reasons(lines: list[str]) -> tuple[str, ...]:
    """Choose the last lines that say why a command failed."""
    return tuple(line[:REASON_LENGTH] for line in lines if REASON.match(line))[-REASONS:]


def _outcome(command: Command, returned: int, counted: Outcome) -> tuple[int, int, tuple[str, ...]]:
    """A command without tests counts as one; one that fails with all its tests passed has failed itself."""
    passed = counted.passed if command.tests else counted.passed + (returned == 0)
    failed = counted.failed or ((command.name,) if returned else ())
    return passed, counted.skipped, failed
