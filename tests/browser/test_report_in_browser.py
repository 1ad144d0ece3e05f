# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of an audit as a postmaster uses it: find, filter, open, by mouse and by keyboard, in links."""

from __future__ import annotations

import fleet
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS

SICK = "brightwater.example"  # its certificate does not name the policy host
WORST_FIRST = ["error"] * 5 + ["warning"] * 3 + ["info"] + ["ok"] * 11


def checks_at(station):
    return [check.name for check in CHECKS if check.station == station]


def with_check(audit, check):
    return {
        result["domain"]
        for result in audit["results"]
        if any(finding["check"] == check for finding in result["findings"])
    }


def test_the_fleet_at_a_glance(small, small_audit):
    page = small()
    assert page.text("h1") == "5 of 20 domains have errors"
    assert page.text(".kicker time") == "2026-11-24 00:40 UTC"
    verdicts = [(one.text, one.get_attribute("class")) for one in page.all("#verdicts button")]
    assert verdicts == [
        ("5\nwith errors", "error"),
        ("3\nwith warnings", "warning"),
        ("1\nwith notes", "info"),
        ("11\nin order", "ok"),
    ]
    labels = [one.get_attribute("aria-label") for one in page.all("#stations button")]
    assert labels == [
        "DNS: 20 in order",
        "host: 1 error, 19 in order",
        "TLS: 2 errors, 1 warning, 1 not looked at, 16 in order",
        "policy: 1 error, 1 warning, 3 not looked at, 15 in order",
        "MX: 1 error, 1 note, 18 in order",
        "reports: 1 warning, 19 in order",
    ]
    heights = [one.size["height"] for one in page.all("#stations .bar.error")]
    assert heights.index(max(heights)) == 2
    assert page.text("#faults li button") == "2 domainserror: The certificate does not name the policy host tls_name"
    assert len(page.domains) == len(small_audit["results"])


def test_the_worst_stand_first_and_others_orders_can_be_had(small, small_audit):
    page = small()
    verdicts = {result["domain"]: result["verdict"] for result in small_audit["results"]}
    assert [verdicts[domain] for domain in page.domains] == WORST_FIRST
    page.choose("order", "name")
    assert page.domains == sorted(verdicts)
    page.choose("order", "expiry")
    ends = {result["domain"]: result["certificate_expiry_epoch"] or 10**12 for result in small_audit["results"]}
    assert [ends[domain] // 86400 for domain in page.domains] == sorted(end // 86400 for end in ends.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("harbour", {"harbour-radio.example"}),
        ("MX1.Kestrel", {"kestrel-labs.example"}),
        ("http_redirect", {"museum-of-tides.example"}),
        ("names the policy host", {"brightwater.example", "opal-insurance.example"}),
        ("certificate does not name", {"brightwater.example", "opal-insurance.example"}),
        ("tls_name bright", {"brightwater.example"}),
        ("nobody-has-this", set()),
    ],
)
def test_search_finds_domains_mx_checks_and_texts(small, text, found):
    page = small()
    page.search(text)
    assert set(page.domains) == found
    assert page.count == f"{len(found)} of 20 domains"
    assert page.one("#nothing").is_displayed() == (not found)


def test_what_was_searched_for_is_marked(small):
    page = small()
    page.search("harbour")
    assert page.text("#list mark") == "harbour"


@pytest.mark.parametrize(
    "text", ["b\u00fccher", "bu\u0308cher", "B\u00dcCHER.example", "xn--bcher", "mta-sts.b\u00fccher"]
)
def test_an_international_name_is_found_in_both_forms_and_shows_both(shown, rendered, text):
    page = shown(rendered("international", fleet.international_fleet))
    page.search(text)
    assert page.domains == ["b\u00fccher.example (xn--bcher-kva.example)"]


def test_a_link_to_an_international_name_opens_it(shown, rendered):
    page = shown(rendered("international", fleet.international_fleet), "#domain=xn--bcher-kva.example")
    assert page.opened == ["b\u00fccher.example (xn--bcher-kva.example)"]
    assert page.text(".details .link") == "Link to b\u00fccher.example (xn--bcher-kva.example)"


