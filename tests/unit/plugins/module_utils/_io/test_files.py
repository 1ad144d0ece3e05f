# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files are replaced whole or not at all, with the right owner, and folders of others stay."""

from __future__ import annotations

import fcntl
import grp
import os
import pwd
import secrets
import socket
import stat
import tracemalloc
from pathlib import Path

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import HOST_FILE_BYTES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import (
    Owner,
    correct_owner,
    is_locked,
    is_same_file,
    names_in,
    open_folder,
    open_private,
    open_to_read,
    plain_files_in,
    read_if_there,
    remove,
    remove_empty_folders,
    remove_tree,
    remove_unfinished,
    write_atomic,
)

ROOT = os.geteuid() == 0
# Only root can give files away.
SOMEBODY = pwd.getpwnam("daemon") if ROOT else pwd.getpwuid(os.geteuid())


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_that_is_not_there_reads_as_none(tmp_path):
    assert read_if_there(str(tmp_path / "none")) is None


def test_what_stands_in_the_way_of_reading_is_not_taken_for_no_file(tmp_path):
    with pytest.raises(IsADirectoryError):
        read_if_there(str(tmp_path))


def test_writing_makes_missing_folders_which_everybody_may_enter(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    write_atomic(str(path), b"bytes")
    assert path.read_bytes() == b"bytes"
    assert (mode_of(path), mode_of(path.parent), mode_of(path.parent.parent)) == (0o644, 0o755, 0o755)


def test_new_folders_may_be_entered_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        write_atomic(str(tmp_path / "a" / "b" / "file"), b"bytes")
    finally:
        os.umask(before)
    assert (mode_of(tmp_path / "a"), mode_of(tmp_path / "a" / "b")) == (0o755, 0o755)


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path):
    tmp_path.chmod(0o700)
    write_atomic(str(tmp_path / "file"), b"bytes")
    assert mode_of(tmp_path) == 0o700


@pytest.mark.parametrize("path", ["file", "a/b/file"])
def test_a_relative_path_is_one_of_the_current_folder(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    write_atomic(path, b"bytes")
    assert (tmp_path / path).read_bytes() == b"bytes"
    remove(path)
    assert not (tmp_path / path).exists()


def test_a_reader_who_has_the_old_file_open_keeps_the_old_bytes(tmp_path):
    path = tmp_path / "file"
    write_atomic(str(path), b"old")
    with path.open("rb") as opened:
        write_atomic(str(path), b"new, and longer")
        assert opened.read() == b"old"
    assert path.read_bytes() == b"new, and longer"


def test_writing_leaves_nothing_else_in_the_folder(tmp_path):
    write_atomic(str(tmp_path / "file"), b"old")
    write_atomic(str(tmp_path / "file"), b"new")
    assert os.listdir(tmp_path) == ["file"]


def test_writing_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="there is no user nobody-has-this-name on this host"):
        write_atomic(str(path), b"new", Owner("nobody-has-this-name"))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_where_the_file_belongs_is_not_replaced(tmp_path):
    path = tmp_path / "file"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomic(str(path), b"new")
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_is_replaced_and_what_it_led_to_is_kept(tmp_path):
    target, path = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"others'")
    path.symlink_to(target)
    write_atomic(str(path), b"ours")
    assert (target.read_bytes(), path.read_bytes(), path.is_symlink()) == (b"others'", b"ours", False)


def test_permissions_are_as_asked_whatever_the_umask(tmp_path):
    path = tmp_path / "file"
    before = os.umask(0o077)
    try:
        write_atomic(str(path), b"bytes", Owner(mode=0o664))
    finally:
        os.umask(before)
    assert mode_of(path) == 0o664


@pytest.mark.parametrize("by_number", [False, True])
def test_the_owner_may_be_a_name_or_a_number(tmp_path, by_number):
    group = grp.getgrgid(SOMEBODY.pw_gid)
    numbers = Owner(str(SOMEBODY.pw_uid), str(group.gr_gid))
    path = tmp_path / "file"
    write_atomic(str(path), b"bytes", numbers if by_number else Owner(SOMEBODY.pw_name, group.gr_name))
    assert (path.stat().st_uid, path.stat().st_gid) == (SOMEBODY.pw_uid, group.gr_gid)


def test_a_group_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match="there is no group nobody-has-this-name on this host"):
        write_atomic(str(tmp_path / "file"), b"new", Owner(group="nobody-has-this-name"))


def test_a_right_owner_needs_no_correction(tmp_path):
    path = tmp_path / "file"
    write_atomic(str(path), b"bytes")
    assert correct_owner(str(path), Owner(), write=True) is False


