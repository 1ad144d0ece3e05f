# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules where somebody else may write: what is put there is that domain's trouble, shown to nobody and not followed.

For root, who can be both.
"""

from __future__ import annotations

import os
import pwd
import shutil
import time

import pytest
from helpers.certificates import issue
from helpers.module_process import run_module

SOMEBODY = pwd.getpwnam("daemon")
GOOD, BAD = ({"domain": name, "mx": ["mx.example"]} for name in ("good.example", "bad.example"))
SECRET = "root's secret"
DAY = 86400
NOW = int(time.time())


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    yield file
    assert (file.read_text(), file.stat().st_mode & 0o777, file.stat().st_uid) == (SECRET, 0o600, 0)


def give(path):
    os.chown(path, SOMEBODY.pw_uid, SOMEBODY.pw_gid, follow_symlinks=False)


def link_to(target):
    def put(path):
        path.symlink_to(target)
        give(path)

    return put


@pytest.fixture
def www(tmp_path):
    """Document roots of customers, who may write there."""
    for name in ("good.example", "bad.example"):
        folder = tmp_path / "www" / name / ".well-known"
        folder.mkdir(parents=True)
        give(folder)
        give(folder.parent)
    return tmp_path / "www"


def publish(tmp_path, *domains, **options):
    paths = {"root": str(tmp_path / "www"), "history": str(tmp_path / "lib/history.json")}
    return run_module("policies", **paths, domains=list(domains), strict=False, **options)


def huge(path):
    with path.open("wb") as file:
        file.truncate(300_000_000)


PUT = {
    "link": (lambda path, secret: link_to(secret)(path), "is a link of daemon and points to what belongs to root"),
    "pipe": (lambda path, _secret: os.mkfifo(path), "is a pipe, not a plain file"),
    "huge": (lambda path, _secret: huge(path), "is larger than 1048576 bytes"),
    "name": (lambda path, secret: os.link(secret, path), "has other names, too"),
}


@pytest.mark.parametrize("kind", PUT)
def test_what_is_in_place_of_a_policy_is_that_domains_trouble(tmp_path, www, secret, kind):
    put, said = PUT[kind]
    put(www / "bad.example/.well-known/mta-sts.txt", secret)
    done = publish(tmp_path, BAD, GOOD)
    assert done["failed_domains"] == ["bad.example"]
    (problem,) = done["problems"]
    assert problem.startswith(f"bad.example: policy: {www}/bad.example/.well-known/mta-sts.txt cannot be read: ")
    assert said in problem
    assert "Remedy: Fix that on the policy host and run again." in problem
    assert SECRET not in str(done)
    assert (www / "good.example/.well-known/mta-sts.txt").exists()


def test_a_folder_that_leads_away_is_neither_written_nor_emptied(tmp_path, www, secret):
    shutil.rmtree(www / "bad.example")
    link_to(tmp_path / "away")(www / "bad.example")
    away = tmp_path / "away/.well-known"
    away.mkdir(parents=True)
    (away / "mta-sts.txt").write_text(SECRET)
    for entry in (BAD, {"domain": "bad.example", "state": "absent"}):
        done = publish(tmp_path, entry, force=True)
        assert done["failed_domains"] == ["bad.example"]
        assert f"{www}/bad.example is a link of daemon and points to what belongs to root" in done["problems"][0]
        assert (away / "mta-sts.txt").read_text() == SECRET


def test_roots_own_links_lead_to_the_policies(tmp_path, www):
    www.rename(tmp_path / "data")
    www.symlink_to("data")
    assert publish(tmp_path, GOOD, BAD)["problems"] == []
    assert (tmp_path / "data/good.example/.well-known/mta-sts.txt").exists()


# What the user who orders certificates could do if a CA or a flaw made it


@pytest.fixture
def paths(tmp_path):
    store, live = tmp_path / "state/certs/ca", tmp_path / "live"
    for name in ("mta-sts.good.example", "mta-sts.bad.example"):
        issue(store, live, name, "p256", start=NOW - DAY, end=NOW + 80 * DAY)
        (live / f"{name}.rsa.pem").symlink_to(f"{name}.ecdsa.pem")
        chain = store / "p256" / name / "fullchain.pem"
        chain.rename(chain.with_name("fullchain-1.pem"))
        chain.symlink_to("fullchain-1.pem")
    for path in (tmp_path / "live", *(tmp_path / "live").iterdir(), *(tmp_path / "state").rglob("*")):
        give(path)
    return {"state_root": str(tmp_path / "state"), "ca": "ca", "live_root": str(live), "key_types": ["p256"]}


def info(paths):
    order = {"action": "order", "reason": "", "remedy": "", "before": {}}
    orders = [{**order, "domain": name, "policy_host": f"mta-sts.{name}"} for name in ("bad.example", "good.example")]
    done = run_module("certificate_info", **paths, orders=orders)
    assert SECRET not in str(done)
    return {entry["domain"]: (entry["outcome"], entry["reason"]) for entry in done["domains"]}


@pytest.mark.parametrize("name", ["failure", "fullchain.pem", "privkey.pem"])
@pytest.mark.parametrize("kind", PUT)
def test_what_is_in_place_of_a_certificate_is_that_names_trouble(tmp_path, paths, secret, kind, name):
    put, said = PUT[kind]
    path = tmp_path / "state/certs/ca/p256/mta-sts.bad.example" / name
    path.unlink(missing_ok=True)
    put(path, secret)
    found = info(paths)
    assert found["good.example"] == ("issued", "new: p256")
    assert found["bad.example"][0] == "failed"
    assert said in found["bad.example"][1]


@pytest.mark.parametrize("kind", PUT)
def test_what_is_in_place_of_the_words_of_a_failure_shows_nothing(tmp_path, paths, secret, kind):
    PUT[kind][0](tmp_path / "state/certs/ca/failure", secret)
    info(paths)


def test_removing_keys_removes_nothing_that_a_link_leads_to(tmp_path, paths):
    away = tmp_path / "away/mta-sts.bad.example"
    away.mkdir(parents=True)
    (away / "file").touch()
    (tmp_path / "www").mkdir()
    shutil.rmtree(tmp_path / "state/certs/ca/p256")
    link_to(tmp_path / "away")(tmp_path / "state/certs/ca/p256")
    gone = {"domain": "bad.example", "policy_host": "mta-sts.bad.example", "state": "absent", "leads_here": "yes"}
    done = run_module(
        "certificate_orders", **paths, results=[{**gone, "policy_host_addresses": []}], addresses=[],
        domains_txt=str(tmp_path / "etc/domains.txt"), policy_root=str(tmp_path / "www"),
    )  # fmt: skip
    assert done["domains"][0]["action"] == "remove"
    assert (away / "file").exists()
