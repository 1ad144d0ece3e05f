# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The form of the catalogue: what filters, alerts and people rely on in every check."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import BY_NAME, CHECKS, STATIONS


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
    assert re.fullmatch("([A-Z]|[a-z]+_).*[a-z].*[^.]", check.title)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_sentence_of_a_check_has_no_stray_capitals_at_its_ends(check):
    assert re.match("([A-Z][a-z]*|[A-Z]{2,4}|[a-z]+_[a-z]+) ", check.title)
    assert not re.search("[a-z0-9][A-Z]{2,}$", check.title)
