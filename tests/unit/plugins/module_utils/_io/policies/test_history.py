# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history file is read and replaced under a lock, and a corrupt one is never overlooked."""

from __future__ import annotations

import fcntl
import os
import pwd
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import CorruptHistory, Served
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies import history

HISTORY = {"example.com": (Served("0123456789abcdef", "enforce", 86400, 1000, 2000), Served("1", "none", 60, 2000))}

# Holds the lock until its standard input ends, and says when it has it.
HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.read()
"""


def test_no_file_is_an_empty_history(tmp_path):
    assert history.read(str(tmp_path / "history.json")) == {}


def test_what_is_written_is_read_again(tmp_path):
    path = str(tmp_path / "history.json")
    history.replace(path, {}, HISTORY)
    assert history.read(path) == HISTORY


def test_the_history_may_be_read_by_everybody(tmp_path):
    path = tmp_path / "history.json"
    history.replace(str(path), {}, HISTORY)
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_unchanged_history_is_not_written(tmp_path):
    history.replace(str(tmp_path / "history.json"), HISTORY, HISTORY)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is not JSON: "),
        (b"{", "it is not JSON: "),
        (b"\xff", "it is not UTF-8 text"),
        (b"[]", "it is not a history of format 1"),
        (b'{"format": 2, "domains": {}}', "it is not a history of format 1"),
        (b'{"format": 1}', "it is not a history of format 1"),
        (b'{"format": 1, "domains": {"example.com": [{"id": "1"}]}}', "an entry of example.com is unreadable: "),
        (b'{"format": 1, "domains": {"example.com": [7]}}', "an entry of example.com is unreadable: "),
        (b'{"format": 1, "domains": {"example.com": 7}}', "an entry of example.com is unreadable: "),
    ],
)
def test_a_corrupt_history_says_what_is_wrong(tmp_path, data, said):
    path = tmp_path / "history.json"
    path.write_bytes(data)
    with pytest.raises(CorruptHistory, match=said):
        history.read(str(path))


def test_the_lock_makes_its_folder_and_can_be_taken_again_and_again(tmp_path):
    path = str(tmp_path / "lib" / "history.json")
    for _unused in range(2):
        with history.locked(path, timeout=0):
            assert os.path.exists(f"{path}.lock")


def test_the_lock_keeps_everybody_else_out_readers_too(tmp_path):
    path = str(tmp_path / "history.json")
    with history.locked(path, timeout=0), open(f"{path}.lock", "rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_a_relative_path_is_one_of_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with history.locked("history.json", timeout=0):
        history.replace("history.json", {}, HISTORY)
    assert history.read(str(tmp_path / "history.json")) == HISTORY


def test_the_lock_is_given_back_after_an_error(tmp_path):
    path = str(tmp_path / "history.json")
    with pytest.raises(ZeroDivisionError), history.locked(path, timeout=0):
        raise ZeroDivisionError
    with history.locked(path, timeout=0):
        pass


@pytest.fixture
def held(tmp_path):
    """Return the path of a history whose lock another process holds, and that process."""
    path = str(tmp_path / "history.json")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{path}.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        yield path, holder
        holder.stdin.close()


def test_a_lock_held_by_another_process_is_an_error_in_time(held):
    path, holder = held
    start = time.monotonic()
    with pytest.raises(history.LockedHistory) as refused, history.locked(path, timeout=0.3):
        pass
    name = Path(f"/proc/{holder.pid}/comm").read_text().strip()
    user = pwd.getpwuid(os.geteuid()).pw_name
    who = f"process {holder.pid}, {name}, of {user}"
    assert str(refused.value) == f"another run has held {path}.lock for more than 0.3 s ({who})"
    assert 0.3 <= time.monotonic() - start < 3


def test_a_lock_that_another_process_gives_back_is_waited_for(held):
    path, holder = held
    holder.stdin.close()
    with history.locked(path, timeout=20):
        pass


def test_nobody_else_can_open_the_lock_and_so_hold_it(tmp_path):
    path = tmp_path / "history.json"
    lock = tmp_path / "history.json.lock"
    lock.touch(0o644)
    with history.locked(str(path), timeout=0):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_a_lock_that_was_removed_by_whoever_had_it_keeps_nobody_out(tmp_path):
    """Between opening it and taking it the file may go: then it is another file that others lock."""
    path, lock = str(tmp_path / "history.json"), tmp_path / "history.json.lock"
    inside, most = [], []

    def work():
        for _unused in range(30):
            with history.locked(path, timeout=20):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()
                lock.unlink(missing_ok=True)

    threads = [threading.Thread(target=work) for _unused in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) == 120


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_in_place_of_the_lock_is_named_and_not_waited_for(tmp_path, kind):
    lock = tmp_path / "history.json.lock"
    os.mkfifo(lock) if kind == "pipe" else lock.mkdir()
    with (
        pytest.raises(OSError, match=r"history\.json\.lock"),
        history.locked(str(tmp_path / "history.json"), timeout=0),
    ):
        pass
