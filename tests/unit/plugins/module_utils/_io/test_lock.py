# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time, and nobody is kept out for ever."""

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

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.lock import Locked, locked

# Holds the lock until its standard input ends, and says when it has it.
HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.read()
"""


def test_the_lock_makes_its_folder_and_can_be_taken_again_and_again(tmp_path):
    path = str(tmp_path / "lib" / "kept.json")
    for _unused in range(2):
        with locked(path, timeout=0):
            assert os.path.exists(f"{path}.lock")


def test_the_lock_keeps_everybody_else_out_readers_too(tmp_path):
    path = str(tmp_path / "kept.json")
    with locked(path, timeout=0), open(f"{path}.lock", "rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_a_relative_path_is_one_of_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with locked("kept.json", timeout=0):
        assert (tmp_path / "kept.json.lock").exists()


def test_the_lock_is_given_back_after_an_error(tmp_path):
    path = str(tmp_path / "kept.json")
    with pytest.raises(ZeroDivisionError), locked(path, timeout=0):
        raise ZeroDivisionError
    with locked(path, timeout=0):
        pass


@pytest.fixture
def held(tmp_path):
    """Return the path of a file whose lock another process holds, and that process."""
    path = str(tmp_path / "kept.json")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{path}.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        yield path, holder
        holder.stdin.close()


def test_a_lock_held_by_another_process_is_an_error_in_time(held):
    path, holder = held
    start = time.monotonic()
    with pytest.raises(Locked) as refused, locked(path, timeout=0.3):
        pass
    name = Path(f"/proc/{holder.pid}/comm").read_text().strip()
    user = pwd.getpwuid(os.geteuid()).pw_name
    who = f"process {holder.pid}, {name}, of {user}"
    assert str(refused.value) == f"another run has held {path}.lock for more than 0.3 s ({who})"
    assert 0.3 <= time.monotonic() - start < 3


def test_a_lock_that_another_process_gives_back_is_waited_for(held):
    path, holder = held
    holder.stdin.close()
    with locked(path, timeout=20):
        pass


def test_nobody_else_can_open_the_lock_and_so_hold_it(tmp_path):
    path = tmp_path / "kept.json"
    lock = tmp_path / "kept.json.lock"
    lock.touch(0o644)
    with locked(str(path), timeout=0):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_a_lock_that_was_removed_by_whoever_had_it_keeps_nobody_out(tmp_path):
    """Between opening it and taking it the file may go: then it is another file that others lock."""
    path, lock = str(tmp_path / "kept.json"), tmp_path / "kept.json.lock"
    inside, most = [], []

    def work():
        for _unused in range(30):
            with locked(path, timeout=20):
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
    lock = tmp_path / "kept.json.lock"
    os.mkfifo(lock) if kind == "pipe" else lock.mkdir()
    with pytest.raises(OSError, match=r"kept\.json\.lock"), locked(str(tmp_path / "kept.json"), timeout=0):
        pass