def test_wrong_permissions_are_only_reported_when_not_writing(tmp_path):
    path = tmp_path / "file"
    write_atomic(str(path), b"bytes", Owner(mode=0o600))
    assert correct_owner(str(path), Owner(), write=False) is True
    assert mode_of(path) == 0o600


def test_wrong_permissions_are_corrected_once(tmp_path):
    path = tmp_path / "file"
    write_atomic(str(path), b"bytes", Owner(mode=0o600))
    assert correct_owner(str(path), Owner(), write=True) is True
    assert mode_of(path) == 0o644
    assert correct_owner(str(path), Owner(), write=True) is False


def test_an_owner_not_asked_for_is_left(tmp_path):
    path = tmp_path / "file"
    write_atomic(str(path), b"bytes", Owner(SOMEBODY.pw_name))
    assert correct_owner(str(path), Owner(), write=True) is False
    assert path.stat().st_uid == SOMEBODY.pw_uid


def test_a_wrong_owner_is_corrected(tmp_path):
    path = tmp_path / "file"
    write_atomic(str(path), b"bytes", Owner(SOMEBODY.pw_name))
    assert correct_owner(str(path), Owner(str(os.geteuid())), write=True) is ROOT
    assert path.stat().st_uid == os.geteuid()


def test_removing_what_is_not_there_is_fine(tmp_path):
    remove(str(tmp_path / "none"))
    remove(str(tmp_path / "no" / "folder"))


def test_empty_folders_go_up_to_the_root_which_stays(tmp_path):
    folder = tmp_path / "root" / "example.com" / ".well-known"
    folder.mkdir(parents=True)
    remove_empty_folders(str(folder), str(tmp_path / "root"))
    assert os.listdir(tmp_path / "root") == []


@pytest.mark.parametrize("root", ["root", "root/"])
def test_folders_with_files_of_others_stay(tmp_path, root):
    folder = tmp_path / "root" / "example.com" / ".well-known"
    folder.mkdir(parents=True)
    (folder.parent / "index.html").write_text("others'")
    remove_empty_folders(str(folder), f"{tmp_path}/{root}")
    assert os.listdir(folder.parent) == ["index.html"]


def test_folders_outside_the_root_stay(tmp_path):
    folder = tmp_path / "rootless"
    folder.mkdir()
    remove_empty_folders(str(folder), str(tmp_path / "root"))
    assert folder.is_dir()


def test_links_of_root_are_followed_wherever_they_lead(tmp_path):
    (tmp_path / "data/www").mkdir(parents=True)
    (tmp_path / "srv").symlink_to(tmp_path / "data")
    (tmp_path / "data/here").symlink_to("./www/../www/")
    write_atomic(str(tmp_path / "srv/here/a/file"), b"ours")
    (tmp_path / "alias").symlink_to("srv/here/a/file")
    assert read_if_there(str(tmp_path / "alias")) == b"ours"
    assert names_in(str(tmp_path / "srv/here")) == ["a"]


def test_links_that_go_round_end(tmp_path):
    (tmp_path / "one").symlink_to("other")
    (tmp_path / "other").symlink_to("one")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        read_if_there(str(tmp_path / "one"))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    rule = f"^{tmp_path}/pipe is a pipe, not a plain file: remove it$"
    with pytest.raises(OSError, match=rule):
        read_if_there(str(tmp_path / "pipe"))
    with pytest.raises(OSError, match=rule):
        correct_owner(str(tmp_path / "pipe"), Owner(), write=True)
    with pytest.raises(OSError, match=rule):
        open_private(str(tmp_path / "pipe"))
    write_atomic(str(tmp_path / "pipe"), b"ours")
    assert read_if_there(str(tmp_path / "pipe")) == b"ours"


