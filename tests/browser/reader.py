# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a reader of the page sees and does."""

from __future__ import annotations

from urllib.parse import quote

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 10  # seconds


class Reader:
    """The page, by what can be seen and done."""

    def __init__(self, driver):
        """Look at what the browser shows."""
        self.driver = driver

    def run(self, script, *arguments):
        """Return what a script finds out."""
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        """Every element of that kind."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        """The first element of that kind."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """What an element says, also where it is out of sight."""
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    @property
    def domains(self):
        """The names in the list, as far as they are drawn."""
        return self.run("return [...document.querySelectorAll('#list .name')].map((name) => name.textContent)")

    @property
    def count(self):
        """What the page says of how many domains it shows."""
        return self.text("#count")

    @property
    def opened(self):
        """The names of the opened domains."""
        return self.run("return [...document.querySelectorAll('.domain.open .name')].map((name) => name.textContent)")

    @property
    def focused(self):
        """The domain that has the focus, or the id of what has it."""
        return self.run(
            "const has = document.activeElement;"
            "return has.closest('.domain')?.querySelector('.name').textContent ?? has.id"
        )

    @property
    def fragment(self):
        """What stands in the address after the #."""
        return self.run("return location.hash")

    def until(self, holds):
        """Wait until something holds, and return it."""
        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02).until(lambda _driver: holds())

    def search(self, text):
        """Type into the search field, and wait for the list to follow."""
        self.one("#search").send_keys(text)
        self.until(lambda: f"q={quote(text.split()[0])}" in self.fragment)

    def choose(self, filter_id, value):
        """Choose from a list of choices."""
        Select(self.one(f"#{filter_id}")).select_by_value(value)

    def press(self, *keys):
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def row(self, domain):
        """The row of a domain."""
        return next(row for row in self.all("button.row") if row.find_element(By.CSS_SELECTOR, ".name").text == domain)