@pytest.mark.parametrize("check", ["tls_name", "host_dangling", "tlsrpt_missing", "mx_unused"])
def test_the_list_can_be_filtered_by_fault(small, small_audit, check):
    page = small()
    page.choose("fault", check)
    assert set(page.domains) == with_check(small_audit, check) != set()


def test_a_click_on_a_fault_is_a_filter_and_a_second_click_is_none(small, small_audit):
    page = small()
    fault = page.one("#faults button")
    fault.click()
    assert set(page.domains) == with_check(small_audit, "tls_name")
    assert fault.get_attribute("aria-pressed") == "true"
    fault.click()
    assert len(page.domains) == 20
    assert fault.get_attribute("aria-pressed") == "false"


def test_a_click_on_a_station_shows_who_has_faults_there(small):
    page = small()
    page.one("#stations .at-tls").click()
    assert set(page.domains) == {"brightwater.example", "opal-insurance.example", "tidewater-law.example"}


def test_filters_by_verdict_and_mode_add_up_and_can_be_cleared(small, small_audit):
    page = small()
    page.one("#verdicts .error").click()
    assert len(page.domains) == 5
    page.choose("mode", "unread")
    wanted = {one["domain"] for one in small_audit["results"] if one["verdict"] == "error" and one["mode"] is None}
    assert set(page.domains) == wanted
    page.one("#clear").click()
    assert page.count == "20 domains"
    for mode in ("enforce", "testing"):
        page.choose("mode", mode)
        assert set(page.domains) == {one["domain"] for one in small_audit["results"] if one["mode"] == mode}


def test_rare_faults_are_shown_on_demand(large):
    page = large()
    displayed = [one for one in page.all("#faults button") if one.is_displayed()]
    assert len(displayed) == 7
    page.one(".all").click()
    assert all(one.is_displayed() for one in page.all("#faults button"))
    assert len(page.all("#faults button")) > 7


def test_a_row_draws_the_way_and_lights_what_is_broken(small):
    page = small()
    line = page.row(SICK).find_element(By.CSS_SELECTOR, "svg.line")
    assert line.get_attribute("aria-label") == (
        "DNS in order, host in order, TLS error, policy not looked at, MX in order, reports in order"
    )
    stops = line.find_elements(By.CSS_SELECTOR, ".stop")
    assert [one.get_attribute("class") for one in stops] == [
        "stop ok", "stop ok", "stop error", "stop unknown", "stop ok", "stop ok"
    ]  # fmt: skip
    places = [one.location["x"] for one in stops]
    assert places == sorted(places)


def test_states_differ_in_shape(small):
    page = small()
    shapes = page.run(
        "return Object.fromEntries([...document.querySelectorAll('#legend .stop')].map((stop) =>"
        " [stop.classList[1], stop.querySelector('.shape').getAttribute('d')]))"
    )
    assert set(shapes) == {"error", "warning", "info", "ok", "unknown"}
    assert len(set(shapes.values())) == len(shapes)


def test_a_click_opens_a_domain_with_all_that_is_known(small, small_audit):
    page = small()
    page.row(SICK).click()
    assert page.opened == [SICK]
    assert page.row(SICK).get_attribute("aria-expanded") == "true"
    (result,) = [one for one in small_audit["results"] if one["domain"] == SICK]
    text = page.text(".domain.open .details")
    for finding in result["findings"]:
        for part in (finding["seen"], finding["remedy"], finding["check"], finding["section"]):
            assert part in text
    for known in (result["record_id"], result["policy_host"], *result["addresses"], *result["mx"], *result["rua"]):
        assert known in text
    assert "2027-" in text
    assert f"none of {len(checks_at('policy'))} checks looked at" in text
    page.row(SICK).click()
    assert page.opened == []


def test_a_healthy_domain_shows_its_policy(small, small_audit):
    page = small()
    page.row("fjordline.example").click()
    (result,) = [one for one in small_audit["results"] if one["domain"] == "fjordline.example"]
    text = page.text(".domain.open .details")
    for known in (
        result["mode"],
        "4 weeks (2419200 s)",
        result["policy_id"],
        *result["patterns"],
        f"all {len(checks_at('dns'))} checks passed",
    ):
        assert known in text


