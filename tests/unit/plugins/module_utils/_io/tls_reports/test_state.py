# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file of state is there whole, or was never written."""

from __future__ import annotations

import os

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.state import CorruptState, State
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import state

KEPT = State([], {"mbox /a": {"position": "1"}})


def test_no_file_is_an_empty_state(tmp_path):
    assert state.read(str(tmp_path / "state")) == State()


def test_what_is_written_is_read_again_and_leftovers_of_a_killed_run_go(tmp_path):
    (tmp_path / ".mta-sts-killed").write_text("half")
    state.write(str(tmp_path / "state"), KEPT)
    assert state.read(str(tmp_path / "state")) == KEPT
    assert os.listdir(tmp_path) == ["state"]


@pytest.mark.parametrize(("data", "words"), [(b"\xff", "it is not UTF-8 text"), (b"{", "its first line is no JSON")])
def test_what_is_no_state_is_refused(tmp_path, data, words):
    (tmp_path / "state").write_bytes(data)
    with pytest.raises(CorruptState, match=words):
        state.read(str(tmp_path / "state"))
