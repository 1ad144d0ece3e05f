# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The id stands for the bytes, and the record can hold it (RFC 8461, section 3.1)."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

GOOD = b"version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 2419200\n"


def test_the_id_is_the_beginning_of_the_sha256():
    assert policy_id(b"") == "e3b0c44298fc1c14"
    assert policy_id(GOOD) != policy_id(GOOD + b" ")


@given(st.binary())
def test_every_id_is_one_that_the_record_can_hold(data):
    assert re.fullmatch("[A-Za-z0-9]{1,32}", policy_id(data))
    assert policy_id(data) == policy_id(bytes(data))
