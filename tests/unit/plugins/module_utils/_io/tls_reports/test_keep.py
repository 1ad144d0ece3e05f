# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was read is kept before any mail is moved, and a run that is killed loses nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from helpers.tls_reports import letter, mail, report
from servers.imap_server import ImapServer, serve
from servers.tls_server import tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.lock import Locked, locked
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import keep as keeping
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import state
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.dkim_signatures import Signatures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap import Imap
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap_client import Account
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.keep import keep
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.run import Question

QUESTION = Question({"example.com"}, int(time.time()), keep_days=400)


@pytest.fixture
def world(ca, ca_path, tmp_path):
    """Return a mailbox with two reports and a letter, the path of the state, and a run."""
    server = ImapServer(tls(ca.issue_cert("localhost")), folders={"INBOX": [], "Archive": []})
    for one in (mail(report(1)), letter(), mail(report(2))):
        server.deliver(one)
    path = str(tmp_path / "lib/state.json")
    with serve(server) as port:

        def sources(before, move_to="Archive"):
            account = Account("localhost", "tlsrpt", "secret", port=port, ca_path=ca_path)
            name = Imap(account, "INBOX", {}).name
            return [Imap(account, "INBOX", before.marks.get(name, {}), move_to=move_to)]

        def go(check=False, move_to="Archive"):
            return keep(path, lambda before: sources(before, move_to), QUESTION, Signatures(None), check=check)

        yield server, path, go


def test_reports_are_kept_and_moved_and_a_second_run_changes_nothing(world):
    server, path, go = world
    kept = go()
    assert (kept.changed, kept.moved, kept.reading.problems) == (True, 2, [])
    assert (server.uids(), len(server.folders["Archive"])) == ([2], 2)
    before = Path(path).read_bytes()
    again = go()
    assert (again.changed, again.moved, again.before) == (False, 0, again.after)
    assert Path(path).read_bytes() == before
    assert "uid 3" in again.after


def test_check_mode_says_the_same_and_touches_nothing(world):
    server, path, go = world
    told = go(check=True)
    assert server.uids() == [1, 2, 3]
    assert not os.path.exists(os.path.dirname(path))
    done = go()
    assert (told.changed, told.moved) == (done.changed, done.moved)
    assert go(check=True).changed is False


def test_without_a_folder_to_move_to_nothing_is_moved(world):
    server, _path, go = world
    assert (go(move_to=None).moved, server.uids()) == (0, [1, 2, 3])


def killed(*_arguments):
    raise KeyboardInterrupt


def test_a_run_killed_before_it_moves_has_kept_all_and_the_next_one_moves(world, monkeypatch):
    server, path, go = world
    monkeypatch.setattr(Imap, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        go()
    assert len(state.read(path).rows) == 1
    monkeypatch.undo()
    told = go(check=True)
    kept = go()
    assert (told.changed, told.moved, kept.changed, kept.moved) == (True, 2, True, 2)
    assert kept.reading.reader.inputs.read == 0
    assert server.uids() == [2]


def test_a_run_killed_before_it_writes_has_moved_nothing_and_the_next_one_reads_all(world, monkeypatch):
    server, path, go = world
    monkeypatch.setattr(state, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        go()
    assert (server.uids(), os.path.exists(path)) == ([1, 2, 3], False)
    monkeypatch.undo()
    assert go().reading.reader.inputs.read == 2


def test_a_state_that_cannot_be_written_moves_nothing(world, monkeypatch):
    server, _path, go = world

    def full(*_arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(state, "write", full)
    with pytest.raises(OSError, match="No space left"):
        go()
    assert server.uids() == [1, 2, 3]


def test_what_cannot_be_moved_is_a_problem_and_waits(world):
    server, _path, go = world
    kept = go(move_to="Nowhere")
    assert (kept.changed, kept.moved) == (True, 0)
    assert "TRYCREATE" in kept.reading.problems[0]
    again = go(move_to="Nowhere")
    assert (again.changed, again.moved, len(again.reading.problems)) == (False, 0, 1)
    assert go().moved == 2
    assert server.uids() == [2]


def test_one_run_at_a_time(world, monkeypatch):
    _server, path, go = world
    monkeypatch.setattr(keeping, "LOCK_SECONDS", 0.1)
    with locked(path, 0), pytest.raises(Locked):
        go()
