# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""file_set on real folders: check, real, again."""

from __future__ import annotations

import grp
import os
import pwd
import stat

import pytest
from helpers.module_process import run_module

ME = pwd.getpwuid(os.geteuid()).pw_name
MY_GROUP = grp.getgrgid(os.getegid()).gr_name
MINE = {"owner": ME, "group": MY_GROUP}


def run(*files, **options):
    return run_module("file_set", files=[{**MINE, **file} for file in files], **options)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def everything(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old/file").touch()
    return [
        {"path": f"{tmp_path}/state/deep", "state": "directory", "mode": "2750"},
        {"path": f"{tmp_path}/etc/program", "content": "#!/bin/sh\n", "mode": "0755"},
        {"path": f"{tmp_path}/etc/config", "content": "a = b\n"},
        {"path": f"{tmp_path}/old", "state": "absent"},
        {"path": f"{tmp_path}/never", "state": "absent"},
    ]


def test_check_mode_says_what_the_real_run_does(tmp_path, everything):
    planned = run(*everything, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]
    done = run(*everything)
    assert (done["paths"], done["diff"]) == (planned["paths"], planned["diff"])
    assert done["paths"] == [f"{tmp_path}/{name}" for name in ("state/deep", "etc/program", "etc/config", "old")]
    assert done["changed"]
    assert [mode(tmp_path / name) for name in ("state", "state/deep", "etc/program", "etc/config")] == [
        0o755, 0o2750, 0o755, 0o644,
    ]  # fmt: skip
    assert (tmp_path / "etc/config").read_text() == "a = b\n"
    assert not (tmp_path / "old").exists()
    again = run(*everything)
    assert (again["changed"], again["paths"], again["diff"]) == (False, [], [])


def test_the_diff_shows_content_or_owner(tmp_path):
    config = {"path": f"{tmp_path}/config", "content": "new\n"}
    (tmp_path / "config").write_text("old\x1b\n")
    (written,) = run(config)["diff"]
    assert (written["before"], written["after"]) == ("old\\x1b\n", "new\n")
    (owned,) = run({**config, "mode": "0600"})["diff"]
    assert owned["before_header"] == f"{tmp_path}/config"
    assert owned["before"].endswith(" mode 0644\n")
    assert owned["after"] == f"owner {ME}, group {MY_GROUP}, mode 0600\n"
    assert mode(tmp_path / "config") == 0o600


def test_everybody_gets_through_the_folder_above_and_nothing_else_of_it_changes(tmp_path):
    (tmp_path / "srv").mkdir(mode=0o2700)
    (tmp_path / "srv").chmod(0o2700)
    done = run({"path": f"{tmp_path}/srv/live", "state": "directory"})
    assert done["paths"] == [f"{tmp_path}/srv", f"{tmp_path}/srv/live"]
    assert mode(tmp_path / "srv") == 0o2711


def test_an_account_that_is_still_to_be_made_is_no_hindrance_in_check_mode(tmp_path):
    folder = {"path": f"{tmp_path}/state", "state": "directory", "owner": "nobody-yet"}
    assert run(folder, check=True)["changed"]
    assert run(folder)["msg"].startswith(
        f"{tmp_path}/state cannot be set up as asked: there is no user nobody-yet on this host. Remedy: "
    )
    assert run(folder, check=True)["changed"]


def test_what_stands_in_the_way_is_told(tmp_path):
    (tmp_path / "file").touch()
    assert "Not a directory" in run({"path": f"{tmp_path}/file/below"})["msg"]
    (tmp_path / "folder").mkdir()
    assert "Is a directory" in run({"path": f"{tmp_path}/folder"})["msg"]
    assert run({"path": f"{tmp_path}/x", "mode": "rw"})["msg"].startswith("mode: 'rw' is not an octal number")
