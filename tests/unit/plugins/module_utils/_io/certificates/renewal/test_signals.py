# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Signals, changed files, and what systemd hears."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.signals import (
    Stop,
    Watch,
    sleep_until,
    tell_systemd,
)


@pytest.fixture
def stop():
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield Stop()
    for number, handler in former.items():
        signal.signal(number, handler)


def test_a_signal_is_heard_and_ends_nothing_by_itself(stop):
    assert not stop.asked
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.asked


def test_a_file_that_is_another_or_gone_has_changed(tmp_path):
    watch = Watch([tmp_path / "file"])
    assert not watch.has_changed()
    (tmp_path / "file").touch()
    assert watch.has_changed()


@pytest.mark.parametrize("why", ["time", "end", "interrupted"])
def test_sleep_ends_with_the_time_or_earlier(why):
    began, end = time.time(), time.monotonic() + (0.1 if why == "end" else 60)
    sleep_until(began + (0.1 if why == "time" else 60), end, lambda: why == "interrupted")
    assert (0 if why == "interrupted" else 0.1) <= time.time() - began < 5


def test_systemd_hears_what_it_is_told_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_systemd("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        tell_systemd("READY=1", "STATUS=well")
        assert manager.recv(100) == b"READY=1\nSTATUS=well"
