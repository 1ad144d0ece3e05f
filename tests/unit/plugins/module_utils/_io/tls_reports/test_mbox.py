# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real mboxes, as Python's mailbox writes them, and as they are while somebody writes."""

from __future__ import annotations

import mailbox
import os

import pytest
from helpers.tls_reports import letter, mail, report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import REPORT_MAIL_BYTES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.mbox import Mbox
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Unreadable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mbox"


def deliver(path, *mails):
    box = mailbox.mbox(str(path))
    for one in mails:
        box.add(one)
    box.close()


def read(path, marks=None):
    source = Mbox(str(path), marks or {})
    return [item.data for item in source.items()], source.marks


def test_mails_are_read_as_they_were_and_once(path):
    sent = [mail(report(1)), letter(), mail(report(2))]
    deliver(path, *sent)
    before = path.read_bytes()
    data, marks = read(path)
    assert [one.rstrip() for one in data] == [one.rstrip() for one in sent]
    assert read(path, marks) == ([], marks)
    assert path.read_bytes() == before


def test_only_what_was_appended_is_read_by_the_next_run(path):
    deliver(path, letter())
    _data, marks = read(path)
    deliver(path, mail(report()))
    data, after = read(path, marks)
    assert [one.rstrip() for one in data] == [mail(report()).rstrip()]
    assert int(after["position"]) == path.stat().st_size


@pytest.mark.parametrize("change", ["marked", "removed", "emptied"])
def test_an_mbox_that_was_changed_is_read_anew(path, change):
    deliver(path, letter(), letter())
    _data, marks = read(path)
    box = mailbox.mbox(str(path))
    if change == "marked":
        message = box[0]
        message.set_flags("R")
        box[0] = message
    else:
        box.remove(0)
    if change == "emptied":
        box.remove(1)
        box.add(mail(report()))
    box.close()
    data, _marks = read(path, marks)
    assert len(data) == {"marked": 2, "removed": 1, "emptied": 1}[change]


def test_a_line_that_begins_like_a_mail_is_part_of_one(path):
    deliver(path, letter() + b"From here on all is fine.\n>From there as well.\n")
    data, _marks = read(path)
    assert data[0].endswith(b"At noon?\nFrom here on all is fine.\nFrom there as well.\n\n")
    with path.open("ab") as file:  # by a program that quotes none
        file.write(b"From x\nSubject: a\n\nno blank line before\nFrom here\n\n")
    assert len(read(path)[0]) == 2


@pytest.mark.parametrize("cut", [1, 2, 700])
def test_a_mail_that_is_just_being_delivered_is_read_when_it_is_whole(path, cut):
    deliver(path, letter(), mail(report()))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    data, marks = read(path)
    assert len(data) == 1
    path.write_bytes(whole)
    assert len(read(path, marks)[0]) == 1


def test_a_mail_whose_delivery_paused_at_a_blank_line_does_not_stop_later_runs(path):
    deliver(path, letter(), letter() + b"\nA paragraph.\n\nAnother one.\n")
    deliver(path, mail(report()))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"Another one.")])
    data, marks = read(path)
    assert len(data) == 2
    path.write_bytes(whole)
    data, marks = read(path, marks)
    assert len(data) == 3  # all anew: what was a copy is known as one
    assert read(path, marks) == ([], marks)


def test_a_mail_appended_to_while_it_is_read_is_left_for_the_next_run(path):
    deliver(path, letter())

    class Growing(Mbox):
        def _resumed(self, file, end):
            with path.open("ab") as appended:
                appended.write(b"Another line.\n")
            return super()._resumed(file, end)

    source = Growing(str(path), {})
    assert [list(source.items()), source.marks] == [[], {}]


def test_a_mail_that_is_too_large_takes_no_more_memory_than_others_and_those_behind_it_are_read(path):
    deliver(path, letter())
    with path.open("ab") as file:
        file.write(b"From x\nSubject: large\n\n")
        for _unused in range(REPORT_MAIL_BYTES // 100_000 + 1):
            file.write(b"A" * 100_000)
        file.write(b"\n\n")
    deliver(path, mail(report()))
    items = list(Mbox(str(path), {}).items())
    assert [len(item.data) > 0 for item in items] == [True, False, True]
    assert "it has more than 15,728,640 bytes" in str(items[1].refusal)


def test_crlf_and_an_empty_file_are_fine(path):
    path.write_bytes(b"")
    assert read(path) == ([], {})
    path.write_bytes(b"From x\r\nSubject: a\r\n\r\nb\r\n\r\nFrom y\r\nSubject: c\r\n\r\nd\r\n\r\n")
    assert [b"Subject: a" in one or b"Subject: c" in one for one in read(path)[0]] == [True, True]


@pytest.mark.parametrize("marks", [{"position": "x"}, {"position": "-1"}, {"position": "5"}, {"position": "999999"}])
def test_marks_that_fit_nothing_count_for_nothing(path, marks):
    deliver(path, letter())
    assert len(read(path, marks)[0]) == 1


@pytest.mark.parametrize(
    ("text", "words"), [(None, "No such file"), ("{}", 'no mail begins at byte 0 of it, with "From "')]
)
def test_what_is_no_mbox_is_a_problem(path, text, words):
    if text is not None:
        path.write_text(text)
    with pytest.raises(Unreadable, match=words):
        read(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "mbox")
    with pytest.raises(Unreadable, match="a pipe, not a plain file"):
        read(tmp_path / "mbox")
