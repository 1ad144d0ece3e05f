# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One of the CA's profiles, where dehydrated can ask for it; where it cannot, nothing is touched."""

from __future__ import annotations

import pytest
from ca_limits.deployment import CONFIG, HOSTS, everywhere, site

OLD, *NEW = HOSTS


@pytest.fixture(scope="module")
def run():
    return site("--tags=certificate", sts_certificate_profile="tlsserver")


def test_a_host_whose_dehydrated_knows_no_profiles_says_so_and_is_left_alone(run):
    said = f"{OLD}: sts_certificate_profile: dehydrated 0.7.0 knows no profiles, 0.7.2 and later do."
    assert len([failure for failure in run.failures if said in failure]) == 1
    assert [task for task, host in run.changed if host == OLD] == []


def test_the_others_ask_for_it_from_now_on(run):
    said = everywhere(f"grep --no-filename --count ^ACME_PROFILE=tlsserver {CONFIG}/p256.conf || true")
    assert said == {OLD: "0", **dict.fromkeys(NEW, "1")}
