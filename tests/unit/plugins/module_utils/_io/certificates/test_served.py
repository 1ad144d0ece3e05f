# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which policies are on a disk, and what is said when nobody can tell."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.served import PolicyRoot
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.served import read_policy_root


def test_a_folder_without_a_policy_is_no_domain(tmp_path):
    (tmp_path / "a.example/.well-known").mkdir(parents=True)
    (tmp_path / "a.example/.well-known/mta-sts.txt").touch()
    (tmp_path / "b.example").mkdir()
    (tmp_path / "file").touch()
    assert read_policy_root(str(tmp_path)) == PolicyRoot(str(tmp_path), frozenset({"a.example"}))


def test_what_cannot_be_looked_at_may_be_a_policy(tmp_path):
    (tmp_path / "a.example").symlink_to("a.example")
    assert read_policy_root(str(tmp_path)).domains == {"a.example"}


def test_a_folder_that_is_missing_or_none_is_told(tmp_path):
    (tmp_path / "file").touch()
    assert read_policy_root(f"{tmp_path}/missing").trouble == "does not exist"
    assert read_policy_root(f"{tmp_path}/file").trouble == "cannot be read (Not a directory)"
