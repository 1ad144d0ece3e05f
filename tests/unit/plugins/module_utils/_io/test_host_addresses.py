# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The addresses of a policy host that was not asked for them."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.host_addresses import addresses_of

CASES = [
    ("the inventory calls it by its address", {}, "192.0.2.7", ["192.0.2.7"]),
    ("an IPv6 one", {}, "2001:DB8::7", ["2001:db8::7"]),
    ("what is known comes first", {"mta_sts_addresses": ["192.0.2.1"]}, "192.0.2.7", ["192.0.2.1"]),
    ("ansible_host replaces the name", {"ansible_host": "localhost"}, "192.0.2.7", []),
    ("the name leads nowhere but to this machine", {}, "localhost", []),
    ("there is no such name", {}, "no such name", []),
    ("what can be no name at all", {}, "a" * 70 + ".example", []),
]


@pytest.mark.parametrize(("variables", "host", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_addresses(variables, host, found):
    assert addresses_of(variables, host) == found
