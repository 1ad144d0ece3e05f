# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long one domain is waited for, and how often it is asked again."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.proof import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import patience
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.patience import (
    Patience,
    TooLate,
    blame,
    persistently,
)

PASSING = {"tcp", "timeout"}


@dataclass
class Sight:
    """What a look gave, of which only the fault counts here."""

    fault: Fault | None = None


def fault(kind):
    return Fault(kind, f"{kind} went wrong", "Put it right")


def test_while_there_is_time_everything_gets_what_it_is_given_and_never_more_than_is_left():
    patient = Patience(10)
    assert not patient.over
    assert patient.allow(3) == 3
    assert 9 < patient.allow(60) <= 10


def test_when_the_time_is_over_nothing_is_begun():
    impatient = Patience(0.01)
    time.sleep(0.02)
    assert impatient.over
    with pytest.raises(TooLate):
        impatient.allow(3)


@pytest.mark.parametrize(
    ("kind", "allowed", "is_blamed"),
    [("timeout", 5, True), ("timeout", 1, False), ("unreachable", 1, False), ("tcp", 1, True), ("tls_name", 1, True)],
)
def test_who_was_given_less_time_than_others_is_not_called_slow(kind, allowed, is_blamed):
    if is_blamed:
        assert blame(fault(kind), allowed, 5) == fault(kind)
    else:
        with pytest.raises(TooLate):
            blame(fault(kind), allowed, 5)


@pytest.fixture
def look(monkeypatch):
    """Return a function that looks with these faults in turn, and how often it was called; no pause is waited for."""
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0)

    def look(kinds, attempts):
        looks = []

        def once():
            looks.append(kinds[len(looks)])
            if looks[-1] == "too late":
                raise TooLate
            return Sight(fault(looks[-1]) if looks[-1] else None)

        seen = persistently(once, PASSING, attempts)
        return seen.fault.kind if seen.fault else None, len(looks)

    return look


@pytest.mark.parametrize(
    ("kinds", "attempts", "last", "looks"),
    [
        ([None], 3, None, 1),
        (["tcp", None], 3, None, 2),
        (["tcp", "timeout", "tcp"], 3, "tcp", 3),
        (["tcp", "tls_name"], 3, "tls_name", 2),
        (["tls_name"], 3, "tls_name", 1),
        (["tcp"], 1, "tcp", 1),
        (["tcp"], 0, "tcp", 1),
        (["tcp", "too late"], 3, "tcp", 2),
    ],
    ids=[
        "all is well", "well the second time", "never well", "another fault", "a fault that stays", "one attempt",
        "at least one", "no time for the second",
    ],
)  # fmt: skip
def test_a_fault_that_may_pass_is_looked_at_again(look, kinds, attempts, last, looks):
    assert look(kinds, attempts) == (last, looks)


def test_without_time_for_a_single_look_nothing_is_known(look):
    with pytest.raises(TooLate):
        look(["too late"], 3)


def test_there_is_a_second_between_two_looks():
    began = time.monotonic()
    persistently(lambda: Sight(fault("tcp")), PASSING, 2)
    assert 1 <= time.monotonic() - began < 5
