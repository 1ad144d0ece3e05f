# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From which severity on an audit has failed."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.fail_on import FAIL_ON, reaches


@pytest.mark.parametrize(
    ("fail_on", "failing"), [("error", ["error"]), ("warning", ["warning", "error"]), ("never", [])]
)
def test_what_fails(fail_on, failing):
    assert [severity for severity in ("ok", "info", "warning", "error") if reaches(severity, fail_on)] == failing
    assert fail_on in FAIL_ON


@pytest.mark.parametrize("wrong", ["", "ok", "info", "ERROR"])
def test_another_threshold_is_refused_with_the_ones_there_are(wrong):
    with pytest.raises(ValueError, match="no threshold") as refused:
        reaches("ok", wrong)
    assert str(refused.value) == f"fail_on: {wrong!r} is no threshold. Remedy: Write error, warning or never."
    assert wrong not in FAIL_ON
