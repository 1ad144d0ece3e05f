# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Audits that cron, systemd and CI start: each command of docs/audit.md and docs/monitoring is taken as it is typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess

import pytest
from conftest import COLLECTIONS
from helpers.snippets import Snippet, lay_out, snippets

PAGES = ("docs/audit.md", "docs/monitoring/README.md")
COMMAND = re.compile(r"ansible-playbook (.*?)(?: >|$)")


def commands(snippet: Snippet):
    """Each call of ansible-playbook, without what a shell does with its output."""
    text = " ".join(line.strip().removesuffix("\\") for line in snippet.text.splitlines())
    if snippet.language == "yaml":
        return [found for line in snippet.data["audit"]["script"] for found in COMMAND.findall(line)]
    if snippet.language == "ini":
        text = re.sub(r"\[\w+\].*?(?=ExecStart=)|\s*\[Timer\].*", "", text)
    return COMMAND.findall(text)


SCHEDULED = [
    pytest.param(snippet.page, found, id=snippet.label)
    for snippet in snippets()
    if snippet.page in PAGES and snippet.language in {"text", "ini", "yaml"} and snippet.file != "audit.yml"
    for found in (commands(snippet) if "script" in snippet.text or "ansible-playbook" in snippet.text else [])
]


def test_there_are_some_of_each():
    assert len(SCHEDULED) == 5


@pytest.mark.parametrize(("page", "command"), SCHEDULED)
def test_ansible_takes_the_command(tmp_path, page, command):
    lay_out(tmp_path, page)
    done = subprocess.run(
        ["ansible-playbook", *shlex.split(command), "--list-tasks"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("Show what senders report" if ".reports " in command else "Show the audit") in done.stdout


@pytest.mark.parametrize("page", ["docs/monitoring/README.md"])
def test_systemd_takes_service_and_timer(tmp_path, page):
    units = [snippet for snippet in snippets() if snippet.page == page and snippet.language == "ini"]
    for unit in units:
        name, _unused, text = unit.text.partition("\n")
        text = text.replace("ExecStart=ansible-playbook", f"ExecStart={shutil.which('ansible-playbook')}")
        text = re.sub("WorkingDirectory=.*", f"WorkingDirectory={tmp_path}", text)
        (tmp_path / name.rpartition("/")[2]).write_text(text, encoding="utf-8")
    paths = sorted(str(path) for path in tmp_path.glob("mta-sts-*.*"))
    assert len(paths) == 3
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "mta-sts-" in line] == []
