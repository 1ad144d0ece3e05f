# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real Maildirs, as Python's mailbox makes and changes them."""

from __future__ import annotations

import mailbox

import pytest
from helpers.tls_reports import letter

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import maildir as maildirs
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.maildir import Maildir
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Unreadable


@pytest.fixture
def box(tmp_path):
    return mailbox.Maildir(str(tmp_path / "Maildir"), create=True)


def path_of(box):
    return box._path


def read(box, marks=None):
    source = Maildir(path_of(box), marks or {})
    return [item.data for item in source.items()], source.marks


def test_new_mails_and_those_seen_are_read_once_and_stay_as_they_are(box):
    box.add(letter())
    seen = mailbox.MaildirMessage(letter())
    seen.set_subdir("cur")
    seen.set_flags("S")
    box.add(seen)
    before = sorted(box.keys())
    data, marks = read(box)
    assert len(data) == 2
    assert data[0].startswith(b"From: somebody@example.org")
    assert read(box, marks) == ([], marks)
    assert sorted(box.keys()) == before
    assert sorted(message.get_subdir() for message in box) == ["cur", "new"]


def test_a_mail_that_is_marked_by_a_mail_program_is_still_the_same_and_one_removed_is_forgotten(box):
    key, other = box.add(letter()), box.add(letter())
    _data, marks = read(box)
    message = box[key]
    message.set_subdir("cur")
    message.set_flags("RS")
    box[key] = message
    box.remove(other)
    assert read(box, marks) == ([], {key: "read"})


def test_a_mail_that_goes_away_while_it_is_read_is_left_for_the_next_run(box, monkeypatch):
    key = box.add(letter())
    listing = maildirs.listing

    def moving(path):
        found = listing(path)
        if path.endswith("/cur"):
            message = box[key]
            message.set_subdir("cur")
            box[key] = message
        return found

    monkeypatch.setattr(maildirs, "listing", moving)
    assert read(box) == ([], {})
    assert len(read(box)[0]) == 1


def test_unfinished_deliveries_are_not_read(box, tmp_path):
    (tmp_path / "Maildir/tmp/1.M1.mx").write_bytes(letter())
    assert read(box) == ([], {})


def test_of_too_many_mails_the_oldest_are_read_and_that_is_told(box, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.folder.REPORT_FILES_PER_FOLDER", 1
    )
    for number in (2, 1):
        (tmp_path / f"Maildir/new/{number}.mx").write_bytes(str(number).encode())
    source = Maildir(path_of(box), {})
    items = source.items()
    assert next(items).data == b"1"
    with pytest.raises(Unreadable, match=r"^new has 2 mails, of which 1 are looked at, the first by name"):
        next(items)
    assert source.marks == {"1.mx": "read"}


def test_what_is_no_maildir_is_a_problem(tmp_path):
    with pytest.raises(Unreadable) as told:
        list(Maildir(str(tmp_path), {}).items())
    assert str(told.value) == (
        f"No such file or directory. Remedy: Check that {tmp_path}/new is a folder, and that it may be read."
    )