def test_neither_a_socket_nor_a_device_is_read(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for path, kind in ((tmp_path / "socket", "a socket"), ("/dev/zero", "a device")):
        with pytest.raises(OSError, match=f"^{path} is {kind}, not a plain file: remove it$"):
            read_if_there(str(path))


def test_a_huge_file_is_not_taken_into_memory(tmp_path):
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(300_000_000)
    tracemalloc.start()
    with pytest.raises(OSError, match=f"^{path} is larger than {HOST_FILE_BYTES} bytes: it does not belong there"):
        read_if_there(str(path))
    with pytest.raises(OSError, match="is larger than 1000 bytes"):
        read_if_there(str(path), 1000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3 * HOST_FILE_BYTES
    path.write_bytes(b"x" * 1000)
    assert read_if_there(str(path), 1000) == b"x" * 1000


def test_what_is_in_place_of_an_unfinished_file_is_no_hindrance(tmp_path):
    (tmp_path / ".mta-sts-folder").mkdir()
    (tmp_path / ".mta-sts-link").symlink_to("/")
    (tmp_path / ".mta-sts-file").touch()
    remove_unfinished(str(tmp_path))
    assert os.listdir(tmp_path) == [".mta-sts-folder"]


def test_no_name_of_a_temporary_file_is_taken_that_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(secrets, "token_hex", lambda _size: "guessed")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / ".mta-sts-guessed").symlink_to("secret")
    with pytest.raises(FileExistsError):
        write_atomic(str(tmp_path / "file"), b"ours")
    assert (tmp_path / "secret").read_text() == "secret"


def test_nobody_else_can_open_what_is_private(tmp_path):
    path = tmp_path / "lock"
    path.touch(0o644)
    handle = open_private(str(path))
    assert (mode_of(path), is_same_file(str(path), handle)) == (0o600, True)
    path.unlink()
    assert not is_same_file(str(path), handle)
    os.close(handle)


def test_a_tree_goes_with_all_that_is_in_it_and_nothing_that_its_links_lead_to(tmp_path):
    (tmp_path / "tree/a/b").mkdir(parents=True)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/file").touch()
    (tmp_path / "tree/a/link").symlink_to(tmp_path / "ours")
    os.mkfifo(tmp_path / "tree/pipe")
    remove_tree(str(tmp_path / "tree"))
    remove_tree(str(tmp_path / "tree"))
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "ours", tmp_path / "ours/file"]


def test_a_tree_without_end_is_named(tmp_path):
    tree = tmp_path / "tree"
    Path(str(tree) + "/x" * 50).mkdir(parents=True)
    with pytest.raises(OSError, match=f"^{tree} has folders nested more than 16 deep: remove it by hand$"):
        remove_tree(str(tree))


def test_a_lock_of_another_process_is_seen(tmp_path):
    file = tmp_path / "lock"
    assert not is_locked(str(file))
    file.touch()
    assert not is_locked(str(file))
    with file.open() as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        assert is_locked(str(file))
    assert not is_locked(str(file))


def test_the_first_plain_files_of_a_folder_come_by_name_with_their_sizes(tmp_path):
    for name in ("c", "a", "b", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "0").mkdir()
    (tmp_path / "1").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "2")
    found, count = plain_files_in(str(tmp_path), 2)
    assert ([(file.name, file.size) for file in found], count) == ([("a", 1), ("b", 1)], 3)
    assert found[0].written == (tmp_path / "a").stat().st_mtime_ns
    with pytest.raises(FileNotFoundError):
        plain_files_in(str(tmp_path / "none"), 2)
    with pytest.raises(NotADirectoryError):
        plain_files_in(str(tmp_path / "a"), 2)


def test_a_folder_of_very_many_files_takes_the_memory_of_those_that_are_wanted(tmp_path):
    for number in range(3000):
        (tmp_path / f"{number:0100}").touch()
    plain_files_in(str(tmp_path), 10)
    tracemalloc.start()
    _found, count = plain_files_in(str(tmp_path), 10)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < 200_000) == (3000, True)


def test_a_file_is_opened_to_be_read_in_parts_also_behind_a_link(tmp_path):
    (tmp_path / "file").write_bytes(b"bytes")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for path in ("file", "link"):
        with open_to_read(str(tmp_path / path)) as file:
            assert (file.read(2), file.read()) == (b"by", b"tes")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe is a pipe, not a plain file"), open_to_read(str(tmp_path / "pipe")):
        pass


def test_the_files_of_an_open_folder_are_read_as_far_as_they_are_wanted_and_nothing_but_files(tmp_path):
    (tmp_path / "file").write_bytes(b"bytes")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with open_folder(str(tmp_path)) as folder:
        assert (folder.read("file", 2), folder.read("file", 100)) == (b"by", b"bytes")
        for name, problem in (
            ("link", "link is a link, not a plain file"),
            ("pipe", "pipe is a pipe, not a plain file"),
            ("folder", "Is a directory"),
            ("none", "No such file"),
        ):
            with pytest.raises(OSError, match=problem):
                folder.read(name, 100)


def test_an_open_folder_is_still_the_one_it_was_when_another_takes_its_place(tmp_path):
    for name in ("folder", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    with open_folder(str(tmp_path / "folder")) as folder:
        (tmp_path / "folder").rename(tmp_path / "former")
        (tmp_path / "folder").symlink_to(tmp_path / "other")
        assert folder.read("file", 100) == b"folder"
