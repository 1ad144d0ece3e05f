# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs of site.yml: as they are, with another clock, with a command when a task begins, or killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

from lab.playbook import SCENARIO, Run, command_line, play

SITE = "playbooks/site.yml"
# For faults that have nothing to do with nginx and certificates
WITHOUT_THEM = "--tags=policy,proof,dns"
# Ansible, whose child the shell is that says so, and its workers
KILL = "kill -KILL $PPID $(pgrep --parent $PPID)"
Domains = list[dict[str, Any]]


def publish(domains: Domains, *arguments: str, **variables: Any) -> Run:
    """Run site.yml for a list of domains."""
    return play(SITE, *arguments, variables={"mta_sts_domains": domains, **variables})


def publish_at(domains: Domains, *arguments: str, clock: str) -> Run:
    """Run site.yml on a controller whose clock is off: by "+1h", for example."""
    return play(SITE, *arguments, variables={"mta_sts_domains": domains}, through=("faketime", "-f", clock))


def publish_while(domains: Domains, *arguments: str, task: str, command: str) -> Run:
    """Run site.yml, and a command of the shell when a task of it begins."""
    return play(SITE, *arguments, variables={"mta_sts_domains": domains}, environment=_at(task, command))


def publish_and_die(domains: Domains, *arguments: str, task: str, once: str = "true") -> None:
    """Run site.yml, and kill Ansible after a task of it has begun, ``once`` a command of the shell succeeds."""
    later = f"( until {once}; do kill -0 $PPID || exit; sleep 0.1; done; {KILL} ) >/dev/null 2>&1 &"
    environment = {**os.environ, **_at(task, KILL if once == "true" else later)}
    command = command_line(SITE, *arguments, variables={"mta_sts_domains": domains})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def problems(run: Run) -> list[str]:
    """Return what the report at the end says of the domains that need attention; no other task may have failed."""
    assert len(run.failures) == 1, run.failures
    task, _unused, said = run.failures[0].partition(": ")
    assert task.startswith("Fail for the domains that need attention on "), task
    return said.splitlines()


def _at(task: str, command: str) -> dict[str, str]:
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(SCENARIO / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "at_task",
        "AT_TASK": task,
        "AT_TASK_DO": command,
    }
