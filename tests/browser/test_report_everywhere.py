# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of an audit where it is hard: dark, narrow, on paper, with thousands of domains, written by strangers."""

from __future__ import annotations

import base64
import statistics
import subprocess

import fleet
import pytest
from page import media, resize
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import DomainAudit, found

TRAP = (
    "</script><script>document.title='trapped'</script><img src=x onerror=\"document.title='trapped'\">{{ 7 * 7 }}<!--"
)
LONG = ".".join(["extraordinarily-long-label-that-goes-on-and-on-without-an-end"] * 4)

# For every text that can be seen: what it says and how it contrasts with what is behind it; for signs the better of
# fill and stroke.
CONTRASTS = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const channels = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
};
const luminance = (color) => {
  const [r, g, b] = color.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = channels(getComputedStyle(one).backgroundColor);
    if (color[3] > 0.99) return color;
  }
  return [1, 1, 1, 1];
};
const contrast = (element, color) => {
  const both = [luminance(channels(color)), luminance(behind(element))].sort((one, other) => other - one);
  return (both[0] + 0.05) / (both[1] + 0.05);
};
const seen = [...document.querySelectorAll("body *")].filter((element) =>
  element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".unseen, script"));
const texts = seen
  .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((element) => [element.textContent.trim().slice(0, 40), contrast(element, getComputedStyle(element).color)]);
const signs = [...document.querySelectorAll(".stop .shape")]
  .filter((shape) => shape.checkVisibility())
  .map((shape) => {
    const { fill, stroke } = getComputedStyle(shape);
    return [shape.parentElement.classList.value, Math.max(contrast(shape, fill), contrast(shape, stroke))];
  });
