# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as metrics: what Prometheus accepts, whatever strangers have said, and no more of it than is needed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from helpers.audits import EXPIRING, HOSTILE, NO_ROUTE, NOW, broken, domain_audit, healthy, returned
from helpers.promtool import promtool

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.prometheus import HELP, metrics
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found

DOCUMENTATION = Path(__file__).resolve().parents[7] / "plugins/modules/audit_reports.py"
MIXED = returned(healthy("plain.example"), domain_audit("mx.example", EXPIRING, NO_ROUTE), broken())


def samples(text, name):
    """Every line of a metric, without its name."""
    return [line[len(name) :] for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]


def test_the_whole_of_it():
    audit = returned(
        domain_audit("new.example", found("record_missing", "_mta-sts.new.example", "no record", "Publish"))
    )
    station = 'mta_sts_station_state{domain="new.example",station='
    assert metrics(audit).splitlines() == [
        "# HELP mta_sts_audit_timestamp_seconds When the domains were looked at.",
        "# TYPE mta_sts_audit_timestamp_seconds gauge",
        f"mta_sts_audit_timestamp_seconds {NOW}",
        "# HELP mta_sts_domains How many domains have this verdict.",
        "# TYPE mta_sts_domains gauge",
        'mta_sts_domains{verdict="ok"} 0',
        'mta_sts_domains{verdict="info"} 0',
        'mta_sts_domains{verdict="warning"} 0',
        'mta_sts_domains{verdict="error"} 1',
        "# HELP mta_sts_domain_info A domain's mode as senders read it, the id in its record, and the id of the policy "
        "served.",
        "# TYPE mta_sts_domain_info gauge",
        'mta_sts_domain_info{domain="new.example",mode="unknown",record_id="",policy_id=""} 1',
        "# HELP mta_sts_station_state The worst that was found at a station of a mail's way: -1 unknown, 0 ok, 1 info, "
        "2 warning, 3 error.",
        "# TYPE mta_sts_station_state gauge",
        f'{station}"dns"}} 3',
        f'{station}"host"}} 0',
        f'{station}"tls"}} 0',
        f'{station}"policy"}} 0',
        f'{station}"mx"}} 0',
        f'{station}"reports"}} 0',
        "# HELP mta_sts_check_state The worst that a check found; absent when it found nothing: 1 info, 2 warning, "
        "3 error.",
        "# TYPE mta_sts_check_state gauge",
        'mta_sts_check_state{domain="new.example",station="dns",check="record_missing"} 3',
        "# HELP mta_sts_certificate_expiry_timestamp_seconds When the first certificate of the policy host ends.",
        "# TYPE mta_sts_certificate_expiry_timestamp_seconds gauge",
        "# HELP mta_sts_mx_certificate_expiry_timestamp_seconds When the first certificate of the MX hosts ends.",
        "# TYPE mta_sts_mx_certificate_expiry_timestamp_seconds gauge",
        "# HELP mta_sts_max_age_seconds How long senders keep the policy.",
        "# TYPE mta_sts_max_age_seconds gauge",
    ]


@pytest.mark.parametrize("audit", [MIXED, returned()], ids=["mixed", "empty"])
def test_prometheus_accepts_them(audit):
    assert promtool("check", "metrics", text=metrics(audit)) == ""


def test_prometheus_accepts_what_strangers_have_said():
    audit = domain_audit("hostile.example", found("record_id", HOSTILE, HOSTILE, HOSTILE), record_id=HOSTILE, mode=None)
    text = metrics(returned(audit))
    assert promtool("check", "metrics", text=text) == ""
    (info,) = samples(text, "mta_sts_domain_info")
    assert info.startswith(
        r'{domain="hostile.example",mode="unknown",record_id="\\x1b[2J\\x00 ]]> <b>&' + r"'\"\\ # HELP"
    )
    assert info.endswith('xxx",policy_id=""} 1')
    assert len(info) < 400


def test_moments_and_lengths():
    text = metrics(MIXED)
    assert samples(text, "mta_sts_audit_timestamp_seconds") == [f" {NOW}"]
    assert samples(text, "mta_sts_certificate_expiry_timestamp_seconds") == [
        f'{{domain="plain.example"}} {NOW + 60 * 86400}',
        f'{{domain="broken.example"}} {NOW + 9 * 86400}',
    ]
    assert samples(text, "mta_sts_mx_certificate_expiry_timestamp_seconds") == [
        f'{{domain="plain.example"}} {NOW + 90 * 86400}'
    ]
    assert samples(text, "mta_sts_max_age_seconds") == ['{domain="plain.example"} 2419200']


def test_mode_and_ids_are_labels():
    assert samples(metrics(MIXED), "mta_sts_domain_info")[0] == (
        '{domain="plain.example",mode="enforce",record_id="0123456789abcdef",policy_id="0123456789abcdef"} 1'
    )


def test_every_verdict_is_counted_also_with_nothing_to_count():
    assert samples(metrics(MIXED), "mta_sts_domains") == [
        '{verdict="ok"} 1', '{verdict="info"} 0', '{verdict="warning"} 1', '{verdict="error"} 1',
    ]  # fmt: skip


def test_stations_are_numbers():
    states = dict(line.rsplit(" ", 1) for line in samples(metrics(MIXED), "mta_sts_station_state"))
    assert len(states) == 3 * 6
    assert states['{domain="broken.example",station="tls"}'] == "3"
    assert states['{domain="broken.example",station="policy"}'] == "-1"
    assert states['{domain="mx.example",station="mx"}'] == "2"
    assert states['{domain="plain.example",station="mx"}'] == "0"


def test_only_checks_that_found_something_are_told_each_once_and_by_its_worst():
    worse = found("smtp_expiring", "another", "it is worse there", "Renew it", "error")
    text = metrics(returned(domain_audit("mx.example", EXPIRING, worse, NO_ROUTE)))
    assert samples(text, "mta_sts_check_state") == [
        '{domain="mx.example",station="mx",check="smtp_expiring"} 3',
        '{domain="mx.example",station="mx",check="smtp_no_route"} 1',
    ]


def test_ten_thousand_domains_make_ten_lines_each():
    text = metrics(returned(*(healthy(f"d{number}.example") for number in range(10_000))))
    assert len(text.splitlines()) == 10_000 * 10 + 5 + 2 * len(HELP)


def test_a_domain_that_is_listed_twice_is_told_once():
    lines = metrics(returned(broken(), broken(), *(broken(f"{check.name}.example") for check in CHECKS))).splitlines()
    assert [line for line, times in Counter(line.rsplit(" ", 1)[0] for line in lines).items() if times > 1] == []


def test_every_metric_is_documented_with_its_labels():
    said = re.findall(r"C\((mta_sts_\w+)(?:\{(.*?)\})?\)", DOCUMENTATION.read_text(encoding="utf-8"))
    text = metrics(MIXED)
    made = [(name, ",".join(re.findall(r'(\w+)="', samples(text, name)[0]))) for name in HELP]
    assert said == made


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("x" * 256, "x" * 256),
        ("x" * 257, f"{'x' * 127}...{'x' * 126}"),
        ("a\nb", "a b"),
        ('say "\\n"', r"say \"\\n\""),
    ],
)
def test_a_label_is_one_line_of_what_servers_take(text, label):
    (info,) = samples(metrics(returned(healthy("a.example", record_id=text))), "mta_sts_domain_info")
    assert f'record_id="{label}",' in info
