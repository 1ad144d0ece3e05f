# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The hosts of the lab, for the tests of all scenarios."""

from __future__ import annotations

import pytest
from lab.hosts import ADDRESSES, Host, get_host


@pytest.fixture(scope="session")
def sender() -> Host:
    """Where a sending mail server stands: it asks the lab's resolver and trusts the lab's CA."""
    return get_host("sender")


@pytest.fixture(scope="session")
def mx() -> Host:
    """The MX of all domains."""
    return get_host("mx")


@pytest.fixture(scope="session", params=["policy12", "policy13"])
def policy_host(request) -> Host:
    """Each policy host in turn."""
    return get_host(request.param)


@pytest.fixture(scope="session", params=ADDRESSES, ids=lambda address: address.strip("[]"))
def address(request) -> str:
    """Each address of each policy host in turn, as curl --resolve and openssl s_client -connect want it."""
    return request.param
