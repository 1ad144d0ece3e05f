# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder of an IMAP account: what is new is read without a trace, and only reports are moved."""

from __future__ import annotations

import pytest
from helpers.tls_reports import letter, mail, report
from servers.imap_server import ImapServer, serve
from servers.tls_server import tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import REPORT_MAIL_BYTES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import imap as imaps
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap import Imap
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap_client import Account
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Unreadable

READING = {"CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}


@pytest.fixture
def box(ca, ca_path):
    """Return a server, and how to make a source of its INBOX."""
    server = ImapServer(tls(ca.issue_cert("localhost")), folders={"INBOX": [], "Archive": []})
    with serve(server) as port:

        def source(marks=None, **others):
            account = Account("localhost", "tlsrpt", "secret", port=port, ca_path=ca_path)
            return Imap(account, others.pop("folder", "INBOX"), marks or {}, **others)

        yield server, source


def read(source, is_report=lambda item: b"TLS-Report" in item.data):
    items = []
    for item in source.items():
        item.is_report = is_report(item)
        items.append(item)
    return [item.data for item in items], source.marks


def test_mails_are_read_as_they_are_once_and_without_a_trace(box):
    server, source = box
    sent = [mail(report(number)) for number in range(3)]
    for one in sent:
        server.deliver(one)
    data, marks = read(source())
    assert data == sent
    assert marks == {"uidvalidity": "1", "uid": "3"}
    assert read(source(marks)) == ([], marks)
    server.deliver(letter())
    assert read(source(marks)) == ([letter()], {"uidvalidity": "1", "uid": "4"})
    said = {" ".join(line.split()[: 2 if line.startswith("UID") else 1]) for line in server.heard}
    assert said <= READING
    assert all("BODY.PEEK[]" in line or "RFC822.SIZE" in line for line in server.heard if "FETCH" in line)


def test_an_empty_folder_is_fine(box):
    _server, source = box
    assert read(source()) == ([], {"uidvalidity": "1", "uid": "0"})


def test_new_numbers_of_a_server_mean_reading_anew(box):
    server, source = box
    server.deliver(letter())
    _data, marks = read(source())
    server.validity = 2
    assert read(source({**marks, "unmoved": "1"})) == ([letter()], {"uidvalidity": "2", "uid": "1"})


def test_only_mails_received_since_a_day_are_asked_for(box):
    server, source = box
    server.deliver(b"old", received="2027-01-01")
    server.deliver(b"new", received="2027-01-02")
    assert read(source(since="2027-01-02"))[0] == [b"new"]
    assert any(line.endswith("SINCE 2-Jan-2027") for line in server.heard)


def test_sizes_are_asked_first_and_what_is_too_large_is_not_fetched(box):
    server, source = box
    server.deliver(b"A" * (REPORT_MAIL_BYTES + 1))
    server.deliver(letter())
    large, small = list(source().items())
    assert "it has 15,728,641 bytes, more than 15,728,640" in str(large.refusal)
    assert (large.name, small.name, small.data) == ("UID 1", "UID 2", letter())
    assert [line for line in server.heard if "BODY" in line] == ["UID FETCH 2 (UID BODY.PEEK[])"]


def test_large_mails_are_fetched_one_by_one_and_small_ones_together(box, monkeypatch):
    server, source = box
    for size in (10, 10, 3_000_000, 3_000_000, 10):
        server.deliver(b"A" * size)
    assert [len(data) for data in read(source())[0]] == [10, 10, 3_000_000, 3_000_000, 10]
    assert [line.split()[2] for line in server.heard if "BODY" in line] == ["1:3", "4:5"]
    monkeypatch.setattr(imaps, "IMAP_FETCH_MAILS", 2)
    monkeypatch.setattr(imaps, "IMAP_SIZES", 3)
    server.heard.clear()
    assert len(read(source())[0]) == 5
    assert [line.split()[2] for line in server.heard if "BODY" in line] == ["1:2", "3", "4:5"]


def test_a_mail_that_grows_beyond_its_size_ends_it_and_what_was_read_stays_read(box):
    server, source = box
    server.deliver(letter())
    _data, marks = read(source())
    server.deliver(b"small")
    server.says = {"FETCH": ["* 2 FETCH (UID 2 RFC822.SIZE 5)", "{tag} OK done"]}
    begun = source(marks)
    items = begun.items()
    server.says["FETCH"] = [
        lambda connection: (
            connection.sendall(b"* 2 FETCH (UID 2 RFC822.SIZE 5 BODY[] {9000000}\r\n"),
            connection.sendall(b"A" * 9_000_000),
        )
    ]
    with pytest.raises(Unreadable):
        list(items)
    assert begun.marks == marks


def test_many_mails_are_searched_in_parts_and_read_in_several_runs(box, monkeypatch):
    server, source = box
    monkeypatch.setattr(imaps, "_SEARCHED_AT_ONCE", 2)
    monkeypatch.setattr(imaps, "REPORT_MAILS_PER_RUN", 3)
    for number in range(5):
        server.deliver(str(number).encode())
    first = source()
    items = first.items()
    assert [next(items).data for _unused in range(3)] == [b"0", b"1", b"2"]
    with pytest.raises(Unreadable, match="it has 5 mails that are new, of which 3 were read"):
        next(items)
    assert [line.split()[2] for line in server.heard if "SEARCH" in line] == ["1:2", "3:4", "5:5"]
    assert read(source(first.marks))[0] == [b"3", b"4"]


def test_a_mail_removed_meanwhile_is_passed_over(box):
    server, source = box
    server.deliver(letter())
    server.says = {"FETCH": ["{tag} OK done"]}
    assert read(source()) == ([], {"uidvalidity": "1", "uid": "0"})


def test_a_run_that_ends_early_has_noted_what_was_taken(box):
    server, source = box
    for number in range(3):
        server.deliver(str(number).encode())
    begun = source()
    items = begun.items()
    next(items)
    next(items)
    items.close()
    assert begun.marks == {"uidvalidity": "1", "uid": "1"}


def test_a_folder_that_is_not_there_is_told(box):
    _server, source = box
    with pytest.raises(Unreadable, match="Mailbox doesn't exist") as told:
        list(source(folder="Reports").items())
    assert "Check user, password and folder" in str(told.value)


@pytest.mark.parametrize("abilities", ["MOVE", "UIDPLUS"])
def test_only_what_was_read_as_a_report_is_moved(box, abilities):
    server, source = box
    server.abilities = f"IMAP4rev1 AUTH=PLAIN {abilities}"
    for one in (mail(report(1)), letter(), mail(report(2)), mail(report(3))):
        server.deliver(one)
    server.folders["INBOX"][1].deleted = True  # by a mail program, which has not expunged it yet
    reader = source(move_to="Archive")
    _data, marks = read(reader)
    assert (marks["unmoved"], reader.unmoved) == ("1,3:4", 3)
    assert server.uids() == [1, 2, 3, 4]
    later = source(marks, move_to="Archive")
    later.move()
    assert (server.uids(), len(server.folders["Archive"])) == ([2], 3)
    assert later.marks == {"uidvalidity": "1", "uid": "4"}


def test_without_a_folder_to_move_to_nothing_is_noted_for_it(box):
    server, source = box
    server.deliver(mail(report()))
    assert "unmoved" not in read(source())[1]
    assert source({"uidvalidity": "1", "uid": "1", "unmoved": "1"}).unmoved == 0


def test_a_server_that_can_only_remove_all_deleted_mails_is_asked_for_nothing(box):
    server, source = box
    server.abilities = "IMAP4rev1 AUTH=PLAIN"
    server.deliver(mail(report()))
    waiting = {"uidvalidity": "1", "uid": "1", "unmoved": "1"}
    reader = source(waiting, move_to="Archive")
    with pytest.raises(Unreadable, match=r"neither MOVE \(RFC 6851\) nor UIDPLUS"):
        reader.move()
    assert (server.uids(), reader.marks) == ([1], waiting)


def test_a_folder_to_move_to_that_is_not_there_leaves_all_where_it_is(box):
    server, source = box
    server.deliver(mail(report()))
    reader = source({"uidvalidity": "1", "uid": "1", "unmoved": "1"}, move_to="Nowhere")
    with pytest.raises(Unreadable, match="TRYCREATE"):
        reader.move()
    assert (server.uids(), reader.unmoved) == ([1], 1)


def test_numbers_that_are_no_longer_those_of_the_server_move_nothing(box):
    server, source = box
    server.deliver(letter())
    server.validity = 2
    reader = source({"uidvalidity": "1", "uid": "1", "unmoved": "1"}, move_to="Archive")
    reader.move()
    assert (server.uids(), reader.unmoved) == ([1], 0)


@pytest.mark.parametrize("marks", [{"uidvalidity": "1"}, {"uidvalidity": "1", "uid": "x"}, {"uid": "1"}])
def test_marks_that_make_no_sense_count_for_nothing(box, marks):
    server, source = box
    server.deliver(letter())
    assert read(source(marks))[0] == [letter()]
