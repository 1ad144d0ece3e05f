# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One Chromium for all tests, and pages rendered once; whatever a test does, nothing may be asked of the network."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

# The link that tests/setup makes; beside the collections that came with the package "ansible", if that is installed.
COLLECTIONS = Path(__file__).resolve().parents[2] / ".cache/collections"

sys.path[:0] = [str(Path(__file__).parent), str(COLLECTIONS)]

import ansible_collections

if str(COLLECTIONS / "ansible_collections") not in ansible_collections.__path__:
    ansible_collections.__path__.append(str(COLLECTIONS / "ansible_collections"))

import fleet
from page import chromium, media, render, resize
from reader import Reader

HARMLESS = ("file:", "data:", "about:", "chrome:")


@pytest.fixture(scope="session")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    """Render a named audit when a test first wants it: a function that returns the page's file."""
    files = {}

    def once(name, audit, figures=lambda: None):
        if name not in files:
            files[name] = render(audit(), tmp_path_factory.mktemp(name), figures())
        return files[name]

    return once


@pytest.fixture
def shown(browser):
    """Show a page in a usual window, light and with motion; afterwards nobody may have complained or called home."""
    browser.get("about:blank")
    asked_of_network(browser)
    browser.get_log("browser")

    def show(file, fragment=""):
        browser.get("about:blank")
        browser.get(f"{file.as_uri()}{fragment}")
        return Reader(browser)

    resize(browser, 1280, 900)
    media(browser, prefers_color_scheme="light")
    yield show
    assert browser.get_log("browser") == []
    assert asked_of_network(browser) == []


@pytest.fixture
def small_audit():
    return fleet.small_fleet()


@pytest.fixture
def small(shown, rendered):
    """Show the small fleet."""
    return lambda fragment="": shown(rendered("small", fleet.small_fleet), fragment)


@pytest.fixture
def large(shown, rendered):
    """Show two thousand domains."""
    return lambda fragment="": shown(rendered("large", lambda: fleet.large_fleet(2000)), fragment)


def asked_of_network(driver):
    """Every URL the browser has asked for since the last call, but those that need no network."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if not url.startswith(HARMLESS)]
