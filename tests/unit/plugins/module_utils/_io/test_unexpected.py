# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody has thought of is told with its kind, its words and its place."""

from __future__ import annotations

import re

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import texts
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.unexpected import told


def test_the_place_is_the_last_one_in_this_collection():
    with pytest.raises(TypeError) as raised:
        texts([[b"v=STSv1;"], [object()]])
    words = told(raised.value)
    assert re.fullmatch(r"TypeError: .* \(in module_utils/_core/dns/rrsets\.py line \d+, (texts|<\w+>)\)", words)


def test_what_has_neither_words_nor_a_place_has_its_kind():
    assert told(RecursionError()) == "RecursionError"
