# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of an audit: the worst first, the numbers right, and nothing a stranger wrote can break out of it."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import BY_NAME, CHECKS, STATIONS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.html import (
    content_security_policy,
    headline,
    island,
    page,
    page_data,
    spelled,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import DomainAudit, found, worst

NOW = 1795480800
DAY = 86400


def result(domain, *checks, seen="seen", **more):
    findings = tuple(found(check, domain, seen, "Fix it") for check in checks)
    stations = {station: worst(finding for finding in findings if finding.station == station) for station in STATIONS}
    return DomainAudit(domain, worst(findings), stations, findings, **more).as_dict()


def audit(*results):
    return {
        "checks": [check.as_dict() for check in CHECKS],
        "results": list(results),
        "audited_at": "2026-11-24T00:40:00Z",
        "audited_at_epoch": NOW,
    }


def names(data):
    return [domain["domain"] for domain in data["domains"]]


def only_domain(*checks, **more):
    (domain,) = page_data(audit(result("example.com", *checks, **more)))["domains"]
    return domain


def test_the_worst_come_first():
    data = page_data(
        audit(
            result("neat.example", mode="enforce"),
            result("fine.example"),
            result("note.example", "dane_present"),
            result("warned.example", "tls_expiring"),
            result("testing.example", "tls_name", "mx_uncovered", mode="testing"),
            result("twice.example", "tls_name", "mx_uncovered", mode="enforce"),
            result("once.example", "tls_name", mode="enforce"),
            result("again.example", "tls_name", mode="enforce"),
        )
    )
    assert names(data) == [
        "twice.example", "again.example", "once.example", "testing.example",
        "warned.example", "note.example", "fine.example", "neat.example",
    ]  # fmt: skip


def test_the_fleet_in_numbers():
    unknown = result("half.example")
    unknown["stations"] = {**unknown["stations"], "policy": "unknown"}
    data = page_data(
        audit(
            result("a.example", "tls_name", "tls_expired", "tlsrpt_missing"),
            result("b.example", "tls_expiring"),
            unknown,
        )
    )
    assert data["verdicts"] == {"error": 1, "warning": 1, "info": 0, "ok": 1}
    stations = {station["name"]: station for station in data["stations"]}
    assert list(stations) == list(STATIONS)
    assert stations["tls"] == {"name": "tls", "error": 1, "warning": 1, "info": 0, "ok": 1, "unknown": 0}
    assert stations["policy"] == {"name": "policy", "error": 0, "warning": 0, "info": 0, "ok": 2, "unknown": 1}


def test_faults_count_domains_not_findings_and_errors_come_first():
    many = result("a.example", "tls_name", "tls_name", "tlsrpt_missing")
    data = page_data(
        audit(many, result("b.example", "tls_name", "tlsrpt_missing"), result("c.example", "tlsrpt_missing", "mx_typo"))
    )
    faults = [(CHECKS[fault["check"]].name, fault["severity"], fault["domains"]) for fault in data["faults"]]
    assert faults == [("tls_name", "error", 2), ("mx_typo", "error", 1), ("tlsrpt_missing", "warning", 3)]


def test_a_fault_is_as_bad_as_its_worst_finding():
    mild, bad = result("a.example", "tls_name"), result("b.example", "tls_name")
    mild["findings"][0]["severity"] = "info"
    for results in ((mild, bad), (bad, mild)):
        (fault,) = page_data(audit(*results))["faults"]
        assert fault["severity"] == "error"


def test_the_page_has_every_check_and_the_moment_of_the_audit():
    data = page_data(audit())
    assert [check["name"] for check in data["checks"]] == [check.name for check in CHECKS]
    assert data["audited"] == {"at": "2026-11-24T00:40:00Z", "words": "2026-11-24 00:40 UTC"}


def test_checks_are_named_by_their_place():
    domain = only_domain("tls_name", not_looked_at=("policy_html", "policy_syntax"))
    assert [CHECKS[place].name for place in domain["not_looked_at"]] == ["policy_html", "policy_syntax"]
    (finding,) = domain["findings"]
    assert finding == {
        "check": CHECKS.index(BY_NAME["tls_name"]), "severity": "error",
        "subject": "example.com", "seen": "seen", "remedy": "Fix it",
    }  # fmt: skip


def test_what_is_empty_is_left_out():
    assert set(only_domain()) == {"domain", "verdict", "stations"}


@pytest.mark.parametrize(
    ("expiry", "days"), [(NOW + 10 * DAY, 10), (NOW + DAY - 1, 0), (NOW, 0), (NOW - 1, -1), (NOW - DAY, -1)]
)
def test_days_left_are_whole_ones_and_negative_once_over(expiry, days):
    assert only_domain(certificate_expiry=expiry)["certificate"]["days"] == days


