# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The form of the catalogue: what filters, alerts and people rely on in every check."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import (
    BY_NAME,
    CHECKS,
    NEEDING,
    STATIONS,
    Need,
)


def test_the_stations_are_in_the_order_of_a_mails_way():
    assert STATIONS == ("dns", "host", "tls", "policy", "mx", "reports")
    assert [station for station in STATIONS if any(check.station == station for check in CHECKS)] == list(STATIONS)
    places = [STATIONS.index(check.station) for check in CHECKS]
    assert places == sorted(places)


def test_no_name_stands_for_two_checks():
    assert [name for name, times in Counter(check.name for check in CHECKS).items() if times > 1] == []
    assert list(BY_NAME.values()) == list(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_has_a_name_a_weight_a_source_and_a_sentence(check):
    assert re.fullmatch("[a-z]+(_[a-z0-9]+)+", check.name)
    assert check.severity in {"error", "warning", "info"}
    assert re.fullmatch(r"RFC \d{4}, section \d+(\.\d+)*|docs/audit\.md, What it does not look at", check.section)
    for sentence in (check.title, check.fault):
        assert re.fullmatch("([A-Z]|[a-z]+_).*[a-z].*[^.]", sentence)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_sentences_of_a_check_have_no_stray_capitals_at_their_ends(check):
    for sentence in (check.title, check.fault):
        assert re.match("([A-Z][a-z]*|[A-Z]{2,4}|[a-z]+_[a-z]+) ", sentence)
        assert not re.search("[a-z0-9][A-Z]{2,}$", sentence)


def test_what_should_hold_and_what_is_wrong_are_told_apart():
    titles = {check.title for check in CHECKS}
    assert [check.name for check in CHECKS if check.fault in titles] == []


def test_no_two_faults_read_the_same():
    assert [fault for fault, times in Counter(check.fault for check in CHECKS).items() if times > 1] == []


def test_every_need_is_one_of_some_check_and_none_is_named_twice_by_one():
    assert [need for need in Need if not NEEDING[need]] == []
    assert [check.name for check in CHECKS if len(set(check.needs)) < len(check.needs)] == []


def test_the_checks_of_a_station_need_what_its_way_needs():
    on_the_way = {"host": Need.CONCERN, "tls": Need.CONNECTION, "policy": Need.CONCERN, "mx": Need.MX}
    for station, need in on_the_way.items():
        assert [check.name for check in CHECKS if check.station == station and need not in check.needs] == []


def test_the_module_returns_sentences_and_not_what_a_check_needs():
    assert BY_NAME["tls_name"].as_dict() == {
        "name": "tls_name",
        "station": "tls",
        "severity": "error",
        "section": "RFC 8461, section 3.3",
        "title": "The certificate names the policy host",
        "fault": "The certificate does not name the policy host",
    }
