# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
from helpers.reported import fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    REPORT_HOSTS_SHOWN,
    REPORT_SENDERS_SHOWN,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import (
    days_before,
    days_between,
    figures,
    share,
)

GONE = fails("starttls-not-supported", 3, "mx1.a.example", "192.0.2.1", "no STARTTLS")
WRONG = fails("certificate-host-mismatch", 2, "mx2.a.example", "192.0.2.2")


def of(found, domain):
    return next(one for one in found["domains"] if one["domain"] == domain)


def test_a_session_counts_once_however_many_types_hosts_and_senders_there_are():
    found = figures(
        returned(
            report("a.example", "2026-11-20", 95, GONE, WRONG, organization="One"),
            report("a.example", "2026-11-20", 40, organization="Two"),
            report("a.example", "2026-11-21", 10, GONE, organization="One"),
            report("a.example", "2026-11-21", 7, organization="One", policy_type="tlsa"),
            report("b.example", "2026-11-21", 1, organization="Two"),
        )
    )
    a = of(found, "a.example")
    assert (a["succeeded"], a["failed"], a["unexplained"]) == (152, 8, 0)
    assert a["days"] == {"2026-11-20": [135, 5], "2026-11-21": [17, 3]}
    assert a["last_day"] == "2026-11-21"
    assert a["senders"] == [
        {"organization": "One", "succeeded": 112, "failed": 8, "days": 2},
        {"organization": "Two", "succeeded": 40, "failed": 0, "days": 1},
    ]
    assert [(one["type"], one["sessions"], one["last_day"]) for one in a["types"]] == [
        ("starttls-not-supported", 6, "2026-11-21"),
        ("certificate-host-mismatch", 2, "2026-11-20"),
    ]
    assert a["types"][0]["hosts"] == [{"mx": "mx1.a.example", "address": "192.0.2.1", "sessions": 6}]
    assert (a["types"][0]["senders"], a["types"][0]["reasons"]) == (["One"], ["no STARTTLS"])
    assert found["all"]["days"] == {"2026-11-20": [135, 5], "2026-11-21": [18, 3]}
    assert (found["all"]["succeeded"], found["all"]["failed"], found["all"]["sender_count"]) == (153, 8, 2)
    assert (found["all"]["types"][0]["domains"], found["all"]["types"][0]["domain_count"]) == (["a.example"], 1)
    assert json.loads(json.dumps(found)) == found


def test_each_type_says_what_it_means_and_what_to_do():
    (found,) = figures(returned(report("a.example", "2026-11-20", 0, GONE)))["all"]["types"]
    assert found["meaning"] == "The MX did not offer STARTTLS"
    assert found["remedy"].startswith("Switch it on at the MX that is named")
    (other,) = figures(returned(report("a.example", "2026-11-20", 0, fails("made-up", 1))))["all"]["types"]
    assert other["remedy"] == "Read the reason that the sender gives, or ask it"


def test_failures_without_details_are_counted_as_such():
    found = figures(returned(report("a.example", "2026-11-20", 1, WRONG, failed=7)))
    assert (found["all"]["failed"], found["all"]["unexplained"]) == (7, 5)
    more_details = figures(returned(report("a.example", "2026-11-20", 1, WRONG, failed=1)))
    assert (more_details["all"]["failed"], more_details["all"]["unexplained"]) == (1, 0)


def test_the_worst_comes_first_and_domains_without_a_report_are_there():
    found = figures(
        returned(report("a.example", "2026-11-20", 9), report("b.example", "2026-11-20", 0, WRONG)),
        ["c.example", "a.example"],
    )
    assert [one["domain"] for one in found["domains"]] == ["b.example", "a.example", "c.example"]
    silent = of(found, "c.example")
    assert (silent["succeeded"], silent["failed"], silent["days"], silent["last_day"]) == (0, 0, {}, None)


def test_days_of_which_nobody_reports_are_not_there_and_are_not_zero():
    found = figures(returned(report("a.example", "2026-11-20", 0), report("a.example", "2026-11-22", 4)))
    assert of(found, "a.example")["days"] == {"2026-11-20": [0, 0], "2026-11-22": [4, 0]}


def test_the_period_is_the_one_asked_for_and_never_longer_than_what_is_kept():
    asked = figures(returned(report("a.example", "2026-11-20", 4), report("a.example", "1970-01-01", 5)))
    assert (asked["since"], asked["until"], asked["beyond"]) == ("2026-10-26", "2026-11-24", 5)
    assert asked["all"]["succeeded"] == 4
    whole = figures(
        returned(report("a.example", "2026-11-20", 4), report("a.example", "1970-01-01", 5), since=None, until=None)
    )
    assert (whole["since"], whole["until"], whole["beyond"]) == ("2025-10-21", "2026-11-24", 5)
    assert len(days_between(whole["since"], whole["until"])) == 400
    short = figures(returned(report("a.example", "2026-11-20", 4), since=None, until=None))
    assert short["since"] == "2026-11-20"
    nothing = figures(returned(since=None, until=None))
    assert (nothing["since"], nothing["until"]) == ("2026-11-24", "2026-11-24")


def test_what_strangers_make_up_stays_short():
    many = [
        report(
            "a.example", "2026-11-20", 1, fails("validation-failure", 1, f"mx{n}.a.example"), organization=f"{n} " * 200
        )
        for n in range(60)
    ]
    found = of(figures(returned(*many)), "a.example")
    assert len(found["senders"]) == REPORT_SENDERS_SHOWN
    assert found["sender_count"] == 60
    assert max(len(one["organization"]) for one in found["senders"]) == 80
    (one,) = found["types"]
    assert (len(one["hosts"]), one["host_count"], one["sender_count"]) == (REPORT_HOSTS_SHOWN, 60, 60)


def test_a_sender_without_a_name_is_called_so():
    found = figures(returned(report("a.example", "2026-11-20", 1, organization="")))
    assert found["all"]["senders"][0]["organization"] == "a sender without a name"


@pytest.mark.parametrize(
    ("failed", "succeeded", "words"),
    [(0, 0, "0 %"), (0, 9, "0 %"), (1, 0, "100 %"), (1, 99999, "< 0.1 %"), (12, 988, "1.2 %"), (99999, 1, "99.9 %")],
)
def test_the_share_never_hides_a_session(failed, succeeded, words):
    assert share(failed, succeeded) == words


def test_days_are_counted_by_the_calendar():
    assert days_between("2028-02-28", "2028-03-01") == ["2028-02-28", "2028-02-29", "2028-03-01"]
    assert days_before("2027-01-01", 1) == "2026-12-31"
    assert days_before("0001-01-02", 1) == days_before("0001-01-02", 400) == "0001-01-01"
