# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Root works in folders that somebody else may write, and follows nothing out of them: for root, who can be both."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import subprocess
import sys

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import (
    Owner,
    correct_owner,
    folder_of,
    is_same_file,
    make_folder,
    names_in,
    open_private,
    read_if_there,
    remove,
    remove_folder_if_empty,
    remove_tree,
    remove_unfinished,
    write_atomic,
)

SOMEBODY = pwd.getpwnam("daemon")

# As another user: exchanges a folder, and a file in it, for links into a folder of root, and back, until it is killed.
SWAPPER = """
import os, sys
theirs, ours, user = sys.argv[1:]
os.chdir(theirs)
os.setuid(int(user))
def attempt(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        pass
while True:
    for name in {"secret", *(os.listdir("d") if not os.path.islink("d") else ())}:
        attempt(os.symlink, ours + "/secret", "new")
        attempt(os.rename, "new", "d/" + name)
    attempt(os.rename, "d", "real")
    attempt(os.symlink, ours, "d")
    attempt(os.unlink, "d")
    attempt(os.rename, "real", "d")
"""


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def theirs(tmp_path):
    """A folder of somebody else, and beside it one of root with a secret."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, SOMEBODY.pw_uid, SOMEBODY.pw_gid)
    (tmp_path / "ours").mkdir()
    secret = tmp_path / "ours" / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    return folder


def link(path, target):
    """Make a link that is somebody else's."""
    path.symlink_to(target)
    os.lchown(path, SOMEBODY.pw_uid, SOMEBODY.pw_gid)


REFUSED = "is a link of daemon and points to what belongs to root: remove it, or have root make it if it is intended"


@pytest.mark.parametrize("target", ["../ours/secret", "second"])
def test_a_link_of_others_shows_nothing_and_changes_nothing_that_is_not_theirs(theirs, target):
    path = theirs / "file"
    link(path, target)
    link(theirs / "second", theirs.parent / "ours/secret")
    with pytest.raises(OSError, match=f"^{theirs}/(file|second) {REFUSED}$"):
        read_if_there(str(path))
    with pytest.raises(OSError, match=REFUSED):
        correct_owner(str(path), Owner(SOMEBODY.pw_name, mode=0o644), write=True)
    assert mode_of(theirs.parent / "ours/secret") == 0o600
    assert (theirs.parent / "ours/secret").stat().st_uid == 0
    write_atomic(str(path), b"ours")
    assert (theirs.parent / "ours/secret").read_text() == "secret"
    assert (path.read_bytes(), path.is_symlink()) == (b"ours", False)


@pytest.mark.parametrize("deep", ["", "a/b/"])
def test_a_link_in_place_of_a_folder_leads_nowhere_that_is_not_theirs(theirs, deep):
    ours = theirs.parent / "ours"
    link(theirs / "example.com", ours)
    (ours / ".mta-sts-left").touch()
    (ours / "a/b").mkdir(parents=True)
    path = str(theirs / f"example.com/{deep}secret")
    before = sorted(ours.rglob("*"))
    for act in (
        read_if_there, remove, remove_tree, open_private, lambda path: names_in(folder_of(path)),
        lambda path: write_atomic(path, b"ours"), lambda path: remove_unfinished(folder_of(path)),
        lambda path: make_folder(f"{path}-new"), lambda path: correct_owner(path, Owner(mode=0o666), write=True),
        lambda path: is_same_file(path, 0),
    ):  # fmt: skip
        with pytest.raises(OSError, match=f"^{theirs}/example.com {REFUSED}$"):
            act(path)
    assert not remove_folder_if_empty(str(theirs / "example.com/a/b"))
    assert sorted(ours.rglob("*")) == before
    assert mode_of(ours / "secret") == 0o600


def test_a_link_of_others_to_what_is_theirs_is_followed(theirs):
    (theirs / "file-1").write_text("theirs")
    (theirs / "folder-1").mkdir()
    for path in (theirs / "file-1", theirs / "folder-1"):
        os.chown(path, SOMEBODY.pw_uid, SOMEBODY.pw_gid)
    link(theirs / "file", "file-1")
    link(theirs / "folder", theirs / "folder-1")
    assert read_if_there(str(theirs / "file")) == b"theirs"
    write_atomic(str(theirs / "folder/new"), b"ours")
    assert (theirs / "folder-1/new").read_bytes() == b"ours"


def test_a_second_name_of_a_file_in_a_folder_of_others_is_not_that_file(theirs):
    secret = theirs.parent / "ours/secret"
    os.link(secret, theirs / "file")
    with pytest.raises(OSError, match=f"^{theirs}/file has other names, too "):
        read_if_there(str(theirs / "file"))
    with pytest.raises(OSError, match="has other names"):
        correct_owner(str(theirs / "file"), Owner(mode=0o644), write=True)
    assert mode_of(secret) == 0o600
    os.link(secret, theirs.parent / "ours/backup")
    assert read_if_there(str(secret)) == b"secret"


def test_a_file_of_the_owner_of_a_folder_may_have_several_names_as_mail_servers_give_it(theirs):
    (theirs / "file").write_text("theirs")
    os.chown(theirs / "file", SOMEBODY.pw_uid, SOMEBODY.pw_gid)
    os.link(theirs / "file", theirs / "copy")
    assert read_if_there(str(theirs / "copy")) == b"theirs"


def test_a_link_that_makes_way_for_what_is_ours_while_it_is_read_is_not_taken_for_ours(theirs, monkeypatch):
    (theirs / "made-by-root").mkdir()
    link(theirs / "d", theirs.parent / "ours")
    read = os.readlink

    def swapped(name, **place):
        target = read(name, **place)
        if name == "d":
            (theirs / "d").unlink()
            (theirs / "made-by-root").rename(theirs / "d")
        return target

    monkeypatch.setattr(os, "readlink", swapped)
    with pytest.raises(OSError, match=f"^{theirs}/d is exchanged for something else while it is read$"):
        write_atomic(str(theirs / "d/secret"), b"theirs")
    assert (theirs.parent / "ours/secret").read_text() == "secret"


def test_what_is_swapped_all_the_time_never_leads_out_of_it(theirs):
    """Somebody exchanges file, temporary names and folder for links as fast as they can."""
    ours = theirs.parent / "ours"
    (theirs / "d").mkdir()
    os.chown(theirs / "d", SOMEBODY.pw_uid, SOMEBODY.pw_gid)
    with subprocess.Popen([sys.executable, "-c", SWAPPER, theirs, ours, str(SOMEBODY.pw_uid)]) as swapper:
        for _unused in range(300):
            for act in (
                read_if_there, remove, lambda path: write_atomic(path, b"ours", Owner(mode=0o666)),
                lambda path: correct_owner(path, Owner(SOMEBODY.pw_name, mode=0o666), write=True),
                remove_tree, lambda path: remove_unfinished(folder_of(path)),
            ):  # fmt: skip
                with contextlib.suppress(OSError):
                    assert act(str(theirs / "d/secret")) != b"secret"
        swapper.kill()
    assert os.listdir(ours) == ["secret"]
    assert ((ours / "secret").read_text(), mode_of(ours / "secret")) == ("secret", 0o600)
