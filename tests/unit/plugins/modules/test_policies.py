# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module policy as Ansible runs it: check, real, again; what it refuses, and what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.module_process import run_module

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.modules import policies

COLLECTIONS = Path(policies.__file__).parents[5]

NEW = {"domain": "new.example", "mx": ["mx1.new.example"], "mode": "enforce"}
OLD = {"domain": "old.example", "mx": ["mx1.old.example"]}
OLD_CHANGED = {"domain": "old.example", "mx": ["mx1.old.example", "mx2.old.example"]}
KEPT = {"domain": "kept.example", "mx": ["mx1.kept.example"]}
GOING = {"domain": "going.example", "mode": "none"}
GONE = {"domain": "going.example", "state": "absent"}


class Host:
    """A policy host in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.given = {
            "root": str(folder / "www"),
            "history": str(folder / "lib" / "history.json"),
            "owner": str(os.geteuid()),
            "group": str(os.getegid()),
        }

    def run(self, *domains, **options):
        return run_module("policies", **{**self.given, "domains": list(domains), **options})

    def path(self, domain):
        return self.folder / "www" / domain / ".well-known" / "mta-sts.txt"

    def files(self):
        """Return the bytes of every file, by path."""
        found = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def actions(result):
    return {entry["domain"]: (entry["action"], entry["changed"]) for entry in result["domains"]}


def test_check_mode_says_what_the_real_run_does_and_the_next_run_changes_nothing(host):
    host.run(OLD, KEPT, GOING)
    host.path("kept.example").chmod(0o600)
    before = host.files()
    wanted = (NEW, OLD_CHANGED, KEPT, GONE)

    planned = host.run(*wanted, check=True)
    assert host.files() == before
    assert host.path("kept.example").stat().st_mode & 0o777 == 0o600
    assert planned["changed"] is True
    assert actions(planned) == {
        "new.example": ("create", True),
        "old.example": ("change", True),
        "kept.example": ("keep", True),
        "going.example": ("remove", True),
    }

    done = host.run(*wanted)
    assert (done["changed"], actions(done), done["diff"]) == (True, actions(planned), planned["diff"])
    assert not host.path("going.example").exists()
    assert host.path("new.example").read_bytes() == (
        b"version: STSv1\r\nmode: enforce\r\nmx: mx1.new.example\r\nmax_age: 2419200\r\n"
    )

    after = host.files()
    again = host.run(*wanted)
    assert (again["changed"], again["diff"], host.files()) == (False, [], after)
    assert all(action == ("keep", False) for action in actions(again).values())


def test_the_diff_has_one_part_for_every_file_that_changes(host):
    host.run(OLD, KEPT)
    created, changed = host.run(NEW, OLD_CHANGED, KEPT, check=True)["diff"]
    assert created["before"] == ""
    assert created["after_header"] == str(host.path("new.example"))
    assert changed["before"] == "version: STSv1\r\nmode: testing\r\nmx: mx1.old.example\r\nmax_age: 86400\r\n"
    assert changed["after"].replace("mx: mx2.old.example\r\n", "") == changed["before"]


def test_the_diff_does_nothing_to_a_terminal(host):
    host.run(OLD)
    host.path("old.example").write_bytes(b"version: \x1b[2J\x9b\r\n\xe2\x80\xaemode:\t\rx\r\n")
    (changed,) = host.run(OLD_CHANGED, check=True)["diff"]
    assert changed["before"] == "version: \\x1b[2J\ufffd\r\n\\u202emode:\t\\rx\r\n"


def test_all_mistakes_are_refused_at_once_before_anything_is_touched(host):
    result = host.run(KEPT, {"domain": "example.com.", "mod": "enforce"}, {"domain": "a.example", "mx": ["*"]})
    assert result["failed"] is True
    assert result["msg"].splitlines() == [
        "entry 2: domain: 'example.com.' ends in a dot (RFC 8461, section 3.2). Remedy: Write it without the dot.",
        "entry 2: mod: no such key. Remedy: Did you mean mode?",
        "a.example: mx: '*' would stand for every host (RFC 8461, section 3.2). "
        "Remedy: Write *.example.com, or every name in full.",
    ]
    assert host.files() == {}


def test_a_corrupt_history_is_said_with_its_remedy_and_nothing_is_touched(host):
    host.run(KEPT)
    history = host.folder / "lib" / "history.json"
    history.write_text("not JSON")
    before = host.files()
    result = host.run(NEW)
    assert result["failed"] is True
    assert result["msg"].startswith(f"The history {history} is corrupt: it is not JSON: ")
    assert "Remedy: Restore it from a backup; without one, move it away" in result["msg"]
    assert host.files() == before


@pytest.mark.parametrize(("strict", "failed"), [(True, True), (False, False)])
def test_a_refused_domain_fails_the_run_after_all_others_are_done_unless_told_otherwise(host, strict, failed):
    host.run({**NEW, "domain": "going.example"})
    before = host.path("going.example").read_bytes()
    result = host.run(GONE, NEW, strict=strict)
    assert result.get("failed", False) is failed
    assert result["failed_domains"] == ["going.example"]
    assert result["problems"][0].startswith("going.example: state: senders may hold a policy until ")
    assert host.path("going.example").read_bytes() == before
    assert host.path("new.example").exists()


def test_force_removes_what_senders_may_hold_and_says_until_when(host):
    host.run({**NEW, "domain": "going.example"})
    (entry,) = host.run(GONE, force=True)["domains"]
    assert (entry["action"], entry["policy_id"]) == ("remove", None)
    assert entry["cached_until"].endswith("Z")


HOUR = 3600


@pytest.mark.parametrize("controllers", [(HOUR, 0), (0, -HOUR)], ids=["slow when it was served", "fast when it goes"])
def test_the_clock_of_a_host_that_is_an_hour_off_makes_no_removal_too_early(host, controllers):
    """Seen from this process, whose clock is the host's, it is the controller's that is off."""
    then, later = (iso_time(int(time.time()) + seconds) for seconds in controllers)
    policy = {**NEW, "max_age": 1}
    host.run(policy)
    ended = host.run({**policy, "mode": "none"}, controller_time=then)
    time.sleep(1.1)  # by the clock of this process alone it would be over
    result = host.run({**GONE, "domain": NEW["domain"]}, controller_time=later, strict=False)
    assert actions(result) == {"new.example": ("refuse", False)}
    warnings = str((ended if controllers[0] else result)["warnings"])
    words = (
        r"The clock of this host is 60 min (behind|ahead of) the controller's\. .* Remedy: Have both set their clocks"
    )
    assert re.search(words, warnings)


def test_the_time_of_the_controller_must_be_one(host):
    result = host.run(NEW, controller_time="soon")
    assert result["msg"] == "controller_time: 'soon' is not a time. Remedy: Write it as in 2026-11-26T05:30:00Z."


def test_a_domain_whose_mx_is_unknown_is_refused_and_told_how_to_have_it_looked_up(host):
    result = host.run({"domain": "unknown.example"}, NEW)
    assert result["msg"] == (
        "unknown.example: mx: the MX patterns are unknown, so there is no policy (RFC 8461, section 3.2). "
        "Remedy: List them as mx, or have domains_info look up the domain's live MX set."
    )
    assert host.path("new.example").exists()


def test_a_file_in_the_way_of_one_domain_fails_that_one_only(host):
    (host.folder / "www").mkdir()
    (host.folder / "www" / "old.example").write_text("a file of somebody else")
    result = host.run(OLD, NEW)
    assert result["failed_domains"] == ["old.example"]
    assert result["msg"] == (
        f"old.example: policy: {host.path('old.example')} cannot be read: Not a directory. "
        "Remedy: Fix that on the policy host and run again."
    )
    assert host.path("new.example").exists()


def test_defaults_are_for_all_domains_and_u_labels_become_a_labels(host):
    result = host.run({"domain": "b\u00fccher.example"}, defaults={"mode": "none", "max_age": "2d"})
    assert host.path("xn--bcher-kva.example").read_bytes() == (b"version: STSv1\r\nmode: none\r\nmax_age: 172800\r\n")
    assert [entry["domain"] for entry in result["domains"]] == ["xn--bcher-kva.example"]


@pytest.mark.parametrize("mode", ["0640", "640", 0o640])
def test_permissions_may_be_octal_digits_or_the_number_that_yaml_makes_of_them(host, mode):
    host.run(NEW, mode=mode)
    assert host.path("new.example").stat().st_mode & 0o7777 == 0o640


@pytest.mark.parametrize("mode", ["rw-r--r--", "0999", -1, ""])
def test_permissions_that_are_no_octal_number_are_refused(host, mode):
    assert host.run(NEW, mode=mode)["msg"] == (
        f"mode: {mode!r} is not an octal number. Remedy: Write it in quotes, as in '0644'."
    )
    assert host.files() == {}


def test_an_ad_hoc_command_installs_a_policy(host):
    options = json.dumps({**host.given, "domains": [KEPT]})
    here = ["localhost", "--extra-vars", f"ansible_python_interpreter={sys.executable}"]
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "adhoc", *here, "-m", "postmaster.mta_sts.policies", "-a", options],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(host.folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(host.folder / "tmp"),
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CHANGED" in done.stdout
    assert host.path("kept.example").exists()


def test_forgetting_leaves_nothing_and_check_mode_says_so(host):
    host.run(OLD)
    absent = {"domain": "old.example", "state": "absent"}
    before = host.files()
    planned = host.run(absent, force=True, forget=True, check=True)
    assert host.files() == before

    done = host.run(absent, force=True, forget=True)
    assert (planned["changed"], done["changed"]) == (True, True)
    assert not (host.folder / "www").exists()
    assert list((host.folder / "lib").iterdir()) == []
    assert not host.run(absent, force=True, forget=True)["changed"]
    assert list((host.folder / "lib").iterdir()) == []


def test_forgetting_removes_the_folder_of_the_history_if_it_is_ours(host):
    host.given["history"] = str(host.folder / "var" / "mta-sts" / "history.json")
    host.run(forget=True)
    assert [path.name for path in host.folder.iterdir()] == ["var"]
    assert list((host.folder / "var").iterdir()) == []


def test_forgetting_leaves_alone_what_somebody_else_has_there(host):
    host.run(GOING)
    (host.folder / "www" / "index.html").write_text("mine", encoding="utf-8")
    host.run(GONE, force=True, forget=True)
    assert host.files() == {"www/index.html": b"mine"}
    assert not host.run(GONE, force=True, forget=True)["changed"]


def test_nothing_is_forgotten_while_a_policy_is_served(host):
    host.run(OLD, KEPT, GOING)
    refused = host.run(NEW, GONE, force=True, forget=True, strict=False)
    rule = f"its policy is in {host.folder}/www, so what was served is not forgotten yet"
    remedy = "Remedy: Take it down with state: absent first."
    assert refused["problems"] == [
        f"{name}: state: {rule}. {remedy}" for name in ("kept.example", "new.example", "old.example")
    ]
    assert "lib/history.json" in host.files()


def test_a_refused_removal_is_reported_once_and_nothing_is_forgotten(host):
    host.run(NEW)
    refused = host.run({"domain": "new.example", "state": "absent"}, forget=True, strict=False)
    assert refused["failed_domains"] == ["new.example"]
    assert len(refused["problems"]) == 1
    assert "lib/history.json" in host.files()


def test_what_others_serve_is_remembered_in_the_format_that_earlier_releases_read(host):
    by_hand = "version: STSv1\nmode: enforce\nmx: mx1.new.example\nmax_age: 864000\n"
    given = {"served_by_others": [{"domain": "new.example", "policy": by_hand}]}
    assert host.run(NEW, **given)["changed"]
    before = host.files()
    kept = json.loads(before["lib/history.json"])
    assert kept["format"] == 1
    theirs, ours = kept["domains"]["new.example"]
    assert (theirs["mode"], theirs["max_age"], theirs["last"], ours["last"]) == ("enforce", 864000, None, None)
    assert not host.run(NEW, **given)["changed"]
    assert host.files() == before
    ended = host.run(NEW)["domains"][0]["cached_until"]
    assert ended > iso_time(int(time.time()) + 863000)
