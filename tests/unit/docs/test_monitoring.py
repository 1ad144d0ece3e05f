# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alert rules and dashboard, tried by Prometheus itself on the metrics that our modules write."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from helpers.audits import EXPIRING, domain_audit, healthy, returned
from helpers.promtool import promtool
from helpers.reported import fails, report
from helpers.reported import returned as reported

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.prometheus import HELP as OF_AUDIT
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.prometheus import metrics
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports import prometheus as reports

MONITORING = Path(__file__).resolve().parents[3] / "docs/monitoring"
RULES = MONITORING / "mta-sts.rules.yml"
DASHBOARD = json.loads((MONITORING / "grafana.json").read_text(encoding="utf-8"))
ALERTS = {
    rule["alert"] for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
}

HELP = {**OF_AUDIT, **reports.HELP}
HALF_HOUR, HOUR, DAY = 1800, 3600, 86400
MX_FAULT = found("smtp_expired", "mx", "the certificate has expired", "Renew it")
TLS_FAULT = found("tls_name", "192.0.2.1", "the certificate names another", "Order one")
OLD_TLS = found("tls_old_version", "192.0.2.1", "it accepts TLS 1.0", "Allow 1.2 and 1.3 only")
TLS_EXPIRING = found("tls_expiring", "192.0.2.1", "it ends soon", "See why")


def history(text_at, hours):
    """What Prometheus has after that many hours, scraping every half hour: each series and its values."""
    moments = range(0, int(hours * HOUR) + 1, HALF_HOUR)
    values = {}
    for place, moment in enumerate(moments):
        for line in text_at(moment).splitlines():
            if not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                values.setdefault(series, ["_"] * len(moments))[place] = value
    return [{"series": _from_here(series), "values": " ".join(those)} for series, those in values.items()]


def _from_here(series):
    """Add the label that Prometheus gives everything it scrapes."""
    name, _unused, labels = series.partition("{")
    return f'{name}{{instance="here",{labels}' if labels else f'{name}{{instance="here"}}'


def labels(alert):
    """The labels of an alert that is written as its name and, perhaps, a domain."""
    inside = ",".join(f'{label}="{value}"' for label, value in zip(["alertname", "domain"], alert.split()))
    return f"{{{inside}}}"


def always(*domains):
    return lambda moment: returned(*domains, at=moment)


def enforce(domain, *findings, **facts):
    return domain_audit(domain, *findings, mode="enforce", **facts)


