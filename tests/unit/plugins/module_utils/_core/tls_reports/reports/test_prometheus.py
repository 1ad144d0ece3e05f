# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS reports as metrics: what Prometheus accepts, whatever strangers have said, and 20 series a domain at most."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from helpers.audits import HOSTILE
from helpers.promtool import promtool
from helpers.reported import READ_AT, fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.prometheus import (
    HELP,
    metrics,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.result_types import RESULT_TYPES

DOCUMENTATION = Path(__file__).resolve().parents[7] / "plugins/modules/tls_reports_overview.py"
MIXED = figures(
    returned(
        report("a.example", "2026-11-20", 90, fails("certificate-expired", 10), organization="One"),
        report("a.example", "2026-11-22", 7, fails("made-up", 2), organization="Two"),
        report("a.example", "2026-11-23", 5, failed=4),
        refused=[{"source": "mail", "name": "1", "reason": "it is no JSON"}],
        outdated=[
            {"domain": "a.example", "organization": "One", "policy_id": "1", "day": day, "current_id": "2"}
            for day in ("2026-11-20", "2026-11-22")
        ],
    ),
    ["silent.example"],
)


def test_the_whole_of_it():
    assert [line for line in metrics(MIXED).splitlines() if not line.startswith("#")] == [
        f"mta_sts_reports_timestamp_seconds {READ_AT}",
        "mta_sts_reports_read 3",
        "mta_sts_reports_refused 1",
        "mta_sts_reports_unreadable_sources 0",
        'mta_sts_reports_sessions{domain="a.example",result="succeeded"} 102',
        'mta_sts_reports_sessions{domain="a.example",result="failed"} 16',
        'mta_sts_reports_sessions{domain="silent.example",result="succeeded"} 0',
        'mta_sts_reports_sessions{domain="silent.example",result="failed"} 0',
        'mta_sts_reports_recent_sessions{domain="a.example",result="succeeded"} 12',
        'mta_sts_reports_recent_sessions{domain="a.example",result="failed"} 6',
        'mta_sts_reports_recent_sessions{domain="silent.example",result="succeeded"} 0',
        'mta_sts_reports_recent_sessions{domain="silent.example",result="failed"} 0',
        'mta_sts_reports_failed_sessions{domain="a.example",result_type="certificate-expired"} 10',
        'mta_sts_reports_failed_sessions{domain="a.example",result_type="other"} 6',
        'mta_sts_reports_senders{domain="a.example"} 3',
        'mta_sts_reports_senders{domain="silent.example"} 0',
        'mta_sts_reports_outdated_senders{domain="a.example"} 1',
        'mta_sts_reports_outdated_senders{domain="silent.example"} 0',
        'mta_sts_reports_last_day_timestamp_seconds{domain="a.example"} 1795392000',
    ]


def test_prometheus_accepts_it_whatever_strangers_say():
    hostile = report("a.example", "2026-11-20", 1, fails(HOSTILE, 1, HOSTILE), organization=HOSTILE)
    text = metrics(figures(returned(hostile), [HOSTILE]))
    assert promtool("check", "metrics", text=text) == ""
    assert 'result_type="other"} 1' in text


def test_a_domain_has_at_most_twenty_series():
    every = [fails(one.name, 1) for one in RESULT_TYPES] + [fails(f"made-up-{number}", 1) for number in range(50)]
    reports = [report("a.example", "2026-11-20", 1, *every, organization=f"Sender {n}") for n in range(100)]
    lines = metrics(figures(returned(*reports))).splitlines()
    assert sum('domain="a.example"' in line for line in lines) <= 20
    assert [line for line, times in Counter(line.rsplit(" ", 1)[0] for line in lines).items() if times > 1] == []


def test_every_metric_is_documented_with_its_labels():
    said = re.findall(r"C\((mta_sts_\w+)(?:\{(.*?)\})?\)", DOCUMENTATION.read_text(encoding="utf-8"))
    text = metrics(MIXED)
    made = [
        (name, ",".join(re.findall(r'(\w+)="', re.search(rf"^{name}(.*) \d+$", text, re.MULTILINE)[1])))
        for name in HELP
    ]
    assert said == made
