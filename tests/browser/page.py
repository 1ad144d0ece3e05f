# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of an audit, rendered by Ansible, in a Chromium without window and network."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE.parents[1] / "roles/sts_audit/templates/audit.html.j2"
BROWSERS = ("chromium", "google-chrome")
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
    "--hide-scrollbars",
)  # fmt: skip


def render(audit: Mapping[str, Any], folder: Path, figures: Mapping[str, Any] | None = None) -> Path:
    """Return the page of an audit, and of the figures of TLS reports, rendered by ansible-playbook."""
    data, page, reports = folder / "audit.json", folder / "audit.html", folder / "reports.json"
    data.write_text(json.dumps(audit), encoding="utf-8")
    if figures is not None:
        reports.write_text(json.dumps(figures), encoding="utf-8")
    variables = {
        "page_template": str(TEMPLATE), "page_file": str(page), "page_audit": str(data), "page_reports": str(reports),
    }  # fmt: skip
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-e", json.dumps(variables), str(HERE / "render.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return page


@contextmanager
def chromium(*more: str) -> Iterator[webdriver.Chrome]:
    """Start a Chromium with an empty profile that writes down what it says and what it asks of the network."""
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = next(filter(None, map(shutil.which, BROWSERS)), BROWSERS[0])
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}", *more):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()


def resize(driver: webdriver.Chrome, width: int, height: int, scale: float = 1) -> None:
    """Give the page exactly this window, narrower than Chromium's own windows can be."""
    size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def media(driver: webdriver.Chrome, medium: str = "", **features: str) -> None:
    """Let the page believe it is on this medium, with these features: prefers_color_scheme="dark"."""
    named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": named})
