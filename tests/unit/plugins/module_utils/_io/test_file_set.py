# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files and folders brought into their state, one after the other."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.file_set import Change, Entry, bring_about
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import Owner

ME, MY_GROUP = str(os.geteuid()), str(os.getegid())


def owner(mode):
    return Owner(ME, MY_GROUP, mode)


def line(mode):
    return f"owner {ME}, group {MY_GROUP}, mode {mode}\n"


def twice(entry):
    """What is changed, having seen that check mode says the same, and that nothing is left to be done."""
    planned = bring_about(entry, check=True)
    changes = bring_about(entry, check=False)
    assert planned == changes
    assert bring_about(entry, check=True) == []
    return changes


def test_a_file_gets_its_content_and_then_its_owner(tmp_path):
    path = f"{tmp_path}/below/file"
    assert twice(Entry(path, "present", b"a\n", owner(0o640))) == [Change(path, "", "a\n")]
    assert twice(Entry(path, "present", b"a\n", owner(0o600))) == [Change(path, line("0640"), line("0600"))]


def test_a_folder_gets_its_owner_and_a_way_to_it(tmp_path):
    tmp_path.chmod(0o700)
    path = f"{tmp_path}/folder"
    assert twice(Entry(path, "directory", b"", owner(0o2750))) == [
        Change(str(tmp_path), line("0700"), line("0711")),
        Change(path, "", line("2750")),
    ]
    assert twice(Entry(path, "directory", b"", owner(0o750))) == [Change(path, line("2750"), line("0750"))]


def test_a_folder_that_is_to_go_goes_with_all_in_it_and_a_link_alone(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone/link").symlink_to(tmp_path / "kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("gone", "link"):
        assert twice(Entry(f"{tmp_path}/{name}", "absent", b"", owner(0))) == [
            Change(f"{tmp_path}/{name}", "present\n", "")
        ]
    assert (tmp_path / "kept/file").exists()


def test_what_is_no_plain_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is a pipe, not a plain file: remove it"):
        bring_about(Entry(f"{tmp_path}/pipe", "present", b"", owner(0o644)), check=False)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
