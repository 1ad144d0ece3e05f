# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which faults may be gone a second later, and which are of an address nobody reaches."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault, is_private


@pytest.mark.parametrize("kind", ["tcp", "unreachable", "timeout", "http", "tls", "smtp", "turned_away"])
def test_what_may_be_an_accident_is_asked_again(kind):
    assert Fault(kind, "", "").passing


@pytest.mark.parametrize("kind", ["private", "dns", "no_route", "tls_name", "tls_expired", "starttls", "no_family"])
def test_what_stays_as_it_is_is_asked_once(kind):
    assert not Fault(kind, "", "").passing


@pytest.mark.parametrize(
    ("fault", "private"), [(None, False), (Fault("tcp", "", ""), False), (Fault("private", "", ""), True)]
)
def test_an_address_that_the_world_does_not_reach_is_told_apart(fault, private):
    assert is_private(fault) is private
