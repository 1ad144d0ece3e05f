# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Registered domains by the public suffix list, as its algorithm has it."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.suffixes import PublicSuffixes

LIST = """// ICANN
com
uk
co.uk   // what follows is no part of a rule
*.ck
!www.ck

公司.cn
// private
github.io
"""


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("mta-sts.example.com", "example.com"),
        ("mta-sts.a.b.example.com", "example.com"),
        ("MTA-STS.example.co.uk.", "example.co.uk"),
        ("mta-sts.example.uk", "example.uk"),
        ("mta-sts.shop.example.ck", "shop.example.ck"),
        ("mta-sts.www.ck", "www.ck"),
        ("mta-sts.me.github.io", "me.github.io"),
        ("mta-sts.example.xn--55qx5d.cn", "example.xn--55qx5d.cn"),
        ("mta-sts.example.unlisted", "example.unlisted"),
        ("co.uk", "co.uk"),
        ("com", "com"),
    ],
)
def test_a_registered_domain_is_a_label_before_a_public_suffix(name, registered):
    assert PublicSuffixes(LIST).registered(name) == registered


def test_without_the_list_each_name_counts_for_itself():
    assert PublicSuffixes().registered("Mta-Sts.example.com.") == "mta-sts.example.com"
