# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The program that looks after TLS reports, on real files; what nginx writes there is tested beside it."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from helpers.reports import DAY, PROGRAM, ReportFolder, old

collect = module_from_spec(spec_from_loader("collect", SourceFileLoader("collect", str(PROGRAM))))
collect.__loader__.exec_module(collect)

REQUEST, OTHER = "0" * 32, "1" * 32
GIGABYTE = 10**9


@pytest.fixture
def folder(tmp_path):
    return ReportFolder(tmp_path / "reports")


def write(folder, number, body, request=""):
    """Write what nginx does: a body, and the note of a request once it is complete."""
    file = folder.uploads / f"{number:010}"
    file.write_bytes(body)
    if request:
        (folder.complete / request).write_text(f"{file}\n")
    return file


def test_what_is_complete_is_moved_and_the_rest_waits(folder):
    write(folder, 1, b"{}", REQUEST)
    write(folder, 2, b'{"pol')
    assert folder.collect() == ""
    assert (folder.reports, folder.bodies) == ({f"{REQUEST}.json": b"{}"}, [b'{"pol'])
    assert list(folder.complete.iterdir()) == []


def test_what_was_given_up_goes_after_ten_minutes(folder):
    for number, seconds in ((1, 590), (2, 610)):
        old(write(folder, number, b"half %d" % number), seconds)
    assert folder.collect() == "<5>TLS reports removed that nginx has not noted as complete: 1\n"
    assert folder.bodies == [b"half 1"]


def test_what_is_complete_is_never_too_old_to_be_moved(folder):
    old(write(folder, 1, b"{}", REQUEST), DAY / 2)
    folder.collect()
    assert list(folder.reports.values()) == [b"{}"]


def test_a_note_without_its_words_waits_as_long(folder):
    for name, seconds in ((REQUEST, 590), (OTHER, 610)):
        (folder.complete / name).touch()
        old(folder.complete / name, seconds)
    folder.collect()
    assert [note.name for note in folder.complete.iterdir()] == [REQUEST]


def test_a_note_whose_body_is_gone_goes_too(folder):
    write(folder, 1, b"{}", REQUEST).unlink()
    assert folder.collect() == ""
    assert list(folder.complete.iterdir()) == []


def test_a_note_that_a_run_left_behind_takes_nobody_elses_body(folder):
    write(folder, 1, b"first", REQUEST)
    folder.collect()
    write(folder, 1, b"second, under way since nginx began to count anew", REQUEST)
    folder.collect()
    assert folder.reports == {f"{REQUEST}.json": b"first"}
    assert folder.bodies == [b"second, under way since nginx began to count anew"]


def test_a_note_names_nothing_elsewhere(folder):
    outside = folder.root / "mine"
    outside.write_bytes(b"{}")
    (folder.complete / REQUEST).write_text(f"{folder.uploads}/../mine\n")
    folder.collect()
    assert (outside.exists(), folder.reports) == (True, {})


def test_what_was_received_ages(folder):
    for name, seconds in (("young", DAY - 60), ("old", DAY + 60)):
        (folder.received / name).touch()
        old(folder.received / name, seconds)
    folder.collect(age=DAY)
    assert list(folder.reports) == ["young"]


def test_the_quota_is_of_the_disk_and_of_all_there_is(folder):
    write(folder, 1, b"x", REQUEST)
    write(folder, 2, b"x")
    block = (folder.uploads / "0000000002").stat().st_blocks * 512
    assert folder.collect(quota=2 * block + 1) == ""
    assert not (folder.root / "full").exists()
    folder.collect(quota=2 * block)
    assert (folder.root / "full").exists()


def test_the_journal_has_each_change_once(folder):
    write(folder, 1, b"x", REQUEST)
    first = folder.collect(quota=1)
    assert first.startswith("<4>No more TLS reports are taken: there are ")
    assert first.endswith(f"Remove from {folder.received} what is not wanted, or raise sts_vhost_reports_quota.\n")
    assert folder.collect(quota=1) == ""
    assert folder.collect() == "<5>TLS reports are taken again\n"
    assert folder.collect() == ""


def test_the_disk_is_not_filled_to_its_end():
    assert collect.why_full(taken=0, quota=1, free=GIGABYTE) == ""
    assert collect.why_full(taken=0, quota=1, free=GIGABYTE - 1) == "only 999999999 bytes of the disk are free"
