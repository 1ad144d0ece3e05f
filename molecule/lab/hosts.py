# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the hosts of the lab are; inventory/lab.yml says the same to Ansible."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import testinfra
import yaml
from testinfra.host import Host

LAB = os.environ["MOLECULE_SCENARIO_NAME"]
# Its number stands in the scenario's molecule.yml, which hands it to Ansible, but not to the tests.
SCENARIO = yaml.safe_load(Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"], "molecule.yml").read_text(encoding="utf-8"))
NUMBER = SCENARIO["provisioner"]["env"]["LAB_NUMBER"]
IPV4 = f"198.18.{NUMBER}."
IPV6 = f"fd84:6184:60:{NUMBER}::"
NAME_SERVERS = [f"{IPV4}2", f"{IPV4}3"]


def addresses(number: int) -> list[str]:
    """Return the addresses of the host with that number, IPv4 first."""
    return [f"{IPV4}{number}", *([f"[{IPV6}{number}]"] if os.environ["LAB_HAS_IPV6"] == "true" else [])]


ADDRESSES = [address for family in zip(addresses(12), addresses(13)) for address in family]


def get_host(name: str) -> Host:
    """Run commands in the container of that name."""
    return testinfra.get_host(f"podman://mta-sts-lab-{LAB}-{name}")


def wait_for(condition: Callable[[], bool], seconds: int = 60) -> None:
    """Return as soon as the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{condition.__doc__ or condition} did not come true within {seconds} s")
        time.sleep(1)
