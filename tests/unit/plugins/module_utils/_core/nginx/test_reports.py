# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where reports may be taken and how many; what nginx makes of it is tested with a real one."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.reports import (
    ReportOptions,
    check_reports,
    report_values,
)

HOSTS = ["mta-sts.a.example"]


def refused(**options):
    return [str(finding) for finding in check_reports(ReportOptions(**options), HOSTS)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"path": "/a/b_c-d.e~1"},
        {"name": "reports.example.net"},
        {"name": "Bücher.example"},
        {"rate": 1},
        {"quota": 20},
        {"age": "1d"},
        {"age": "86400"},
    ],
)
def test_what_can_be(options):
    assert refused(**options) == []


LETTERS = "Remedy: Write one of letters, digits and / _ . ~ - that begins with / and does not end with it."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "reports"}, f'reports.path: "reports" is not a path for reports (RFC 8460, section 5.4). {LETTERS}'),
        ({"path": "/"}, f'reports.path: "/" is not a path for reports (RFC 8460, section 5.4). {LETTERS}'),
        ({"path": "/a b"}, f'reports.path: "/a b" is not a path for reports (RFC 8460, section 5.4). {LETTERS}'),
        ({"path": "/a;"}, f'reports.path: "/a;" is not a path for reports (RFC 8460, section 5.4). {LETTERS}'),
        ({"path": "/a\n"}, f'reports.path: "/a\\n" is not a path for reports (RFC 8460, section 5.4). {LETTERS}'),
        ({"path": "/%41"}, f'reports.path: "/%41" is not a path for reports (RFC 8460, section 5.4). {LETTERS}'),
        (
            {"path": "/.well-known/mta-sts.txt"},
            'reports.path: "/.well-known/mta-sts.txt" lies below /.well-known/, where policies and challenges are. '
            "Remedy: Choose another path, such as /tls-reports.",
        ),
        (
            {"name": "reports"},
            "reports.name: 'reports' is a single label, not a domain. Remedy: Write the whole name, as in example.com.",
        ),
        (
            {"name": "MTA-STS.a.example"},
            "reports.name: mta-sts.a.example is a policy host. Remedy: Leave sts_vhost_reports_name empty: reports are "
            "then taken at the names of all policy hosts.",
        ),
        (
            {"rate": 0},
            "reports.rate: 0 reports a minute are too few. "
            "Remedy: Give 1 or more; to take no reports at all set sts_vhost_reports to false.",
        ),
        (
            {"quota": 19},
            "reports.quota: 19 megabytes are too few. "
            "Remedy: Give 20 or more; to take no reports at all set sts_vhost_reports to false.",
        ),
        (
            {"age": "soon"},
            "reports.age: 'soon' is not a duration. Remedy: Write a number and a unit (s, m, h, d or w), such as 30d.",
        ),
        (
            {"age": "86399s"},
            "reports.age: 86399s is less than a day. Remedy: Give 1d or more, so that a nightly run reads all.",
        ),
    ],
)
def test_what_cannot_be(options, message):
    assert refused(**options) == [message]


def test_what_the_service_keeps_to():
    store = ReportOptions(root="/srv/reports", quota=20, age="2d").store
    assert store == {"root": "/srv/reports", "quota_bytes": 20_000_000, "age_seconds": 172_800}


def test_the_rate_is_that_of_an_address():
    lines = report_values(ReportOptions(rate=7))
    assert [line for line in lines["http_lines"] if "rate=7r/m" in line] == [
        "limit_req_zone $binary_remote_addr zone=mta_sts_reports:1m rate=7r/m;"
    ]
    assert "limit_req zone=mta_sts_reports burst=7 nodelay;" in lines["limit_lines"]


def test_reports_are_taken_at_their_path_into_their_folder():
    values = report_values(ReportOptions(path="/in", root="/srv/reports"))
    assert {key: values[key] for key in ("path", "root", "uploads")} == {
        "path": "/in",
        "root": "/srv/reports",
        "uploads": "/srv/reports/uploads",
    }
