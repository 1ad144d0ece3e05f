# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""certificate_orders on real files: check, real, again."""

from __future__ import annotations

import pytest
from helpers.certificate_host import CertificateHost, result
from helpers.certificates import END
from helpers.module_process import run_module

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.modules.certificate_orders import KeysStay

HERE, DEAD, GONE = ("here.example", "dead.example", "gone.example")


@pytest.fixture
def host(tmp_path):
    return CertificateHost(tmp_path)


def test_check_mode_on_a_bare_host_says_what_the_real_run_does(host):
    planned = host.order(result(HERE), result(DEAD, "no"), dry=True)
    assert host.files() == []
    real = host.order(result(HERE), result(DEAD, "no"))
    assert {**planned, "asked": real["asked"]} == real
    assert (planned["asked"], real["asked"]) == ("", (host.root / "state/asked").read_text())
    assert planned["changed"]
    assert host.listed() == "mta-sts.here.example\n"
    assert [(entry["name"], entry["key_type"], entry["reason"]) for entry in planned["due"]] == [
        ("mta-sts.here.example", "rsa2048", "there is none"),
        ("mta-sts.here.example", "p256", "there is none"),
    ]
    assert [entry["action"] for entry in planned["domains"]] == ["order", "leave"]
    assert planned["diff"][0]["before"] == ""
    assert planned["diff"][0]["after"] == "mta-sts.here.example\n"
    assert not host.order(result(HERE), result(DEAD, "no"))["changed"]


def test_the_diff_does_nothing_to_a_terminal(host):
    (host.root / "etc").mkdir()
    (host.root / "etc/domains.txt").write_bytes(b"mta-sts.x.example\x1b[2J\n\xff\n")
    assert host.order(result(HERE))["diff"][0]["before"] == "mta-sts.x.example\\x1b[2J\n\ufffd\n"


def test_by_dns_a_name_is_listed_before_it_leads_here(host):
    assert [entry["name"] for entry in host.order(result(DEAD, "no"), challenge="dns-01")["due"]] == [
        "mta-sts.dead.example",
        "mta-sts.dead.example",
    ]
    assert host.listed() == "mta-sts.dead.example\n"


def test_a_name_that_is_no_policy_hosts_is_listed_beside_them(host):
    names = ["Reports.example.net", "mta-sts.here.example"]
    outcome = host.order(result(HERE), names=names)
    assert host.listed() == "mta-sts.here.example\nreports.example.net\n"
    assert [(entry["domain"], entry["policy_host"], entry["action"]) for entry in outcome["domains"]] == [
        ("here.example", "mta-sts.here.example", "order"),
        ("reports.example.net", "reports.example.net", "order"),
    ]
    assert {entry["name"] for entry in outcome["due"]} == {"mta-sts.here.example", "reports.example.net"}
    assert not host.order(result(HERE), names=names)["changed"]
    host.order(result(HERE))
    assert host.listed() == "mta-sts.here.example\n"


def test_a_name_that_is_none_is_refused(host):
    with pytest.raises(Refused, match="is a single label"):
        host.order(result(HERE), names=["reports"])


def test_an_empty_list_is_a_list_too(host):
    assert host.order()["changed"]
    assert host.listed() == ""
    assert not host.order()["changed"]


def test_nothing_is_to_be_started_while_the_certificates_serve(host):
    host.issue(HERE)
    outcome = host.order(result(HERE))
    assert outcome["due"] == []
    assert not outcome["start"]


def test_a_file_nginx_does_not_find_is_put_back_without_an_order(host):
    host.issue(HERE)
    (host.root / "live/mta-sts.here.example.rsa.pem").unlink()
    outcome = host.order(result(HERE))
    assert outcome["due"] == []
    assert outcome["start"]


def test_what_is_due_is_told_to_the_host(host):
    host.issue(HERE)
    assert host.order(result(HERE), now=END)["start"]
    assert not list(host.root.rglob("renew-at"))


