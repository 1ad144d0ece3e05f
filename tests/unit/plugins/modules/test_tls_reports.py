# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module tls_reports as Ansible runs it: what is new is kept, once, and said truthfully."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from helpers.module_process import run_module
from helpers.tls_reports import DAY, mail, packed, report
from servers.imap_server import ImapServer, serve
from servers.tls_server import tls


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "reports"
    path.mkdir()
    (path / "1.json.gz").write_bytes(packed(report(1)))
    return path


@pytest.fixture
def state(tmp_path):
    return tmp_path / "lib/tls-reports.json"


def keep(folder, state, **options):
    sources = options.pop("sources", [{"type": "folder", "path": str(folder)}])
    return run_module("tls_reports", domains=["example.com"], dkim=False, sources=sources, state=str(state), **options)


def test_what_is_new_is_kept_and_a_second_run_changes_nothing(folder, state):
    first = keep(folder, state)
    assert (first["changed"], first["inputs"]["read"], first["moved"]) == (True, 1, 0)
    assert first["diff"]["before"] == "reports: 0, domains: 0\n"
    assert first["diff"]["after"] == f"reports: 1, domains: 1, days: {DAY} to {DAY}\nfolder {folder}: 1 files\n"
    before = state.read_bytes()
    second = keep(folder, state)
    assert (second["changed"], second["inputs"]["read"], second["days"]) == (False, 0, first["days"])
    assert second["diff"]["before"] == second["diff"]["after"]
    assert state.read_bytes() == before


def test_raw_reports_may_go(folder, state):
    first = keep(folder, state)
    (folder / "1.json.gz").unlink()
    (folder / "2.json.gz").write_bytes(packed(report(2)))
    second = keep(folder, state)
    assert second["inputs"] == {"read": 1, "copies": 0, "other_mails": 0, "refused": 0}
    assert [row["succeeded"] for row in second["days"]] == [2 * row["succeeded"] for row in first["days"]]


def test_check_mode_says_the_same_and_writes_nothing(folder, state):
    told = keep(folder, state, check=True)
    assert not state.parent.exists()
    done = keep(folder, state)
    assert [told[key] for key in ("changed", "diff", "days", "inputs")] == [
        done[key] for key in ("changed", "diff", "days", "inputs")
    ]
    assert keep(folder, state, check=True)["changed"] is False


def test_only_so_many_days_are_kept(folder, state):
    assert len(keep(folder, state, keep_days=2)["days"]) == 1
    gone = keep(folder, state, keep_days=1)
    assert (gone["changed"], gone["days"]) == (True, [])


def test_reports_are_moved_out_of_a_mailbox(folder, state, ca, ca_path):
    server = ImapServer(tls(ca.issue_cert("localhost")), folders={"INBOX": [], "Archive": []})
    server.deliver(mail(report(1)))
    with serve(server) as port:
        account = {"host": "localhost", "port": port, "user": "tlsrpt", "password": "secret", "ca_path": ca_path}
        sources = [{"type": "imap", "move_to": "Archive", **account}]
        told = keep(folder, state, sources=sources, check=True)
        assert (told["changed"], told["moved"], server.uids()) == (True, 1, [1])
        kept = keep(folder, state, sources=sources)
        again = keep(folder, state, sources=sources)
    assert (kept["changed"], kept["moved"], again["changed"], again["moved"]) == (True, 1, False, 0)
    assert (server.uids(), len(server.folders["Archive"])) == ([], 1)
    assert "secret" not in state.read_text()


@pytest.mark.parametrize("text", ["", "{", '{"format": 99, "marks": {}}', "\x00"])
def test_a_state_that_cannot_be_used_is_refused_and_stays(folder, state, text):
    state.parent.mkdir()
    state.write_text(text)
    result = keep(folder, state)
    assert result["failed"] is True
    assert result["msg"].startswith(f"state: {state}: it")
    assert "Remedy: Restore it, or remove it: what is still in the sources is read again." in result["msg"]
    assert state.read_text() == text


def test_a_folder_that_cannot_be_written_to_is_named(folder):
    result = keep(folder, "/proc/tls-reports.json")
    assert result["failed"] is True
    assert "Remedy: Free space, or check owner and mode of /proc" in result["msg"]


def test_a_run_that_is_killed_leaves_the_state_whole(folder, state):
    """It is killed where the new state is to take the place of the old one."""
    keep(folder, state)
    before = state.read_bytes()
    (folder / "2.json.gz").write_bytes(packed(report(2)))
    program = (
        "import sys, os, signal\n"
        "from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import files\n"
        "rename = os.rename\n"
        "os.rename = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from ansible_collections.postmaster.mta_sts.plugins.modules import tls_reports\n"
        "tls_reports.main()\n"
    )
    given = {"domains": ["example.com"], "dkim": False, "state": str(state)}
    given["sources"] = [{"type": "folder", "path": str(folder)}]
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": given})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], input=arguments, text=True, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert state.read_bytes() == before
    assert keep(folder, state)["inputs"]["read"] == 1
    assert sorted(os.listdir(state.parent)) == [state.name, f"{state.name}.lock"]
