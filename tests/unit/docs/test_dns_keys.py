# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The TSIG keys for Knot as the documentation has them: each may do what its role needs, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from servers.knot import ALGORITHM, KEY, SECRET, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.ownership import Change
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import character_strings
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import read_nameserver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.update import Primary, UpdateError

ROOT = Path(__file__).resolve().parents[3]
PAGES = {"sts_dns": "docs/dns-servers/knot.md", "sts_certificate": "roles/sts_certificate/README.md"}
EXAMPLE = re.compile(r"    action: update\n(.*?)```", re.DOTALL)
MAY_WRITE = {
    "sts_dns": {"_mta-sts.example.com", "_smtp._tls.example.com"},
    "sts_certificate": {"_acme-challenge.mta-sts.example.com"},
}
NAMES = {"example.com", "_acme-challenge.example.com", "_dmarc.example.com"}.union(*MAY_WRITE.values())


@pytest.fixture(scope="module", params=MAY_WRITE)
def role(request):
    return request.param


@pytest.fixture(scope="module")
def servers(role, tmp_path_factory):
    rule = EXAMPLE.search((ROOT / PAGES[role]).read_text("utf-8"))[1]
    with serve(tmp_path_factory.mktemp("knot"), Zone("example.com", "@ TXT spf", rule=rule)) as running:
        yield running


def exchange(servers, name, *texts):
    """Have the primary exchange all TXT records of a name; return its refusal, or nothing."""
    primary = Primary(read_nameserver(servers.nameserver), Key(KEY, ALGORITHM, SECRET), 5)
    now = primary.read([name])[name]
    try:
        primary.change("example.com", [(now, Change(now.records, tuple(map(character_strings, texts)), 300))])
    except UpdateError as refusal:
        return str(refusal)
    return ""


def test_it_publishes_what_its_role_needs_and_removes_it(servers, role):
    for name in MAY_WRITE[role]:
        assert exchange(servers, name, "v=STSv1; id=1;") == ""
        assert servers.dig(name) == ['"v=STSv1; id=1;"']
        assert exchange(servers, name) == ""
        assert servers.dig(name) == []


def test_it_publishes_nothing_else(servers, role):
    for name in NAMES - MAY_WRITE[role]:
        before = servers.dig(name)
        assert f"does not allow here, the TSIG key {KEY}" in exchange(servers, name, "v=STSv1; id=1;")
        assert servers.dig(name) == before
