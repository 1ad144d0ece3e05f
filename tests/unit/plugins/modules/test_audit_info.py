# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module audit_info against real name servers, a real web server and a real mail server on loopback."""

from __future__ import annotations

import contextlib
import json
import socket
import time

import pytest
import trustme
from helpers.module_process import run_module
from helpers.reported import fails, report, returned
from servers import knot
from servers.https_server import Answer, serve
from servers.smtp_server import MailServer, receive
from servers.tls_server import accepting, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures

HANGING = "127.0.0.3"
NAMES = ("a.test", "b.test", "broken.test")
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.a.test\r\nmax_age: 2419200\r\n"
ID = policy_id(POLICY)
LISTED = {"domain": "a.test", "mode": "enforce", "mx": ["mx.a.test"], "tls_rpt": ["mailto:tlsrpt@a.test"]}


def zone(name, record_id=ID, host="127.0.0.1"):
    return knot.Zone(
        name,
        f'_mta-sts TXT "v=STSv1; id={record_id};"\n'
        f'_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tlsrpt@{name}"\n'
        f"mta-sts A {host}\n@ MX 10 mx.a.test.\n",
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return the options that lead into it."""
    folder = tmp_path_factory.mktemp("world")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "root.pem")
    certificate = authority.issue_cert(*(f"mta-sts.{name}" for name in (*NAMES, "hanging.test")))
    zones = [
        knot.Zone("a.test", f"{zone('a.test').records}mx A 127.0.0.1\n"),
        zone("b.test"),
        zone("broken.test", "2026-11-24"),
        zone("hanging.test", host=HANGING),
    ]
    web = Answer(body=POLICY)
    known = {f"mta-sts.{name}" for name in NAMES}
    with (
        knot.serve(folder / "knot", *zones) as servers,
        serve(web, certificate, names=known) as port,
        receive(MailServer(context=tls(authority.issue_cert("mx.a.test")))) as smtp_port,
        socket.create_server((HANGING, port)),
    ):
        yield {
            "nameservers": [servers.nameserver],
            "ca_path": str(folder / "root.pem"),
            "port": port,
            "smtp_port": smtp_port,
            "fetch_timeout": 2,
            "allow_private": True,
        }


def findings(result):
    return {entry["domain"]: [finding["check"] for finding in entry["findings"]] for entry in result["results"]}


def test_healthy_domains_raise_nothing_and_a_broken_one_its_own_fault(world):
    result = run_module("audit_info", domains=["b.test", LISTED, "broken.test"], **world)
    assert findings(result) == {"b.test": [], "a.test": [], "broken.test": ["record_id"]}
    assert result["changed"] is False
    assert [problem.split(":")[0] for problem in result["problems"]] == ["broken.test"]
    healthy = result["results"][0]
    assert (healthy["verdict"], healthy["mode"], healthy["record_id"]) == ("ok", "enforce", ID)
    assert (healthy["mx"], healthy["addresses"]) == (["mx.a.test"], ["127.0.0.1"])
    assert healthy["certificate_expiry_epoch"] > time.time()


def test_what_is_meant_is_compared(world):
    other = {**LISTED, "mode": "testing", "tls_rpt": ["mailto:other@a.test"]}
    result = run_module("audit_info", domains=[other], **world)
    assert findings(result) == {
        "a.test": ["record_not_as_expected", "policy_not_as_expected", "tlsrpt_not_as_expected"]
    }


def test_patterns_taken_from_dns_are_what_is_meant(world):
    result = run_module("audit_info", domains=[{"domain": "a.test", "mode": "enforce"}], **world)
    assert findings(result) == {"a.test": []}


def test_a_hanging_host_costs_its_own_domain_the_time_out_and_nobody_else_anything(world):
    start = time.monotonic()
    result = run_module("audit_info", domains=["a.test", "hanging.test", "b.test"], attempts=1, **world)
    took = time.monotonic() - start
    assert findings(result) == {"a.test": [], "hanging.test": ["http_timeout"], "b.test": []}
    assert took < world["fetch_timeout"] + 3


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.json"


def test_what_was_observed_is_read_again_and_tells_a_change(world, state):
    options = {"domains": ["a.test"], "state": str(state), **world}
    first = run_module("audit_info", **options)
    state.write_text(json.dumps(first["observed"]), encoding="utf-8")
    assert findings(run_module("audit_info", **options)) == {"a.test": []}
    first["observed"]["a.test"][0]["policy_id"] = "another"
    state.write_text(json.dumps(first["observed"]), encoding="utf-8")
    assert findings(run_module("audit_info", **options)) == {"a.test": ["record_stale_id"]}


def test_the_past_of_domains_that_are_not_asked_for_is_kept(world, state):
    first = run_module("audit_info", domains=["a.test"], **world)
    state.write_text(json.dumps(first["observed"]), encoding="utf-8")
    second = run_module("audit_info", domains=["b.test"], state=str(state), **world)
    assert set(second["observed"]) == {"a.test", "b.test"}


def test_the_output_is_the_same_each_time(world):
    runs = [run_module("audit_info", domains=["b.test", "a.test", "broken.test"], **world) for _unused in range(2)]
    assert runs[0]["results"] == runs[1]["results"]


def test_only_what_was_asked_for_is_looked_at(world):
    result = run_module("audit_info", domains=["a.test"], look_at=["records"], **world)
    assert result["results"][0]["addresses"] == []
    assert result["results"][0]["stations"]["mx"] == "unknown"


def test_names_that_are_no_domains_are_refused_all_at_once(world):
    result = run_module("audit_info", domains=["a.test", "user@b.test", {"domain": "c.test", "mod": "x"}], **world)
    assert result["failed"] is True
    assert ["user@b.test" in problem or "c.test" in problem for problem in result["problems"]] == [True, True]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        (
            "report_paths",
            ["audit.html", "/tmp/a"],
            "No absolute path: audit.html. Remedy: Write one that begins with /",
        ),
        (
            "report_paths",
            ["/nowhere/a", "/nowhere/b"],
            "No such folder: /nowhere. Remedy: Create it, or write to another",
        ),
        ("summary", {"width": 59}, "summary: width: 59 is too narrow. Remedy: Write 60 or more."),
        ("nameservers", ["nobody:99999"], "nameservers: "),
    ],
)
def test_an_option_that_cannot_be_used_is_named(world, option, value, words):
    result = run_module("audit_info", domains=["a.test"], **{**world, option: value})
    assert result["failed"] is True
    assert words in result["msg"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a.test": [{"id": 1}]}', "an entry of a.test has other keys than an audit writes"),
        ("{", "Expecting property name"),
        ("[]", "it is no dictionary of domains"),
        ("[" * 100000, "recursion"),
    ],
)
def test_a_state_that_cannot_be_used_is_named(world, state, text, words):
    state.write_text(text, encoding="utf-8")
    result = run_module("audit_info", domains=["a.test"], state=str(state), **world)
    assert result["failed"] is True
    assert result["msg"].startswith(f"state: {state}: ")
    assert words in result["msg"]
    assert result["msg"].endswith("Remedy: Restore it, or remove it: without it this is the first audit.")


@pytest.fixture
def reports(tmp_path):
    """The figures of a report of yesterday on a.test, of none on b.test, read now."""
    now = int(time.time())
    yesterday = report("a.test", iso_time(now - 86400)[:10], 9, fails("certificate-expired", 1, "mx.a.test"))
    file = tmp_path / "reports.json"
    file.write_text(json.dumps(figures(returned(yesterday, at=now), ["b.test"])), encoding="utf-8")
    return file


def test_what_senders_report_is_set_beside_what_is_seen(world, reports):
    result = run_module("audit_info", domains=["a.test", "b.test"], tls_reports=str(reports), **world)
    assert findings(result) == {"a.test": ["tlsrpt_failures"], "b.test": ["tlsrpt_silent"]}
    assert "this audit sees nothing wrong, from one place of many" in result["results"][0]["findings"][0]["seen"]


def test_of_domains_that_nobody_has_read_about_nothing_is_said(world, reports, tmp_path):
    reports.write_text(reports.read_text(encoding="utf-8").replace("a.test", "other.test"), encoding="utf-8")
    for file in (reports, tmp_path / "not-there-yet.json"):
        result = run_module("audit_info", domains=["a.test"], tls_reports=str(file), **world)
        assert findings(result) == {"a.test": []}
        assert {"tlsrpt_failures", "tlsrpt_silent"} <= set(result["results"][0]["not_looked_at"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "it is no dictionary of figures"),
        ('{"since": 1}', "it has not what tls_reports_overview writes: "),
        ("{", "Expecting property name"),
        ("[" * 100000, "recursion"),
    ],
)
def test_figures_that_cannot_be_used_are_named(world, reports, text, words):
    reports.write_text(text, encoding="utf-8")
    result = run_module("audit_info", domains=["a.test"], tls_reports=str(reports), **world)
    assert result["failed"] is True
    assert result["msg"].startswith(f"tls_reports: {reports}: ")
    assert words in result["msg"]
    assert result["msg"].endswith(
        "Remedy: Name the JSON that reports.yml writes (sts_reports_json), or run that again."
    )


def test_it_is_summed_up_for_a_terminal(world):
    looked = {"domains": ["a.test", "broken.test"], **world}
    summary = run_module("audit_info", summary={"shown": 1, "width": 60}, **looked)["summary"]
    assert "1 error, 1 ok" in summary["lines"][0]
    assert max(map(len, summary["lines"])) <= 60
    assert summary["failed"] == ["broken.test"]
    assert summary["message"].startswith("broken.test: record_id: ")
    unsettled = run_module("audit_info", summary={"unsettled": ["broken.test"]}, **looked)["summary"]
    assert (unsettled["failed"], unsettled["message"]) == ([], "")


def test_a_broken_history_is_named(world, tmp_path):
    (tmp_path / "history.json").write_text("{")
    result = run_module("audit_info", domains=["a.test"], history=str(tmp_path / "history.json"), **world)
    assert result["failed"] is True
    assert "history.json cannot be read" in result["msg"]


def test_a_policy_removed_while_senders_hold_it_is_told_from_the_history_of_the_policy_host(world, tmp_path):
    entry = {"id": ID, "mode": "enforce", "max_age": 2419200, "first": 1, "last": int(time.time())}
    history = tmp_path / "history.json"
    history.write_text(json.dumps({"format": 1, "domains": {"servers.test": [entry]}}))
    result = run_module("audit_info", domains=["servers.test"], history=str(history), **world)
    assert "policy_removed_early" in findings(result)["servers.test"]


@pytest.fixture
def doors():
    """Servers on loopback where strangers' records may lead, and what has come to them."""
    came = []
    with contextlib.ExitStack() as stack:
        ports = [
            stack.enter_context(accepting(lambda connection, what=what: came.append(what))) for what in ("web", "mail")
        ]
        yield {"port": ports[0], "smtp_port": ports[1]}, came


def test_what_leads_inward_is_told_and_not_connected_to(world, doors):
    ports, came = doors
    options = {**world, **ports, "allow_private": False, "authoritative": True}
    result = run_module("audit_info", domains=["a.test"], **options)
    assert came == []
    (entry,) = result["results"]
    told = {finding["check"]: finding for finding in reversed(entry["findings"])}
    assert set(told) == {"record_servers_private", "host_private", "mx_private"}
    assert told["host_private"]["severity"] == "error"
    for check, name in (
        ("record_servers_private", "ns1.servers.test"),
        ("host_private", "mta-sts.a.test"),
        ("mx_private", "mx.a.test"),
    ):
        assert told[check]["seen"].startswith(f"{name} resolves to 127.0.0.1, a loopback address (RFC 1122)"), check
        assert "mta_sts_allow_private" in told[check]["remedy"]
    assert {entry["stations"][station] for station in ("tls", "policy")} == {"unknown"}


def test_an_open_port_and_a_closed_one_look_alike_in_the_result(world, doors):
    options = {**world, "allow_private": False}
    results = [
        run_module("audit_info", domains=["a.test"], **{**options, **ports})["results"]
        for ports in (doors[0], {"port": 1, "smtp_port": 1})
    ]
    assert results[0] == results[1]
