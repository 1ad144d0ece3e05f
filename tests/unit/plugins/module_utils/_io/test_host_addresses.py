# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The addresses of a policy host that was not asked for them."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.host_addresses import addresses_of

CASES = [
    ("an address is itself", "192.0.2.7", ["192.0.2.7"]),
    ("an IPv6 one", "2001:DB8::7", ["2001:DB8::7"]),
    ("so is what shall be one, for others to refuse", "300.1.1.1", ["300.1.1.1"]),
    ("the name leads nowhere but to this machine", "localhost", []),
    ("there is no such name", "no such name", []),
    ("what can be no name at all", "a" * 70 + ".example", []),
]


@pytest.mark.parametrize(("given", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_addresses(given, found):
    assert addresses_of([given]) == {given: found}
