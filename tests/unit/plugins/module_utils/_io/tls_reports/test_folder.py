# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder that anybody may fill: plain files of limited size, and nothing else in it."""

from __future__ import annotations

import os
import socket

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import REPORT_MAIL_BYTES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import folder as folders
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.folder import Folder
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Unreadable


def read(source):
    return {item.name: item.data for item in source.items()}


def test_files_come_by_name_and_once(tmp_path):
    for name in ("b.json", "a.eml", "0000000001"):
        (tmp_path / name).write_text(name)
    first = Folder(str(tmp_path), {})
    assert list(read(first)) == ["0000000001", "a.eml", "b.json"]
    again = Folder(str(tmp_path), first.marks)
    assert read(again) == {}
    assert again.marks == first.marks


def test_what_was_written_again_is_read_again_and_what_has_gone_is_forgotten(tmp_path):
    (tmp_path / "a").write_text("half")
    (tmp_path / "b").write_text("b")
    first = Folder(str(tmp_path), {})
    read(first)
    (tmp_path / "a").write_text("whole now")
    (tmp_path / "b").unlink()
    second = Folder(str(tmp_path), first.marks)
    assert read(second) == {"a": b"whole now"}
    assert set(second.marks) == {"a"}


def test_links_pipes_sockets_folders_and_hidden_files_are_left_alone(tmp_path, monkeypatch):
    (tmp_path / "report.json").write_text("{}")
    (tmp_path / "secret").write_text("secret")
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "plain").write_text("plain")
    (reports / ".unfinished").write_text("{")
    (reports / "folder.json").mkdir()
    (reports / "link.json").symlink_to(tmp_path / "secret")
    os.mkfifo(reports / "pipe.json")
    monkeypatch.chdir(reports)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.json")
        assert read(Folder(str(reports), {})) == {"plain": b"plain"}


def test_a_link_put_in_place_of_a_file_meanwhile_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("secret")
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a").write_text("a")
    listing = folders.listing

    def swapped(path):
        found = listing(path)
        (reports / "a").unlink()
        (reports / "a").symlink_to(tmp_path / "secret")
        return found

    monkeypatch.setattr(folders, "listing", swapped)
    source = Folder(str(reports), {})
    (item,) = source.items()
    assert (item.data, source.marks) == (b"", {})
    assert str(item.refusal).startswith(f"it cannot be read: {reports}/a is a link, not a plain file")


def test_a_file_that_is_too_large_is_not_opened_and_named_once(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(REPORT_MAIL_BYTES + 1)
    source = Folder(str(tmp_path), {})
    (item,) = source.items()
    assert (
        str(item.refusal)
        == "it has 15,728,641 bytes, more than 15,728,640. Remedy: Remove it: no report is that large."
    )
    assert list(Folder(str(tmp_path), source.marks).items()) == []


def test_names_that_would_act_on_a_terminal_are_written_out(tmp_path):
    (tmp_path / "a\x1b[2J\udcff".encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")).write_text("{}")
    assert list(read(Folder(str(tmp_path), {}))) == ["a\\x1b[2J\\udcff"]


def test_of_too_many_files_the_first_by_name_are_read_and_that_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "REPORT_FILES_PER_FOLDER", 2)
    for name in "cab":
        (tmp_path / name).write_text(name)
    seen = []
    with pytest.raises(Unreadable) as told:
        seen.extend(item.name for item in _each(Folder(str(tmp_path), {}), seen))
    assert seen == ["a", "b"]
    assert str(told.value).startswith("it has 3 files, of which 2 are looked at, the first by name. Remedy: ")


def _each(source, seen):
    for item in source.items():
        seen.append(item.name)
    return []


@pytest.mark.parametrize("kind", ["nothing", "file"])
def test_what_is_no_folder_is_a_problem_and_keeps_its_marks(tmp_path, kind):
    path = tmp_path / "reports"
    if kind == "file":
        path.write_text("")
    source = Folder(str(path), {"a": "1 2"})
    with pytest.raises(Unreadable) as told:
        list(source.items())
    assert str(told.value).endswith(f"Remedy: Check that {path} is a folder, and that it may be read.")
    assert source.marks == {"a": "1 2"}
