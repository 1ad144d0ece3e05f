# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module zone_snippets, whose files a real name server includes."""

from __future__ import annotations

import pytest
from knot import Zone, serve
from module_process import run_module

STS = "v=STSv1; id=2;"
LONG = "v=TLSRPTv1; rua=" + ",".join(f"mailto:reports{number}@example.com" for number in range(12))


def record(name="_mta-sts.example.com", value=STS, zone="example.com", canonical=None):
    return {"domain": "example.com", "name": name, "zone": zone, "value": value, "canonical_name": canonical or name}


@pytest.fixture
def snippets(tmp_path):
    def run(*records, **options):
        return run_module("zone_snippets", records=list(records), folder=str(tmp_path / "in"), **options)

    return run


def test_a_name_server_takes_the_file(snippets, tmp_path):
    result = snippets(record(), record("_smtp._tls.example.com", LONG))
    path = tmp_path / "in/example.com.zone"
    assert result["zones"] == [{"zone": "example.com", "path": str(path), "changed": True}]
    with serve(tmp_path / "knot", Zone("example.com", f"$INCLUDE {path}")) as servers:
        assert servers.dig("_mta-sts.example.com") == [f'"{STS}"']
        assert "".join(servers.dig("_smtp._tls.example.com")).replace('" "', "") == f'"{LONG}"'


def test_check_real_again(snippets, tmp_path):
    path = tmp_path / "in/example.com.zone"
    planned = snippets(record(), check=True)
    assert (planned["changed"], path.exists()) == (True, False)
    assert planned["diff"][0]["after"].endswith(f'_mta-sts.example.com. 3600 IN TXT "{STS}"\n')
    assert snippets(record())["changed"] is True
    assert snippets(record())["changed"] is False
    assert snippets(record(), ttl=300)["changed"] is True


def test_records_that_are_not_named_stay_and_a_file_never_goes(snippets, tmp_path):
    path = tmp_path / "in/example.com.zone"
    snippets(record(), record("_mta-sts.b.example.com"))
    snippets(record(value=None))
    assert "_mta-sts.b.example.com." in path.read_text()
    assert "_mta-sts.example.com." not in path.read_text()
    snippets(record("_mta-sts.b.example.com", None))
    assert [line for line in path.read_text().splitlines() if not line.startswith(";")] == []


def test_each_zone_has_its_file_and_a_delegated_record_is_in_the_zone_it_leads_to(snippets, tmp_path):
    delegated = record("_mta-sts.customer.test", zone="provider.test", canonical="_mta-sts.customer.provider.test")
    result = snippets(record(), delegated, record("_mta-sts.lost.test", zone=None))
    assert [entry["zone"] for entry in result["zones"]] == ["example.com", "provider.test"]
    assert "_mta-sts.customer.provider.test." in (tmp_path / "in/provider.test.zone").read_text()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    result = run_module("zone_snippets", records=[record()], folder=str(tmp_path / "file"))
    assert result["failed"] is True
    assert result["msg"].startswith("example.com: ")