ALL_WELL = [healthy(f"d{number}.example") for number in range(20)]
# What is audited, how many hours later, and which alerts then fire for which domains
CASES = {
    "all is well": (always(*ALL_WELL), 30, []),
    "an MX is broken in enforce": (
        always(enforce("a.example", MX_FAULT)), 2, ["MtaStsMailRefused a.example", "MtaStsBroken a.example"],
    ),
    "an MX is broken in enforce since one audit": (always(enforce("a.example", MX_FAULT)), 1, []),
    "an MX is broken, but in testing": (
        always(domain_audit("a.example", MX_FAULT, mode="testing")), 2, ["MtaStsBroken a.example"],
    ),
    "something else is broken in enforce": (always(enforce("a.example", TLS_FAULT)), 2, ["MtaStsBroken a.example"]),
    "it breaks in every other audit": (
        lambda moment: returned(
            enforce("a.example", *([TLS_FAULT] if moment // HOUR % 2 else [])), at=moment - moment % HOUR
        ), 12, [],
    ),
    "two of ten are broken": (
        always(*ALL_WELL[:8], enforce("a.example", TLS_FAULT), enforce("b.example", TLS_FAULT)), 2,
        ["MtaStsManyBroken", "MtaStsBroken a.example", "MtaStsBroken b.example"],
    ),
    "two of twenty-two are broken": (
        always(*ALL_WELL, enforce("a.example", TLS_FAULT), enforce("b.example", TLS_FAULT)), 2,
        ["MtaStsBroken a.example", "MtaStsBroken b.example"],
    ),
    "there is a warning for a day": (always(enforce("a.example", OLD_TLS)), 24, ["MtaStsFlawed a.example"]),
    "there is a warning for less": (always(enforce("a.example", OLD_TLS)), 23, []),
    "certificates end within two weeks": (
        always(
            enforce("a.example", TLS_EXPIRING, certificate_expiry=13 * DAY),
            enforce("b.example", EXPIRING, mx_certificate_expiry=13 * DAY),
        ), 25, ["MtaStsCertificateExpiring a.example", "MtaStsMxCertificateExpiring b.example"],
    ),
    "certificates end later": (
        always(healthy("a.example", certificate_expiry=15 * DAY, mx_certificate_expiry=15 * DAY)), 20, [],
    ),
    "short-lived certificates are fresh": (
        always(healthy("a.example", certificate_expiry=5 * DAY, mx_certificate_expiry=5 * DAY)), 20, [],
    ),
    "there was no audit since four hours": (lambda _moment: returned(*ALL_WELL, at=0), 4, ["MtaStsAuditStale"]),
    "there was no audit since three hours": (lambda _moment: returned(*ALL_WELL, at=0), 3, []),
    "there are no metrics for three hours": (lambda _moment: None, 3, ["MtaStsAuditMissing"]),
    "there are no metrics for two hours": (lambda _moment: None, 2, []),
}  # fmt: skip


def of_audits(audit_at):
    def text_at(moment):
        audit = audit_at(moment)
        return "" if audit is None else metrics(audit)

    return text_at


def read_nightly(*days, at=None, **more):
    """What Prometheus scrapes where reports of these days since the first one are read each midnight."""
    made = [report("a.example", iso_time(day * DAY)[:10], *sessions) for day, *sessions in days]

    def text_at(moment):
        midnight = moment - moment % DAY if at is None else at
        read_by_then = [one for one in made if one.start <= midnight]
        read = figures(reported(*read_by_then, at=midnight, **more), ["a.example"])
        return metrics(returned(*ALL_WELL, at=moment)) + reports.metrics(read)

    return text_at


THREE_OF_100, ONE_OF_1000 = (97, fails("certificate-expired", 3)), (999, fails("certificate-expired", 1))
OF_REPORTS = {
    "senders report failures": (read_nightly((0, *THREE_OF_100)), 3, ["MtaStsFailuresReported a.example"]),
    "senders report failures since an hour": (read_nightly((0, *THREE_OF_100)), 1, []),
    "senders report hardly any failure": (read_nightly((0, *ONE_OF_1000)), 3, []),
    "senders reported failures some days ago": (read_nightly((0, *THREE_OF_100), (3, 9)), 4 * 24, []),
    "nobody reports for a month": (read_nightly((0, 9)), 31 * 24 + 1, ["MtaStsReportsSilent a.example"]),
    "nobody reports for less": (read_nightly((0, 9)), 31 * 24 - 1, []),
    "a mailbox is not there": (read_nightly((0, 9), problems=["it is gone"]), 3, ["MtaStsReportsUnreadable"]),
    "nobody has read for two days": (read_nightly((0, 9), at=0), 49, ["MtaStsReportsStale"]),
    "nobody has read for less": (read_nightly((0, 9), at=0), 47, []),
}
ALL_CASES = {**{name: (of_audits(audit_at), *more) for name, (audit_at, *more) in CASES.items()}, **OF_REPORTS}


@pytest.mark.parametrize("case", ALL_CASES)
def test_alerts_fire_when_they_should_and_no_others(case, tmp_path):
    text_at, hours, expected = ALL_CASES[case]
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "30m",
        "tests": [
            {
                "interval": "30m",
                "input_series": history(text_at, hours),
                "promql_expr_test": [
                    {
                        "expr": 'sum by (alertname, domain) (ALERTS{alertstate="firing"})',
                        "eval_time": f"{hours}h",
                        "exp_samples": [{"labels": labels(alert), "value": 1} for alert in expected],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump(test), encoding="utf-8")
    assert promtool("test", "rules", str(file)) == ""


def test_every_alert_is_seen_firing():
    assert {alert.split()[0] for _text, _hours, expected in ALL_CASES.values() for alert in expected} == ALERTS


def test_prometheus_accepts_the_rules():
    assert promtool("check", "rules", str(RULES)) == ""


EXPRESSIONS = [
    (panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]
]  # fmt: skip


def test_prometheus_accepts_every_expression_of_the_dashboard(tmp_path):
    rules = [
        {"record": f"panel:{place}", "expr": re.sub(r"\$\w+", ".*", expression)}
        for place, (_title, expression) in enumerate(EXPRESSIONS)
    ]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    assert promtool("check", "rules", str(file)) == ""


@pytest.mark.parametrize("file", [RULES, MONITORING / "grafana.json"], ids=lambda file: file.name)
def test_every_metric_that_is_named_exists(file):
    named = set(re.findall(r"\bmta_sts_\w+", file.read_text(encoding="utf-8")))
    assert named - set(HELP) == set()


def test_the_readme_has_every_metric_and_every_alert():
    readme = (MONITORING / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(mta_sts_\w+)` \|", readme, re.MULTILINE) == list(HELP)
    assert set(re.findall(r"^\| `(MtaSts\w+)` \|", readme, re.MULTILINE)) == ALERTS


def test_the_dashboard_shows_every_metric():
    assert {name for name in HELP if name not in str(EXPRESSIONS)} == set()


def test_grafana_can_import_the_dashboard():
    assert DASHBOARD["id"] is None
    assert DASHBOARD["uid"] == "mta-sts"
    assert DASHBOARD["schemaVersion"] >= 36
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__all"}
    assert used == set(variables)
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_no_panel_lies_on_another():
    cells = [
        (column, row)
        for panel in DASHBOARD["panels"]
        for column in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for row in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _row in cells) < 24
