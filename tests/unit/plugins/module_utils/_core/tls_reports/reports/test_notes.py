# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from helpers.audits import HOSTILE
from helpers.reported import returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import warning
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.notes import notes

OLD = {"domain": "a.example", "organization": "One", "policy_id": "01", "day": "2026-11-20", "current_id": "02"}
UNREADABLE = {"source": "maildir", "name": "1:2", "reason": "it is no JSON object"}


def test_each_kind_has_its_head_and_the_most_urgent_stands_first():
    wrong = [warning(domain, "policies[0]", "the entry is left out", "", "Ask") for domain in ("a.example", "")]
    told = notes(
        returned(
            refused=[UNREADABLE],
            findings=[finding.as_dict() for finding in wrong],
            outdated=[OLD],
            problems=["a folder is not there"],
        )
    )
    assert list(told.items()) == [
        ("Sources that could not be read", ["a folder is not there"]),
        ("Senders that saw an older policy", ["a.example: One saw 01 on 2026-11-20, which is 02 by now"]),
        ("Wrong in reports", ["a.example: policies[0]: the entry is left out", "policies[0]: the entry is left out"]),
        ("Refused", ["maildir: 1:2: it is no JSON object"]),
    ]


def test_where_there_is_nothing_to_say_there_is_no_head():
    assert notes(returned()) == {}


def test_nothing_of_a_stranger_can_act():
    told = notes(returned(refused=[dict.fromkeys(UNREADABLE, HOSTILE)], outdated=[dict.fromkeys(OLD, HOSTILE)]))
    assert all(sentence.isprintable() for those in told.values() for sentence in those)
