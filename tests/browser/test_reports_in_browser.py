# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report, on the page: bars by day without a gap closed, what to do, on paper, from strangers, of many."""

from __future__ import annotations

import fleet
import pytest
import senders
from page import media, resize
from test_report_everywhere import CONTRASTS, TRAP, paper, squeezed

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.alone import audit_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.result_types import BY_NAME

DAYS = 60
AILING = "eastgate-clinic.example"
BARS = """
return [...document.querySelectorAll(arguments[0] + " .chart svg > g")].map((day) => ({
  title: day.querySelector("title").textContent,
  kinds: [...day.querySelectorAll("rect")].map((one) => one.classList.value).filter((kind) => kind !== "all-of-it"),
  top: day.querySelector(".succeeded")?.getBBox().y,
  height: day.querySelector(".succeeded")?.getBBox().height,
  axis: day.querySelector(".axis")?.getBBox().y,
  below: day.querySelector(".failed")?.getBBox().y,
}));
"""
NAMED = """
const svg = document.querySelector(arguments[0] + " .chart svg");
const text = (attribute) => document.getElementById(svg.getAttribute(attribute)).textContent;
return [svg.getAttribute("role"), text("aria-labelledby"), text("aria-describedby")];
"""


@pytest.fixture(scope="session")
def reported():
    return senders.small()


@pytest.fixture
def page(shown, rendered, reported):
    """Show the small fleet and what senders report on it."""
    return lambda fragment="": shown(rendered("reported", fleet.small_fleet, lambda: reported), fragment)


def test_without_reports_the_page_is_without(small):
    page = small()
    assert not page.one("#reported").is_displayed()
    page.row("brightwater.example").click()
    assert page.all(".reported-of") == []
    assert "failed" not in page.run("return [...document.querySelectorAll('#order option')].map((one) => one.value)")


def test_every_day_has_its_place_and_one_without_a_report_is_a_gap(page, reported):
    page = page()
    days = page.run(BARS, "#reported")
    assert len(days) == DAYS
    assert [day["title"][:10] for day in days] == sorted(day["title"][:10] for day in days)
    silent = [day["title"] for day in days if day["kinds"] == ["silent"]]
    assert silent == ["2026-11-04: no report", "2026-11-24: no report"]
    for day in days:
        name, _unused, words = day["title"].partition(": ")
        if words != "no report":
            succeeded, failed = reported["all"]["days"][name]
            assert words == f"{succeeded:,} succeeded, {failed:,} failed"


def test_what_failed_hangs_below_the_line_and_what_succeeded_stands_on_it(page):
    days = [day for day in page().run(BARS, "#reported") if day["kinds"] != ["silent"]]
    assert {tuple(day["kinds"]) for day in days} <= {("succeeded",), ("succeeded", "failed")}
    for day in days:
        assert day["top"] + day["height"] == pytest.approx(day["axis"])
        assert day["below"] is None or day["below"] == pytest.approx(day["axis"])
    assert max(day["height"] for day in days) > 50


def test_a_screen_reader_is_told_the_same(page, reported):
    role, title, text = page().run(NAMED, "#reported")
    failing = sum(failed > 0 for _unused, failed in reported["all"]["days"].values())
    assert role == "img"
    assert title == "Sessions a day of all domains, 2026-09-26 to 2026-11-24, UTC"
    assert text.startswith(f"Reports on 58 of 60 days; failures on {failing} days, most on 2026-")
    assert text.endswith("; no report on 2 days")


def test_the_days_can_be_read_as_a_table(page):
    page = page()
    page.one("#reported .more-of-it summary").click()
    rows = [one.text for one in page.all("#reported .chart tbody tr")]
    assert len(rows) == DAYS
    assert rows[0] == "2026-11-24 no report"


def test_the_sum_is_said_and_types_and_senders_add_up_to_it(page, reported):
    page = page()
    every = reported["all"]
    assert page.text("#reported-sums").startswith(
        f"{every['succeeded'] + every['failed']:,} sessions, {every['failed']:,} failed"
    )
    assert sum(found["sessions"] for found in every["types"]) == every["failed"]
    numbers = [int(one.text.replace(",", "")) for one in page.all("#reported .senders tbody td:nth-child(3)")]
    assert sum(numbers) == every["failed"]


def test_a_type_says_what_to_do_and_leads_to_its_domains(page):
    page = page()
    kind = page.one("#reported .type summary")
    assert "certificate-host-mismatch" in kind.text
    kind.click()
    assert page.text("#reported .type .remedy") == f"Remedy {BY_NAME['certificate-host-mismatch'].remedy}"
    page.one("#reported .type a").click()
    assert page.opened == [AILING]