return { texts, signs };
"""

TYPE = """
const [text, done] = arguments;
const search = document.getElementById("search");
const count = document.getElementById("count");
const start = performance.now();
new MutationObserver((_changes, observer) => {
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
}).observe(count, { childList: true });
search.value = text;
search.dispatchEvent(new InputEvent("input", { bubbles: true }));
"""


def strangers():
    """Return an audit in which strangers wrote everything they can write, and of a very long name."""
    findings = tuple(found(check, TRAP, TRAP, TRAP) for check in ("record_syntax", "tls_name", "policy_syntax"))
    stations = {
        "dns": "error", "host": "ok", "tls": "error", "policy": "error", "mx": "unknown", "reports": "ok",
    }  # fmt: skip
    every = {
        "record_id": TRAP, "policy_id": TRAP, "policy_host": TRAP,
        "patterns": (TRAP,), "mx": (TRAP, LONG), "addresses": (TRAP,), "rua": (TRAP, f"mailto:{LONG}"),
    }  # fmt: skip
    return fleet.audit(
        DomainAudit(domain, "error", stations, findings, mode="enforce", max_age=86400, **every)
        for domain in (TRAP, LONG)
    )


@pytest.fixture
def trapped(shown, rendered):
    return lambda fragment="": shown(rendered("trapped", strangers), fragment)


def paper(page):
    """Return the text of what a printer gets, and how many pages it takes."""
    printed = page.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=base64.b64decode(printed["data"]), capture_output=True, check=True
    ).stdout.decode()
    return text, text.count("\f")


def squeezed(text):
    return "".join(text.split())


def test_what_strangers_write_stays_text(trapped):
    page = trapped()
    page.one("button.row").click()
    page.one("#search").send_keys("onerror")
    page.until(lambda: "q=onerror" in page.fragment)
    assert "trapped" not in page.driver.title
    assert page.all("img, #list script, .details script") == []
    assert page.domains[0] in {TRAP, LONG}
    for selector in (".open .seen", ".open .remedy", ".open .at-dns dd", ".open .at-policy .facts div:last-child dd"):
        assert TRAP in page.text(selector)
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run("return document.querySelectorAll('#paper img, #paper script').length") == 0
    page.run("window.dispatchEvent(new Event('afterprint'))")


def test_a_domain_with_a_strange_name_can_be_linked_to(trapped):
    page = trapped()
    page.row(TRAP).click()
    again = trapped(page.fragment)
    assert again.opened == [TRAP]


@pytest.mark.parametrize(
    "attempt",
    [
        "new Image().src = 'http://127.0.0.1:9/'",
        "fetch('http://127.0.0.1:9/').catch(() => 0)",
        "document.head.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))",
        "document.body.insertAdjacentHTML('beforeend', '<b>new</b>')",
        "document.body.append(Object.assign(document.createElement('iframe'), { src: 'http://127.0.0.1:9/' }))",
    ],
)
def test_even_a_script_that_got_in_could_not_reach_out(browser, rendered, attempt):
    browser.get(rendered("small", fleet.small_fleet).as_uri())
    refused = browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));"
        "setTimeout(() => done(null), 5000);"
        f"try {{ {attempt} }} catch (error) {{ done(error.name) }}"
    )
    assert refused is not None
    assert browser.execute_script("return window.ran") is None


def test_an_audit_of_nothing_is_a_page_as_well(shown, rendered):
    page = shown(rendered("nothing", lambda: fleet.audit([])))
    assert page.text("h1") == "No domain was looked at"
    assert page.text("#nothing") == "No domain was looked at."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_light_and_dark(small, scheme):
    page = small()
    media(page.driver, prefers_color_scheme=scheme)
    page.one("#stations .at-policy").click()
    page.row("riverside-choir.example").click()
    for summary in page.all(".open summary"):
        summary.click()
    page.one("#clear").click()
    page.one("#verdicts .ok").click()
    page.one("#verdicts .ok").click()
    page.search("a")
    dark = page.run("return matchMedia('(prefers-color-scheme: dark)').matches")
    assert dark == (scheme == "dark")
    found_out = page.run(CONTRASTS)
    assert len(found_out["texts"]) > 200
    assert [one for one in found_out["texts"] if one[1] < 4.5] == []
    assert {name for name, _contrast in found_out["signs"]} >= {"stop ok", "stop error", "stop warning", "stop info"}
    assert [one for one in found_out["signs"] if one[1] < 3] == []
    backgrounds = page.run("return getComputedStyle(document.documentElement).backgroundColor")
    assert backgrounds == ("rgb(18, 22, 26)" if scheme == "dark" else "rgb(251, 250, 247)")


def test_nothing_moves_where_motion_is_unwanted(small):
    page = small()
    duration = "return getComputedStyle(document.querySelector('.row')).transitionDuration"
    assert page.run(duration) == "0.12s"
    media(page.driver, prefers_reduced_motion="reduce")
    assert page.run(duration) == "0s"


@pytest.mark.parametrize("width", [360, 500, 760, 1100])
@pytest.mark.parametrize("name", ["small", "trapped"])
def test_no_window_is_too_narrow(request, name, width):
    page = request.getfixturevalue(name)()
    resize(page.driver, width, 740)
    page.one("button.row").click()
    for summary in page.all(".open summary"):
        summary.click()
    assert page.run("return document.documentElement.scrollWidth") <= width
    row, line = page.one("button.row"), page.one("button.row svg.line")
    assert line.rect["x"] + line.rect["width"] <= row.rect["x"] + row.rect["width"]


@pytest.mark.parametrize("width", [360, 1280])
def test_columns_are_named_above_their_stops(small, width):
    page = small()
    resize(page.driver, width, 740)

    def middle(selector):
        return [one.rect["x"] + one.rect["width"] / 2 for one in page.all(selector)]

    heads, stops = middle("#columns .heads span"), middle("#list .domain:first-child .line .shape")
    assert len(heads) == len(stops) == 6
    assert max(abs(head - stop) for head, stop in zip(heads, stops)) < 2


def test_on_paper_every_faulty_domain_is_open_and_nothing_can_be_pressed(small, small_audit):
    page = small()
    media(page.driver, "print", prefers_color_scheme="dark")
    hidden = "return getComputedStyle(document.querySelector(arguments[0])).display"
    for control in (".controls", "#list", ".keys"):
        assert page.run(hidden, control) == "none"
    assert page.run("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    media(page.driver, prefers_color_scheme="light")
    text, pages = paper(page)
    flat = squeezed(text)
    for result in small_audit["results"]:
        assert result["domain"] in flat
        for finding in result["findings"]:
            assert squeezed(finding["seen"]) in flat
            assert squeezed(finding["remedy"]) in flat
    assert "11 in order" in text
    for control in ("Verdict", "Order", "search", "Show all"):
        assert control not in text
    assert pages < 8


def test_paper_keeps_to_the_filter_and_says_so(small):
    page = small("#fault=host_dangling")
    text, pages = paper(page)
    assert "Only 1 of 20 domains, fault: host_dangling" in text
    assert "harbour-radio.example" in text
    assert "brightwater.example" not in text
    assert pages == 1


def test_two_thousand_domains_are_there_at_once(large):
    page = large()
    assert page.count == "2000 domains"
    # The browser reports a paint only some frames after it: ask until it has.
    first_paint, ready = (
        page.until(lambda name=name: page.run(f"return performance.getEntriesByName('{name}')[0]?.startTime"))
        for name in ("first-contentful-paint", "ready")
    )
    print(f"first paint after {first_paint:.0f} ms, ready after {ready:.0f} ms")
    assert first_paint < 2000
    assert ready < 2000


def test_two_thousand_domains_are_searched_while_typing(large):
    page = large()
    page.driver.set_script_timeout(30)
    queries = ("a", "am", "amb", "am", "a", "amber 12", "tls_name", "certificate of")
    times = [page.driver.execute_async_script(TYPE, query) for query in queries]
    print("keystrokes in ms:", " ".join(f"{time:.0f}" for time in times))
    assert statistics.median(times) < 200


def test_only_rows_near_the_window_exist(large):
    page = large()
    rows = "return document.querySelectorAll('#list .domain').length"
    assert 0 < page.run(rows) < 300
    height = page.run("return document.documentElement.scrollHeight")
    for part in range(1, 11):
        page.run(f"scrollTo(0, document.documentElement.scrollHeight * {part / 10})")
        page.until(lambda wanted=part: page.all(f"[aria-posinset='{200 * wanted}']"))
    page.until(lambda: page.run(rows) < 300)
    assert page.run("return document.documentElement.scrollHeight") == height


def test_an_open_domain_stays_open_far_away(large):
    page = large()
    page.one("button.row").click()
    opened = page.opened
    page.run("scrollTo(0, document.documentElement.scrollHeight)")
    page.until(lambda: page.all("[aria-posinset='2000']"))
    assert page.opened == opened


def test_the_keyboard_goes_beyond_what_is_drawn(large):
    page = large()
    page.press("/", Keys.ARROW_DOWN)
    page.press(*["j"] * 130)
    assert page.run("return document.activeElement.closest('.domain').getAttribute('aria-posinset')") == "131"


def test_a_link_finds_a_domain_among_thousands(large):
    last = large("#order=name").run(
        "return JSON.parse(document.getElementById('data').textContent).domains.map((one) => one.domain).sort().at(-1)"
    )
    page = large(f"#order=name&domain={last}")
    assert page.opened == [last]
    inside = page.run(
        "const { top, bottom } = document.querySelector('.open .row').getBoundingClientRect();"
        "return top >= 0 && bottom <= innerHeight"
    )
    assert inside
    assert page.one(".open").find_element(By.CSS_SELECTOR, ".details").is_displayed()