def test_moments_and_durations_are_for_people():
    domain = only_domain(max_age=604800, mx_certificate_expiry=NOW)
    assert domain["max_age"] == "1 week (604800 s)"
    assert domain["mx_certificate"] == {"days": 0, "at": "2026-11-24T00:40:00Z", "words": "2026-11-24 00:40 UTC"}
    assert only_domain(max_age=0)["max_age"] == "0 seconds (0 s)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"), (1, "1 second"), (90, "1 minute, 30 seconds"), (86400, "1 day"), (100000, "1 day, 3 hours"),
        (604800, "1 week"), (2419200, "4 weeks"), (31536000, "365 days"), (31557600, "365 days, 6 hours"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds, words):
    assert spelled(seconds) == words


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 0, 0, 0), "No domain was looked at"),
        ((0, 0, 0, 1), "The domain is in order"),
        ((0, 0, 1, 1), "All 2 domains are in order"),
        ((0, 1, 0, 2), "No errors; 1 of 3 domains has warnings"),
        ((0, 2, 0, 2), "No errors; 2 of 4 domains have warnings"),
        ((1, 0, 0, 0), "1 of 1 domain has errors"),
        ((3, 2, 0, 15), "3 of 20 domains have errors"),
    ],
)
def test_the_headline(counts, sentence):
    assert headline(dict(zip(("error", "warning", "info", "ok"), counts))) == sentence


class Elements(HTMLParser):
    """What a parser of HTML makes of a text: its elements, and what stands in scripts."""

    def __init__(self):
        """Begin with nothing."""
        super().__init__()
        self.begun, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        """Remember an element."""
        self.begun.append(tag)

    def handle_data(self, data):
        """Remember what stands in it."""
        self.text += data


def parsed(text):
    elements = Elements()
    elements.feed(f'<script type="application/json">{text}</script>')
    elements.close()
    return elements


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_breaks_out_of_the_island(seen):
    domain = only_domain("tls_name", seen=seen)
    text = island({"seen": seen, "domain": domain})
    assert not set("<>&") & set(text)
    assert text.isascii()
    elements = parsed(text)
    assert elements.begun == ["script"]
    assert json.loads(elements.text) == {"seen": seen, "domain": domain}


@pytest.mark.parametrize(
    "seen", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;/script>", "\u2028"]
)
def test_the_known_ways_out_are_shut(seen):
    elements = parsed(island({"seen": seen}))
    assert elements.begun == ["script"]
    assert json.loads(elements.text) == {"seen": seen}


def test_everything_a_stranger_writes_is_made_visible():
    trap = "a\u202eb"
    domain = only_domain(
        "tls_name", seen=trap, record_id=trap, policy_id=trap, policy_host=trap,
        patterns=(trap,), mx=(trap,), addresses=(trap,), rua=(trap,),
    )  # fmt: skip
    assert "\u202e" not in json.dumps(domain, ensure_ascii=False)


def test_the_security_policy_lets_this_style_and_script_run_and_nothing_else():
    assert content_security_policy("", "alert(1)").split("; ") == [
        "default-src 'none'",
        "style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


def test_a_domain_has_its_u_labels_beside_what_dns_knows_and_strangers_names_have_none():
    name, german = "xn--bcher-kva.test", "b\u00fccher.test"
    facts = {
        "policy_host": f"mta-sts.{name}",
        "patterns": (f"*.{name}", "mx.xn--mller-kva.test"),
        "mx": (f"mx.{name}", "mx.xn--mller-kva.test", f"not-{name}"),
    }
    (domain,) = page_data(audit(result(name, "tls_name", **facts)))["domains"]
    assert (domain["domain"], domain["name"]) == (name, german)
    assert domain["policy_host"] == f"mta-sts.{german} (mta-sts.{name})"
    assert domain["patterns"] == [f"*.{german} (*.{name})", "mx.xn--mller-kva.test"]
    assert domain["mx"] == [f"mx.{german} (mx.{name})", "mx.xn--mller-kva.test", f"not-{name}"]
    assert domain["findings"][0]["subject"] == name
    assert "name" not in only_domain("tls_name")


FRAME = (
    '<meta content="@security@"><title>@headline@</title><style>p { }</style><time>@audited@</time>'
    '<script type="application/json">@data@</script><script type="module">0</script>'
)


def test_the_places_of_the_frame_are_filled_in():
    said = audit(result("example.com", seen="@headline@"))
    text = page(said, FRAME)
    data = page_data(said)
    assert text == FRAME.replace("@data@", island(data)).replace(
        "<title>@headline@</title>", f"<title>{headline(data['verdicts'])}</title>"
    ).replace("@audited@", "2026-11-24 00:40 UTC").replace("@security@", content_security_policy("p { }", "0"))


def test_what_a_stranger_wrote_is_no_place_of_the_frame():
    text = page(audit(result("example.com", "tls_name", seen="@data@ @security@")), FRAME)
    assert "@data@ @security@" in text