def test_a_remedy_for_several_addresses_is_told_once(small):
    page = small()
    page.row(SICK).click()
    assert len(page.all(".open .seen")) == 2
    assert len(page.all(".open .remedy")) == 1


def test_checks_can_be_listed_by_station(small):
    page = small()
    page.row(SICK).click()
    page.one(".open .at-tls summary").click()
    page.until(lambda: page.all(".open .at-tls .checks li"))
    names = [one.text for one in page.all(".open .at-tls .checks li code")]
    assert names == [name for name in checks_at("tls") if name != "tls_name"]


def test_opening_one_closes_the_other_and_stays_in_place(small):
    page = small()
    page.row("eastgate-clinic.example").click()
    below = page.row("opal-insurance.example")
    page.run("arguments[0].scrollIntoView({ block: 'center' })", below)
    before = below.rect["y"] - page.run("return scrollY")
    below.click()
    assert page.opened == ["opal-insurance.example"]
    assert abs(below.rect["y"] - page.run("return scrollY") - before) < 2


def test_everything_works_by_keyboard(small):
    page = small()
    first, second, third = page.domains[:3]
    page.press("/")
    assert page.focused == "search"
    page.press(Keys.ARROW_DOWN)
    assert page.focused == first
    page.press("j", Keys.ARROW_DOWN)
    assert page.focused == third
    page.press("k")
    assert page.focused == second
    page.press(Keys.ENTER)
    assert page.opened == [second]
    page.press(Keys.ESCAPE)
    assert page.opened == []
    assert page.focused == second
    page.press(Keys.ARROW_UP, Keys.ARROW_UP)
    assert page.focused == "search"


def test_tab_goes_through_the_controls_into_the_list(small):
    page = small()
    page.one("#search").click()
    wanted = ["search", "verdict", "fault", "mode", "order", *page.domains[:2]]
    for name in wanted:
        assert page.focused == name
        page.press(Keys.TAB)


def test_escape_in_the_search_takes_the_search_back(small):
    page = small()
    page.search("harbour")
    page.press(Keys.ESCAPE)
    assert len(page.domains) == 20
    assert page.one("#search").get_attribute("value") == ""


def test_keys_with_a_modifier_are_left_to_the_browser(small):
    page = small()
    page.press(Keys.ARROW_DOWN)
    assert page.focused == page.domains[0]
    page.run(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', ctrlKey: true, bubbles: true }))"
    )
    assert page.focused == page.domains[0]


def test_the_focus_can_be_seen(small):
    page = small()
    page.press("/", Keys.ARROW_DOWN)
    style = page.run(
        "const style = getComputedStyle(document.activeElement); return [style.outlineStyle, style.outlineWidth]"
    )
    assert style == ["solid", "2px"]


def test_a_link_opens_a_domain(small):
    page = small(f"#domain={SICK}")
    assert page.opened == [SICK]
    assert page.focused == SICK
    assert page.one(".open .link a").get_attribute("href").endswith(f"#domain={SICK}")


def test_a_link_has_the_filters(small):
    page = small()
    page.choose("verdict", "error")
    page.choose("order", "name")
    page.search("tls_name")
    page.row(SICK).click()
    again = small(page.fragment)
    assert again.domains == ["brightwater.example", "opal-insurance.example"]
    assert again.opened == [SICK]
    assert again.one("#search").get_attribute("value") == "tls_name"
    assert again.one("#verdict").get_attribute("value") == "error"


def test_a_link_with_nonsense_shows_everything(small):
    page = small("#fault=nonsense&verdict=%E0%A4%A&mode=&domain=unknown.example&other=1")
    assert len(page.domains) == 20
    assert page.opened == []


def test_another_link_in_the_open_page_is_followed(small):
    page = small()
    page.run("location.hash = '#fault=host_dangling&domain=harbour-radio.example'")
    page.until(lambda: page.opened == ["harbour-radio.example"])
    assert page.domains == ["harbour-radio.example"]
