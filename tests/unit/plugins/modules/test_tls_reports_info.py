# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module tls_reports_info as Ansible runs it: all ways that reports come say the same, and nothing is changed."""

from __future__ import annotations

import json
import mailbox

import pytest
from helpers.module_process import run_module
from helpers.signatures import key_name, key_record, signed
from helpers.tls_reports import DAY, POLICY, letter, mail, packed, report
from servers.dns_server import answering, having
from servers.imap_server import ImapServer, serve
from servers.tls_server import tls


@pytest.fixture(scope="module")
def world(ca, ca_path, tmp_path_factory):
    """Return four sources with the same two reports and a letter in each, and the options that lead to DNS."""
    root = tmp_path_factory.mktemp("reports")
    mails = [signed(mail(report(1))), letter(), mail(report(2))]
    folder = root / "folder"
    folder.mkdir()
    (folder / "0000000001").write_bytes(packed(report(1)))
    (folder / "b.json").write_text(json.dumps(report(2)))
    (folder / "c.eml").write_bytes(letter())
    maildir, mbox = mailbox.Maildir(str(root / "Maildir")), mailbox.mbox(str(root / "mbox"))
    server = ImapServer(tls(ca.issue_cert("localhost")))
    for one in mails:
        maildir.add(one)
        mbox.add(one)
        server.deliver(one)
    mbox.close()
    keys = {(key_name(), "TXT"): [key_record()], ("example.com", "MX"): ["10 mx.example.com."]}
    with serve(server) as port, answering(having(keys)) as (nameserver, _asked):
        account = {"host": "localhost", "port": port, "user": "tlsrpt", "password": "secret", "ca_path": ca_path}
        yield (
            {
                "folder": {"type": "folder", "path": str(folder)},
                "maildir": {"type": "maildir", "path": str(root / "Maildir")},
                "mbox": {"type": "mbox", "path": str(root / "mbox")},
                "imap": {"type": "imap", **account},
            },
            {"nameservers": [nameserver], "timeout": 1},
        )


def look(world, *kinds, **options):
    sources, resolver = world
    listed = [sources[kind] for kind in kinds]
    return run_module("tls_reports_info", **{"domains": ["example.com"], "sources": listed, **resolver, **options})


def test_summed_up_it_says_all_that_the_overview_needs(world, tmp_path):
    written = {}
    for sum_up in (False, True):
        returned = look(world, "folder", sum_up=sum_up)
        assert ("days" in returned, "figures" in returned) == (not sum_up, sum_up)
        returned.update(read_at="2027-01-21T09:30:00Z", read_at_epoch=1800523800)
        returned.get("figures", {}).update(read_at="2027-01-21T09:30:00Z", read_at_epoch=1800523800)
        path = tmp_path / "figures.json"
        run_module("tls_reports_overview", reports=returned, domains=["example.com", "silent.example"], json=str(path))
        written[sum_up] = json.loads(path.read_text())
    for found in written.values():
        found.pop("since"), found.pop("until")  # of the moment of each run
    assert written[True] == written[False]
    assert {one["domain"] for one in written[True]["domains"]} == {"example.com", "silent.example"}


@pytest.mark.parametrize("kind", ["folder", "maildir", "mbox", "imap"])
def test_every_way_that_reports_come_says_the_same(world, kind):
    result = look(world, kind)
    assert result["problems"] == []
    assert result["changed"] is False
    assert result["inputs"] == {"read": 2, "copies": 0, "other_mails": 1, "refused": 0}
    (row,) = result["days"]
    assert (row["domain"], row["day"], row["organization"], row["policy_type"]) == (
        "example.com",
        DAY,
        "Google Inc.",
        "sts",
    )
    assert (row["succeeded"], row["failed"], len(row["reports"])) == (6, 2, 2)
    assert row["dkim"] == ({"not looked at": 2} if kind == "folder" else {"none": 1, "pass": 1})
    assert [entry["name"] for entry in result["result_types"]] == ["certificate-expired"]


def test_the_same_report_by_all_ways_counts_once(world):
    result = look(world, "folder", "maildir", "mbox", "imap")
    assert (result["inputs"]["read"], result["inputs"]["copies"]) == (2, 6)
    assert [row["succeeded"] for row in result["days"]] == [6]


def test_signatures_are_not_looked_at_where_that_is_not_wanted(world):
    assert look(world, "mbox", dkim=False)["days"][0]["dkim"] == {"not looked at": 2}


def test_a_password_is_not_shown(world):
    assert "secret" not in json.dumps(look(world, "imap"))


def test_a_source_that_fails_is_told_and_the_others_are_read(world):
    sources, _resolver = world
    wrong = {**sources["imap"], "password": "wrong"}
    result = run_module("tls_reports_info", domains=["example.com"], sources=[wrong, sources["mbox"]], dkim=False)
    assert (len(result["problems"]), result["inputs"]["read"]) == (1, 2)
    assert "Authentication failed" in result["problems"][0]
    assert "failed" not in result


@pytest.mark.parametrize(
    ("entry", "outdated"),
    [
        ("example.com", False),
        ({"domain": "example.com", "mode": "enforce", "mx": ["mx.example.com"], "max_age": "4w"}, False),
        ({"domain": "example.com", "mode": "enforce", "max_age": "4w"}, False),
        ({"domain": "example.com", "mode": "testing", "mx": ["mx.example.com"]}, True),
    ],
)
def test_senders_that_see_another_policy_than_the_list_calls_for_are_named(world, entry, outdated):
    result = look(world, "folder", domains=[entry])
    assert [(one["organization"], one["day"]) for one in result["outdated"]] == [("Google Inc.", DAY)] * outdated


def test_a_state_that_cannot_be_used_is_named(world, tmp_path):
    path = tmp_path / "state.json"
    path.write_text("{")
    result = look(world, "folder", state=str(path))
    assert result["failed"] is True
    assert result["msg"].startswith(f"state: {path}: its first line is no JSON: ")
    assert result["msg"].endswith("Remedy: Restore it, or remove it: what is still in the sources is read again.")


def test_what_was_kept_is_told_and_the_state_stays_as_it_is(world, tmp_path):
    sources, resolver = world
    path = tmp_path / "state.json"
    kept = run_module("tls_reports", domains=["example.com"], sources=[sources["mbox"]], state=str(path), **resolver)
    before = path.read_bytes()
    told = look(world, "mbox", "folder", state=str(path))
    assert (told["inputs"]["read"], told["inputs"]["copies"], told["days"]) == (0, 2, kept["days"])
    assert path.read_bytes() == before


def test_the_days_told_are_those_asked_for(world):
    assert look(world, "folder", since="1d")["days"] == []
    assert look(world, "folder", until="3d")["days"] == []
    told = look(world, "folder", since=DAY, until=DAY)
    assert (len(told["days"]), told["since"], told["until"]) == (1, DAY, DAY)


def test_policies_are_told_with_their_lines_and_ids(world):
    (policy,) = look(world, "folder")["days"][0]["policies"]
    assert (policy["lines"], policy["sessions"], len(policy["id"])) == (list(POLICY), 8, 16)