def test_an_absent_domain_loses_its_keys(host):
    host.publish(HERE)
    for domain in (HERE, GONE):
        host.issue(domain)
    host.order(result(HERE), result(GONE))
    before = host.files()
    planned = host.order(result(HERE), result(GONE, state="absent"), dry=True)
    assert host.files() == before
    outcome = host.order(result(HERE), result(GONE, state="absent"))
    assert outcome == planned
    assert outcome["changed"]
    assert [entry["before_header"].rsplit("/", 1)[-1] for entry in outcome["diff"][1:]] == [
        "mta-sts.gone.example",
        "mta-sts.gone.example",
        "mta-sts.gone.example.ecdsa.pem",
        "mta-sts.gone.example.rsa.pem",
    ]
    assert not [file for file in host.files() if GONE in file]
    assert not host.order(result(HERE), result(GONE, state="absent"))["changed"]


@pytest.fixture
def policy(host):
    return host.publish(HERE)


def test_an_absent_domain_keeps_its_keys_while_its_policy_is_served(host, policy):
    host.issue(HERE)
    host.order(result(HERE))
    assert not host.order(result(HERE, state="absent"))["changed"]
    assert host.listed() == f"mta-sts.{HERE}\n"
    policy.unlink()
    assert host.order(result(HERE, state="absent"))["changed"]
    assert host.listed() == ""


def test_a_domain_dropped_from_the_list_is_renewed_while_its_policy_is_served(host, policy):
    host.issue(HERE)
    host.order(result(HERE))
    outcome = host.order()
    assert (outcome["changed"], outcome["unlisted"]) == (False, [f"mta-sts.{HERE}"])
    assert host.listed() == f"mta-sts.{HERE}\n"
    policy.unlink()
    outcome = host.order()
    assert (outcome["changed"], outcome["unlisted"], host.listed()) == (True, [], "")
    assert (host.root / f"live/mta-sts.{HERE}.rsa.pem").exists()


def forbid(folder):
    """Put something in the way of whoever reads a folder, root too."""
    folder.write_text("no folder")


@pytest.mark.parametrize(
    ("arrange", "why"),
    [
        (lambda _root: None, "{} does not exist"),
        (lambda root: root.mkdir(), "{} has no policy of a domain that is present"),
        (forbid, "{} cannot be read (Not a directory)"),
    ],
    ids=["missing", "not mounted", "unreadable"],
)
def test_an_absent_domain_keeps_its_keys_when_the_policies_cannot_be_found(host, arrange, why):
    root = host.root / "www"
    for domain in (HERE, GONE):
        host.issue(domain)
    host.order(result(HERE), result(GONE))
    arrange(root)
    before = host.files()
    outcome = host.order(result(HERE), result(GONE, state="absent"))
    assert (outcome["changed"], host.files()) == (False, before)
    assert host.listed() == f"mta-sts.{GONE}\nmta-sts.{HERE}\n"
    assert outcome["domains"][1]["reason"] == (
        f"{why.format(root)}, so its policy may still be served, and the certificate stays"
    )
    assert host.info(outcome["domains"])["domains"][1]["outcome"] == "kept"


def test_a_dropped_domain_is_renewed_when_the_policies_cannot_be_found(host):
    host.issue(HERE)
    host.order(result(HERE))
    assert host.order()["unlisted"] == [f"mta-sts.{HERE}"]


def test_an_absent_domain_without_a_key_is_simply_absent(host):
    (entry,) = host.order(result(GONE, state="absent"))["domains"]
    assert (entry["action"], entry["reason"]) == ("remove", "")


def test_an_absent_domain_keeps_its_keys_while_the_web_server_answers_for_it(host):
    host.publish(HERE)
    host.issue(GONE)
    before = host.keys(GONE)
    outcome = host.order(result(HERE), result(GONE, state="absent"), served=[HERE, GONE])
    assert host.keys(GONE) == before
    assert outcome["domains"][1]["reason"].startswith("its policy is still served here")


def test_check_mode_knows_the_policies_that_are_about_to_go(host, policy):
    host.issue(HERE)
    going = [{"domain": HERE, "action": "remove", "policy_id": None}]
    assert host.order(result(HERE, state="absent"), policies=going, dry=True)["domains"][0]["action"] == "remove"


