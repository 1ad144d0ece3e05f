# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time; tests/unit/roles/test_sts_certificate_scripts.py tries the whole of it with real processes."""

from __future__ import annotations

import fcntl

import pytest
from helpers.renewal import write_settings

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal import service
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.signals import Stop
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.status import (
    lock_of,
    read_status,
)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(service, "LOCK_PAUSE", 0.001)
    monkeypatch.setattr(Stop, "__init__", lambda self: setattr(self, "asked", False))


def test_a_second_run_is_told_what_to_do(tmp_path, capsys, quick):
    settings = write_settings(tmp_path)
    with lock_of(settings.state_root).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert service.main(settings.folder, tmp_path / "lib", []) == 1
    assert "systemctl restart mta-sts-certificate" in capsys.readouterr().err


def test_a_run_with_nothing_to_do_says_so(tmp_path, quick):
    settings = write_settings(tmp_path, names=())
    assert service.main(settings.folder, tmp_path / "lib", []) == 0
    assert (read_status(settings.store.root).state, dict(read_status(settings.store.root).pending)) == ("done", {})
