# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The callback stopwatch: writes down every task of a run, how long it took, its modules and how it ended."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stopwatch
type: aggregate
short_description: Writes down how long every task takes
description: In one JSON file, with its modules and results; the environment variable BENCH_STOPWATCH names it.
author: the postmaster.mta_sts authors
"""

import functools
import json
import os
import time
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase


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
        self._modules = Path(f"{os.environ['BENCH_STOPWATCH']}.modules")
        self._modules.unlink(missing_ok=True)
        self._note_modules()

    def _note_modules(self) -> None:
        """Have every execution of a module noted: a task may need none, as ``debug`` does, or two, as ``copy`` does.

        Tasks run in processes forked from this one after their beginning, and all add to one file.
        """
        execute = ActionBase._execute_module

        @functools.wraps(execute)
        def noted(action, module_name=None, *arguments, **options):
            where = "local" if action._connection.transport == "local" else "remote"
            with self._modules.open("a", encoding="utf-8") as file:
                file.write(json.dumps([len(self.tasks) - 1, where, module_name or action._task.action]) + "\n")
            return execute(action, module_name, *arguments, **options)

        ActionBase._execute_module = noted

    def _begin(self, task) -> None:
        self._end()
        role = task._role.get_name().rpartition(".")[2] if task._role else ""
        self.tasks.append({
            "role": role, "name": task.name, "began": time.monotonic(), "local": [], "remote": [], "outcomes": [],
        })  # fmt: skip

    def _end(self) -> None:
        if self.tasks:
            self.tasks[-1]["seconds"] = time.monotonic() - self.tasks[-1].pop("began")

    def _note(self, outcome: str, result) -> None:
        changed = outcome == "ok" and result._result.get("changed", False)
        self.tasks[-1]["outcomes"].append("changed" if changed else outcome)

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
        for line in self._modules.read_text(encoding="utf-8").splitlines():
            task, where, module = json.loads(line)
            self.tasks[task][where].append(module)
        Path(os.environ["BENCH_STOPWATCH"]).write_text(json.dumps(self.tasks), encoding="utf-8")
