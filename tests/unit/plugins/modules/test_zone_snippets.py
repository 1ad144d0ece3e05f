# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module zone_snippets, whose files a real name server includes."""

from __future__ import annotations

import pytest
from helpers.module_process import run_module
from servers.knot import Zone, serve

STS = "v=STSv1; id=2;"
LONG = "v=TLSRPTv1; rua=" + ",".join(f"mailto:reports{number}@example.com" for number in range(12))


def record(name="_mta-sts.example.com", value=STS, zone="example.com", problem=None):
    return {"domain": "example.com", "name": name, "zone": zone, "value": value, "problem": problem}


@pytest.fixture
def snippets(tmp_path):
    def run(*records, **options):
        return run_module("zone_snippets", records=list(records), folder=str(tmp_path / "in"), **options)

    return run


def test_a_name_server_takes_the_file(snippets, tmp_path):
    result = snippets(record(), record("_smtp._tls.example.com", LONG))
    path = tmp_path / "in/example.com.zone"
    assert result["zones"] == [
        {"zone": "example.com", "path": str(path), "changed": True, "load": True, "problem": None}
    ]
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


def test_each_zone_has_its_file_and_what_must_not_be_written_is_in_none(snippets, tmp_path):
    customer = record("_mta-sts.customer.provider.test", zone="provider.test")
    refused = record("_mta-sts.refused.test", zone="refused.test", problem="the name is a CNAME")
    result = snippets(record(), customer, record("_mta-sts.lost.test", zone=None), refused)
    assert [entry["zone"] for entry in result["zones"]] == ["example.com", "provider.test"]
    assert "_mta-sts.customer.provider.test." in (tmp_path / "in/provider.test.zone").read_text()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    result = run_module("zone_snippets", records=[record()], folder=str(tmp_path / "file"))
    assert result["failed"] is True
    assert result["msg"].startswith("example.com: ")


def test_a_zone_whose_file_cannot_be_kept_stops_no_other(snippets, tmp_path):
    endless = ".".join(["x" * 62] * 4)
    result = snippets(record(zone=endless), record())
    assert result["msg"] == (
        f"{endless}: its name is too long for a file. Remedy: Publish the records of {endless} in another way."
    )
    assert [entry["changed"] for entry in result["zones"]] == [True, False]
    assert (tmp_path / "in/example.com.zone").exists()
    lenient = snippets(record(zone=endless), strict=False)
    assert (lenient["problems"], "failed" in lenient) == ([result["msg"]], False)


def test_a_file_that_somebody_else_has_written_is_not_touched(snippets, tmp_path):
    path = tmp_path / "in/example.com.zone"
    path.parent.mkdir()
    path.write_text("www A 192.0.2.1\n")
    result = snippets(record(), record("_mta-sts.b.test", zone="b.test"))
    assert result["msg"] == (
        f"example.com: {path} has not been written by us. Remedy: Move it, or choose another folder."
    )
    assert path.read_text() == "www A 192.0.2.1\n"
    assert (tmp_path / "in/b.test.zone").exists()


def test_what_somebody_else_has_written_into_our_file_stays(snippets, tmp_path):
    path = tmp_path / "in/example.com.zone"
    snippets(record())
    theirs = "; a note\nwww A 192.0.2.1\nwww A 192.0.2.2\n_mta-sts.example.com. A 192.0.2.3\n"
    path.write_text(path.read_text() + theirs)
    snippets(record(value=None), record("_mta-sts.b.example.com"))
    lines = path.read_text().splitlines(keepends=True)
    assert "".join(lines[1:5]) == theirs
    assert lines[5:] == [f'_mta-sts.b.example.com. 3600 IN TXT "{STS}"\n']


def test_the_difference_of_a_file_has_nothing_that_acts_on_a_terminal(snippets, tmp_path):
    snippets(record())
    path = tmp_path / "in/example.com.zone"
    path.write_bytes(path.read_bytes() + b"; \x1b[2J\xff\n")
    diff = snippets(record(value=None))["diff"][0]
    assert "; \\x1b[2J" in diff["before"]
    assert b"; \x1b[2J\xff\n" in path.read_bytes()


def test_a_zone_is_loaded_again_until_the_name_servers_have_all_its_records(snippets):
    def load(published, **options):
        return [zone["load"] for zone in snippets({**record(), **published}, **options)["zones"]]

    assert load({"published": False}, check=True) == [True]
    assert load({"published": False}) == [True]
    assert load({"published": False}, check=True) == [True]
    assert load({"published": False}) == [True]
    assert load({"published": True}) == [False]
    assert load({}) == [False]
    assert load({"published": True}, ttl=300) == [True]
