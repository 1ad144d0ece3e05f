# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the program tells modules, and how long they wait for it."""

from __future__ import annotations

import errno
import fcntl
import os
import time

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.pending import Pending
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.status import (
    DONE,
    ORDERING,
    WAITING,
    Status,
    ask,
    lock_of,
    read_asked,
    read_status,
    wait_for,
    write_status,
    written_at,
)

PENDING = {"mta-sts.a.example": {"p256": Pending(5.0, "certificates_per_set")}}


def test_what_is_told_is_heard(tmp_path):
    told = Status("7", WAITING, 5.0, PENDING, "/etc/renew.json", 9)
    write_status(tmp_path, told)
    assert read_status(tmp_path) == told


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pending": 5}', '{"pending": {"a": {"p256": {}}}}', '{"new": 1}'])
def test_what_cannot_be_read_says_nothing(tmp_path, text):
    (tmp_path / "status.json").write_text(text)
    assert read_status(tmp_path).pending == {}


def test_each_request_is_another(tmp_path):
    first = ask(tmp_path)
    assert read_asked(tmp_path) == first != ask(tmp_path)
    assert read_asked(tmp_path / "nowhere") == ""


def test_a_clock_that_goes_back_makes_no_request_older(tmp_path):
    (tmp_path / "asked").write_text("9" * 20)
    assert ask(tmp_path) == "1" + "0" * 20


@pytest.mark.parametrize(("number", "asked"), [(errno.ENOSPC, ""), (errno.EROFS, None)])
def test_a_full_disk_is_told_of_each_certificate_and_not_here(tmp_path, monkeypatch, number, asked):
    def full(*_unused):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(f"{ask.__module__}.write_atomic", full)
    if asked is None:
        with pytest.raises(OSError, match="Read-only"):
            ask(tmp_path)
    else:
        assert ask(tmp_path) == asked


def test_who_has_seen_a_later_request_has_seen_those_before_it(tmp_path):
    first, second = ask(tmp_path), ask(tmp_path)
    assert Status(second).has_seen(first)
    assert not Status(first).has_seen(second)
    assert not Status("").has_seen(first)


def test_what_was_told_by_former_settings_is_not_believed(tmp_path):
    settings = tmp_path / "renew.json"
    settings.touch()
    told = Status("7", DONE, settings=str(settings), written=written_at(str(settings)))
    assert told.has_seen("7")
    assert not told.has_seen("8")
    settings.unlink()
    assert not told.has_seen("7")


@pytest.mark.parametrize(
    ("status", "waited"),
    [
        (Status("7", DONE), 0),
        (Status("7", WAITING, time.time() + 9999), 0),
        (Status("7", WAITING, time.time()), 3),
        (Status("7", ORDERING), 3),
        (Status("6", DONE), 3),
    ],
)
def test_a_module_waits_for_what_can_be_done_in_its_time(tmp_path, status, waited):
    write_status(tmp_path, status)
    slept = []
    with lock_of(tmp_path).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = wait_for(tmp_path, tmp_path, "7", 0.05 if waited else 60, lambda pause: slept.append(time.sleep(0.02)))
    assert bool(slept) == bool(waited)
    assert said == (status if status.asked == "7" else Status())


def test_a_service_that_does_not_run_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{wait_for.__module__}.GRACE", 0.05)
    assert wait_for(tmp_path, tmp_path, "7", 60, time.sleep) == Status()


def test_a_service_that_begins_anew_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{wait_for.__module__}.GRACE", 0.3)
    write_status(tmp_path, Status("6", ORDERING))
    began = time.monotonic()

    def sleep(_pause):
        time.sleep(0.1)
        if time.monotonic() > began + 0.5:
            fcntl.flock(lock, fcntl.LOCK_UN)
        if time.monotonic() > began + 0.7:
            write_status(tmp_path, Status("7", DONE))

    with lock_of(tmp_path).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert wait_for(tmp_path, tmp_path, "7", 60, sleep).asked == "7"
