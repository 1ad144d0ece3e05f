# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is pending, in words."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import SET
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.pending import (
    Pending,
    in_words,
    pending_of,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.schedule import WHY, Slot, Wanted

LATER = Pending(1795946400.0, SET)


@pytest.mark.parametrize(
    ("pending", "good", "words"),
    [
        (
            {"rsa3072": LATER},
            ["p256"],
            "RSA: the CA takes the next order of this set of names at 2026-11-29 10:00 UTC; ECDSA stands in until then",
        ),
        ({"p384": Pending(0.0)}, [], "ECDSA: it is its turn soon"),
    ],
)
def test_a_limit_is_told_with_its_end(pending, good, words):
    assert in_words(pending, good) == words


def test_each_name_has_its_slots():
    slots = [
        Slot(Wanted("a", "p256", 0), 5.0, SET),
        Slot(Wanted("a", "rsa3072", 0), 6.0),
        Slot(Wanted("b", "p256", 0), 7.0),
    ]
    found = pending_of(slots)
    assert found == {"a": {"p256": Pending(5.0, SET), "rsa3072": Pending(6.0)}, "b": {"p256": Pending(7.0)}}


def test_every_limit_has_its_words():
    assert all(str(Pending(0.0, why)).startswith("the CA ") for why in WHY)
