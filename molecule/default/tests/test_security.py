# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SECURITY.md says who owns and reads which file: so it is."""

from __future__ import annotations

import pytest
from lab.security import owners

KEYS = ("/var/lib/mta-sts/dehydrated/", "/var/lib/mta-sts/live/")


def test_the_table_has_every_file_with_a_private_key(policy_host):
    paths = policy_host.check_output(
        "grep --recursive --files-with-matches 'PRIVATE KEY' /etc/mta-sts /var/lib/mta-sts"
    )
    listed = policy_host.check_output("ls -1d " + " ".join(path for path in owners() if path.startswith(KEYS)))
    assert set(paths.splitlines()) <= set(listed.splitlines())


@pytest.mark.parametrize(("path", "expected"), owners().items())
def test_owner_and_mode_are_as_written(policy_host, path, expected):
    seen = policy_host.check_output(f"stat --dereference --format '%U:%G %a' {path}")
    assert set(seen.splitlines()) == {expected}


def test_nobody_else_gets_to_a_key(policy_host):
    find = "find /var/lib/mta-sts -name '*.pem' -readable"
    assert policy_host.check_output(find)
    assert policy_host.run(f"runuser -u nobody -- {find}").stdout == ""
