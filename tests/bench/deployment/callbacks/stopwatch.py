# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The callback stopwatch: writes down every task of a run, how long it took and how it ended."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stopwatch
type: aggregate
short_description: Writes down how long every task takes
description: One JSON file, named by the environment variable BENCH_STOPWATCH.
author: the postmaster.mta_sts authors
"""

import json
import os
import time
from pathlib import Path

from ansible.plugins.callback import CallbackBase

# What Ansible does by itself, without a module
WITHOUT_MODULE = ("include_", "debug", "assert", "fail", "validate_argument_spec", "meta")


class CallbackModule(CallbackBase):
    """Every task is an entry, includes among them, with all its results."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stopwatch"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Start."""
        super().__init__()
        self.tasks: list[dict] = []

    def _begin(self, task) -> None:
        self._end()
        role = task._role.get_name().rpartition(".")[2] if task._role else ""
        by_module = not task.action.rpartition(".")[2].startswith(WITHOUT_MODULE)
        where = "" if not by_module else "local" if task.delegate_to == "localhost" else "remote"
        self.tasks.append({
            "role": role, "name": task.name, "began": time.monotonic(), "where": where, "modules": 0, "outcomes": [],
        })  # fmt: skip

    def _end(self) -> None:
        if self.tasks:
            self.tasks[-1]["seconds"] = time.monotonic() - self.tasks[-1].pop("began")

    def _note(self, outcome: str, result) -> None:
        changed = outcome == "ok" and result._result.get("changed", False)
        self.tasks[-1]["outcomes"].append("changed" if changed else outcome)
        if outcome != "skipped":
            self.tasks[-1]["modules"] += len(result._result.get("results", [])) if result._task.loop else 1

    def v2_playbook_on_task_start(self, task, is_conditional):
        """Begin a task."""
        self._begin(task)

    def v2_playbook_on_handler_task_start(self, task):
        """Begin a handler."""
        self._begin(task)

    def v2_runner_on_ok(self, result):
        """Note a result."""
        self._note("ok", result)

    def v2_runner_on_skipped(self, result):
        """Note a result."""
        self._note("skipped", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """Note a result."""
        self._note("failed", result)

    def v2_runner_on_unreachable(self, result):
        """Note a result."""
        self._note("unreachable", result)

    def v2_playbook_on_stats(self, stats):
        """End."""
        self._end()
        Path(os.environ["BENCH_STOPWATCH"]).write_text(json.dumps(self.tasks), encoding="utf-8")