def test_a_domain_has_its_own_bars_types_and_senders(page, reported):
    page = page(f"#domain={AILING}")
    own = next(one for one in reported["domains"] if one["domain"] == AILING)
    assert len(page.run(BARS, ".reported-of")) == DAYS
    assert page.run(NAMED, ".reported-of")[1].startswith(f"Sessions a day of {AILING}, 2026-09-26")
    assert f"{own['failed']:,} failed" in page.text(".reported-of .sums")
    assert page.text(".reported-of dd") == (
        "Northern Post saw 0d1f6c02a3b94e57 on 2026-11-23, which is 7d41e602eece328b by now"
    )
    assert [one.text for one in page.all(".reported-of .senders tbody th")] == [
        sender["organization"] for sender in own["senders"]
    ]


def test_a_domain_that_nobody_reports_on_has_no_zeros(page):
    page = page("#domain=saltmarsh.example")
    assert page.text(".reported-of") == "No sender has reported in 60 days."


def test_domains_can_be_ordered_by_failures(page, reported):
    page = page()
    page.choose("order", "failed")
    assert page.domains[:2] == [one["domain"] for one in reported["domains"][:2]]


def test_the_keyboard_reaches_everything(page):
    page = page()
    focusable = page.run(
        "return [...document.querySelectorAll('#reported summary, #reported a')].every((one) => one.tabIndex === 0)"
    )
    assert focusable
    page.run("document.querySelector('#reported .type summary').focus()")
    page.press("\ue007")
    assert page.one("#reported .type .remedy").is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_light_and_dark(page, scheme):
    page = page(f"#domain={AILING}")
    media(page.driver, prefers_color_scheme=scheme)
    for summary in page.all(".reported summary, .reported-of summary"):
        summary.click()
    assert [one for one in page.run(CONTRASTS)["texts"] if one[1] < 4.5] == []


@pytest.mark.parametrize("width", [360, 760])
def test_no_window_is_too_narrow(page, width):
    page = page(f"#domain={AILING}")
    resize(page.driver, width, 740)
    for summary in page.all(".reported summary, .reported-of summary"):
        summary.click()
    assert page.run("return document.documentElement.scrollWidth") <= width


def test_paper_has_what_to_do_about_every_type(page, reported):
    page = page()
    text, _unused = paper(page)
    flat = squeezed(text)
    assert "Whatsendersreport" in flat
    assert "2026-09-26to2026-11-24" in flat
    for found in reported["all"]["types"]:
        assert squeezed(found["remedy"]) in flat
    assert page.run("return document.querySelectorAll('#reported .type[open]').length") == 0


def test_what_senders_make_up_stays_text(shown, rendered):
    row = {
        "domain": "a.example", "day": "2026-11-20", "organization": TRAP, "policy_type": "sts", "succeeded": 1,
        "failed": 2**53 - 1, "policies": [], "dkim": {}, "reports": [],
        "results": [{
            "type": TRAP, "sessions": 2**53 - 1, "hosts": [{"mx": TRAP, "address": TRAP, "sessions": 1}],
            "reasons": [{"reason": TRAP, "sessions": 1}],
        }],
    }  # fmt: skip
    refused = [dict.fromkeys(("source", "name", "reason"), TRAP)]
    trapped = figures(senders.returned([row], 30, refused=refused, problems=[TRAP]))
    page = shown(rendered("reports_trapped", lambda: audit_of(trapped), lambda: trapped), "#domain=a.example")
    for summary in page.all(".reported summary, .reported-of summary"):
        summary.click()
    assert "trapped" not in page.driver.title
    assert page.all("img, main script") == []
    assert TRAP[:30] in page.text("#reported-types code")
    assert page.run("return document.documentElement.scrollWidth") <= 1280


def test_reports_alone_are_a_page_and_of_what_was_not_looked_at_nothing_is_said(shown, rendered, reported):
    page = shown(rendered("reports_alone", lambda: audit_of(reported), lambda: reported))
    labels = [one.get_attribute("aria-label") for one in page.all("#stations button")]
    assert labels[:5] == [f"{name}: 20 not looked at" for name in ("DNS", "host", "TLS", "policy", "MX")]
    assert {one.text for one in page.all("#list .mode")} == {"\u2013"}
    page.one("#stations .at-reports").click()
    assert AILING in page.domains


def test_two_thousand_domains_and_four_hundred_days_are_there_at_once(shown, rendered):
    file = rendered("reports_large", lambda: fleet.large_fleet(2000), lambda: senders.large(2000, 400))
    assert file.stat().st_size < 4_000_000
    page = shown(file)
    ready = page.until(lambda: page.run("return performance.getEntriesByName('ready')[0]?.startTime"))
    print(f"{file.stat().st_size / 1e6:.1f} MB, ready after {ready:.0f} ms")
    assert ready < 2500
    assert len(page.run(BARS, "#reported")) == 400
    page.one("button.row").click()
    assert len(page.run(BARS, ".reported-of")) == 92
    assert page.text(".reported-of .sums").endswith("; the bars show the latest 92")
