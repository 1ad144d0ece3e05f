# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history file is written when it changed, and a corrupt one is never overlooked."""

from __future__ import annotations

import os

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import CorruptHistory, Served
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies import history

HISTORY = {"example.com": (Served("0123456789abcdef", "enforce", 86400, 1000, 2000), Served("1", "none", 60, 2000))}


def test_no_file_is_an_empty_history(tmp_path):
    assert history.read(str(tmp_path / "history.json")) == {}


def test_what_is_written_is_read_again(tmp_path):
    path = str(tmp_path / "history.json")
    history.replace(path, {}, HISTORY)
    assert history.read(path) == HISTORY


def test_the_history_may_be_read_by_everybody(tmp_path):
    path = tmp_path / "history.json"
    history.replace(str(path), {}, HISTORY)
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_unchanged_history_is_not_written(tmp_path):
    history.replace(str(tmp_path / "history.json"), HISTORY, HISTORY)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is not JSON: "),
        (b"{", "it is not JSON: "),
        (b"\xff", "it is not UTF-8 text"),
        (b"[]", "it is not a history of format 1"),
        (b'{"format": 2, "domains": {}}', "it is not a history of format 1"),
        (b'{"format": 1}', "it is not a history of format 1"),
        (b'{"format": 1, "domains": {"example.com": [{"id": "1"}]}}', "an entry of example.com is unreadable: "),
        (b'{"format": 1, "domains": {"example.com": [7]}}', "an entry of example.com is unreadable: "),
        (b'{"format": 1, "domains": {"example.com": 7}}', "an entry of example.com is unreadable: "),
    ],
)
def test_a_corrupt_history_says_what_is_wrong(tmp_path, data, said):
    path = tmp_path / "history.json"
    path.write_bytes(data)
    with pytest.raises(CorruptHistory, match=said):
        history.read(str(path))