def test_all_keys_go_when_nothing_is_served(host):
    (host.root / "www").mkdir()
    for domain in (HERE, GONE):
        host.issue(domain)
    planned = host.order(state="absent", dry=True)
    assert host.keys(HERE)
    assert host.keys(GONE)
    assert host.order(state="absent") == planned
    assert host.keys(".example") == []
    assert not host.order(state="absent")["changed"]


LEFT = [{"domain": HERE, "action": "refuse", "policy_id": "x"}]


@pytest.mark.parametrize(
    ("published", "told", "refusal"),
    [
        (True, {}, f"this host still serves the policies of {HERE}, so no key and no certificate is removed"),
        (False, {}, "www does not exist, so policies may still be served, and no key and no certificate is removed"),
        (False, {"served": [GONE]}, f"this host still serves the policies of {GONE}, so no key"),
        (False, {"policies": LEFT}, f"this host still serves the policies of {HERE}, so no key"),
    ],
    ids=["on disk", "no folder", "web server", "another folder"],
)
def test_all_keys_stay_while_anything_may_be_served(host, published, told, refusal):
    if published:
        host.publish(HERE)
    host.issue(GONE)
    before = host.files()
    with pytest.raises(KeysStay, match=refusal) as refused:
        host.order(state="absent", **told)
    assert host.files() == before
    assert ". Remedy: " in str(refused.value)


def test_the_folder_that_sts_policy_has_just_removed_is_not_missed(host):
    host.issue(HERE)
    gone = [{"domain": HERE, "action": "remove", "policy_id": None}]
    assert host.order(state="absent", policies=gone)["changed"]
    assert host.keys(HERE) == []


def test_where_there_are_no_keys_nothing_is_refused(host):
    host.publish(HERE)
    assert not host.order(state="absent")["changed"]


def test_a_list_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "etc").write_text("a file of somebody else")
    path = f"{tmp_path}/etc/domains.txt"
    done = run_module("certificate_orders", results=[], state_root=f"{tmp_path}/state", domains_txt=path)
    assert done["msg"].startswith(f"The orders cannot be written to {path} and the store: ")
    assert done["msg"].endswith(
        f"Not a directory: '{path}'. Remedy: Free space there, or check the owner and mode of {path} and "
        f"{tmp_path}/state, then run again."
    )


def test_a_limit_that_is_none_is_refused_before_anything_is_written(host):
    options = {"results": [], "domains_txt": str(host.root / "domains.txt"), "state_root": str(host.root)}
    told = run_module("certificate_orders", **options, limits={"certificates_per_set": "many"})
    assert told["msg"] == (
        "limits: certificates_per_set: 'many' is not a number of orders in a time. "
        "Remedy: Write it as in '300 per 3h', a number alone for the usual time, or 0 for no limit."
    )
    assert host.files() == []


@pytest.mark.parametrize(("days", "hosts", "told"), [(90, 3, 0), (160 / 24, 1, 0), (160 / 24, 2, 1)])
def test_certificates_that_are_renewed_more_often_than_the_ca_allows_are_told(host, days, hosts, told):
    host.issue(HERE, end=int(days * 86400))
    rule = "certificates_per_set: 4 certificates of one name are renewed every 80 h, more often than the CA allows"
    remedy = "Remedy: Set sts_certificate_key_types to one type."
    assert host.order(result(HERE), hosts=hosts)["told"] == [f"{rule} (5 per 1w). {remedy}"] * told


def test_port_80_of_somebody_else_is_named_and_nothing_is_ordered(host):
    other = {"policy_host": f"mta-sts.{HERE}", "file": "/etc/nginx/conf.d/sts.conf", "line": 3, "alone": True}
    planned = host.order(result(HERE), port_80_of_others=[other])
    (entry,) = planned["domains"]
    assert (entry["action"], planned["due"]) == ("leave", [])
    assert entry["reason"].startswith(f"/etc/nginx/conf.d/sts.conf:3 answers for mta-sts.{HERE} on port 80")
