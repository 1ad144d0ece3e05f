# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The TSIG key for Knot as sts_dns' README has it: it may do what the role needs, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from knot import ALGORITHM, KEY, SECRET, Zone, serve
from module_process import run_module

README = Path(__file__).resolve().parents[3] / "roles/sts_dns/README.md"
RULE = re.search(r"On Knot:\n\n```yaml\nkey:.*?    action: update\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[1]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("knot"), Zone("example.com", "@ TXT spf", rule=RULE)) as running:
        yield running


def publish(servers, name, value="v=STSv1; id=1;"):
    return run_module(
        "dns_records",
        records=[{"domain": "example.com", "name": name, "value": value}],
        port=servers.port,
        nameservers=[servers.nameserver],
        key_name=KEY,
        key_algorithm=ALGORITHM,
        key_secret=SECRET,
        strict=False,
    )


@pytest.mark.parametrize("name", ["_mta-sts.example.com", "_smtp._tls.example.com"])
def test_it_publishes_both_records_and_removes_them(servers, name):
    assert publish(servers, name)["problems"] == []
    assert servers.dig(name) == ['"v=STSv1; id=1;"']
    assert publish(servers, name, None)["problems"] == []
    assert servers.dig(name) == []


@pytest.mark.parametrize("name", ["example.com", "_acme-challenge.mta-sts.example.com", "_dmarc.example.com"])
def test_it_publishes_nothing_else(servers, name):
    before = servers.dig(name)
    (problem,) = publish(servers, name)["problems"]
    assert f"does not allow here, the TSIG key {KEY}" in problem
    assert servers.dig(name) == before
