# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every block of the documentation is tried as it is typed, or it is said who tries it, or why nobody can."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import PurePath

import dns.message
import dns.rdatatype
import dns.rrset
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from conftest import COLLECTIONS
from helpers.snippets import (
    COMMANDS,
    INVENTORY,
    OTHER,
    PAGES,
    PLAYBOOK,
    ROOT,
    TASKS,
    VARIABLES,
    Snippet,
    lay_out,
    snippets,
)
from servers.dns_server import answering

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains

ALL = list(snippets())
ELSEWHERE = yaml.safe_load((ROOT / "tests/unit/docs/snippets.yml").read_text(encoding="utf-8"))
SPECS = {
    path.parents[1].name: yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    for path in ROOT.glob("roles/*/meta/argument_specs.yml")
}
ROLE = "postmaster.mta_sts."
COMMON = re.compile(r"^\| `(mta_sts_\w+)` \|", re.MULTILINE)


def of(*kinds):
    return pytest.mark.parametrize(
        "snippet", [pytest.param(one, id=one.label) for one in ALL if one.kind in kinds and not named(one)]
    )


def named(snippet: Snippet):
    """The entries of snippets.yml about this one."""
    return [entry for entry in ELSEWHERE.get(snippet.page, []) if snippet.text.startswith(entry["begins"])]


def ansible(folder, *command):
    """Run a program of Ansible; return what it printed if it went well, and fail otherwise."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PWD": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_block_is_tried_or_it_is_said_why_not():
    assert [one.label for one in ALL if one.kind == OTHER and not named(one)] == []


def test_what_is_said_of_blocks_is_about_one_each():
    entries = [(page, entry["begins"]) for page, entries in ELSEWHERE.items() for entry in entries]
    counted = Counter((one.page, entry["begins"]) for one in ALL for entry in named(one))
    assert {entry: counted[entry] for entry in entries if counted[entry] != 1} == {}
    assert [entry for entry, times in Counter(entries).items() if times > 1] == []


@pytest.mark.parametrize("page", ELSEWHERE)
def test_each_has_a_reason_or_a_test_that_reads_the_page(page):
    for entry in ELSEWHERE[page]:
        assert set(entry) - {"begins"} in ({"why"}, {"tried_by"}), entry
        if "tried_by" in entry:
            tests = (ROOT / entry["tried_by"]).read_text(encoding="utf-8")
            assert page.rpartition("/")[2] in tests or "PAGES" in tests


def test_all_pages_are_looked_at():
    assert {"README.md", "docs/customers.md", "roles/sts_dns/README.md"} <= {one.page for one in ALL}
    assert ROOT / "docs/dns-providers/README.md" in PAGES


@pytest.mark.parametrize("page", sorted({one.page for one in ALL if one.kind in {PLAYBOOK, TASKS} and not named(one)}))
def test_playbooks_and_tasks_can_be_read_by_ansible(tmp_path, page):
    lay_out(tmp_path, page)
    names = []
    for snippet in ALL:
        if snippet.page == page and snippet.kind in {PLAYBOOK, TASKS} and not named(snippet):
            plays = snippet.data
            if snippet.kind == TASKS:
                plays = [{"name": "Try", "hosts": "localhost", "gather_facts": False, "tasks": plays}]
            names.append(f"{snippet.number}.yml")
            (tmp_path / names[-1]).write_text(yaml.safe_dump(plays), encoding="utf-8")
    output = ansible(tmp_path, "ansible-playbook", "-i", "inventory", "--list-tasks", *names)
    assert output.count("playbook: ") == len(names)


@of(PLAYBOOK)
def test_no_role_of_a_play_goes_without_the_list_that_another_one_has(snippet):
    for play in snippet.data:
        ours = {role["role"].removeprefix(ROLE): role.get("vars", {}) for role in play.get("roles", [])}
        given = {role for role, variables in ours.items() if f"{role}_domains" in variables}
        assert given in (set(), set(ours)), f"only {given} would have domains"


@of(PLAYBOOK)
def test_variables_of_roles_are_what_their_roles_take(snippet):
    for play in snippet.data:
        check(play.get("vars", {}))
        for role in play.get("roles", []):
            check(role.get("vars", {}))


@of(VARIABLES)
def test_variables_are_what_the_roles_take(snippet):
    check(snippet.data)


def check(variables):
    """Fail for a variable that nobody takes, or whose value is refused; and for a list with mistakes."""
    for role, spec in SPECS.items():
        given = {name: value for name, value in variables.items() if name in spec}
        taken = {name: option for name, option in spec.items() if name in given}
        assert ArgumentSpecValidator(taken).validate(given).error_messages == [], role
    common = set(COMMON.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert set(variables) - common - {name for spec in SPECS.values() for name in spec} == set()
    for name, domains in variables.items():
        if name.endswith("_domains") and name not in {"sts_audit_domains", "sts_reports_domains"}:
            _read, findings = read_domains(domains, variables.get("mta_sts_defaults"))
            assert [str(finding) for finding in findings] == []


@of(INVENTORY)
def test_an_inventory_is_read_by_ansible_and_has_the_group_that_playbooks_run_on(tmp_path, snippet):
    (tmp_path / "hosts.yml").write_text(snippet.text, encoding="utf-8")
    groups = json.loads(ansible(tmp_path, "ansible-inventory", "-i", "hosts.yml", "--list"))
    assert groups["mta_sts_hosts"]["hosts"] == list(snippet.data["mta_sts_hosts"]["hosts"])


def commands():
    for snippet in ALL:
        for line in [] if snippet.kind != COMMANDS or named(snippet) else snippet.commands:
            yield pytest.param(snippet.page, line, id=f"{snippet.label} {line}")


@pytest.mark.parametrize(("page", "line"), list(commands()))
def test_commands_are_taken_as_they_are_typed(tmp_path, page, line):
    words = shlex.split(line.replace("$PWD", str(tmp_path)))
    if words[0] == "make":
        target = next((word for word in words[1:] if "=" not in word), "help")
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return
    lay_out(tmp_path, page)
    assert "tasks:" in ansible(tmp_path, *words, "--list-tasks").lower()


OWN_TASKS = [pytest.param(one, id=one.label) for one in ALL if one.kind == VARIABLES and "sts_dns_tasks" in one.data]
SHOWN = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"var": "sts_dns_tasks"}}]}]


@pytest.mark.parametrize("snippet", OWN_TASKS)
def test_tasks_of_one_s_own_are_found_although_the_playbook_is_in_the_collection(tmp_path, snippet):
    lay_out(tmp_path, snippet.page)
    (tmp_path / "inventory/group_vars/mta_sts_hosts.yml").write_text(snippet.text, encoding="utf-8")
    mine = tmp_path / PurePath(snippet.data["sts_dns_tasks"]).name
    mine.write_text("---\n- name: Publish\n  ansible.builtin.meta: noop\n", encoding="utf-8")
    playbook = tmp_path / "collection/playbooks/site.yml"
    playbook.parent.mkdir(parents=True)
    playbook.write_text(yaml.safe_dump(SHOWN), encoding="utf-8")
    output = ansible(tmp_path, "ansible-playbook", "-i", "inventory", str(playbook))
    assert f'"sts_dns_tasks": "{mine}"' in output
    assert "[WARNING]" not in output  # in the folder of the inventory, it would be taken for one


ALONE = [
    pytest.param(one, id=one.label)
    for one in ALL
    if one.kind == PLAYBOOK and {play.get("hosts") for play in one.data} == {"web"}
]


def example_com(query):
    """What DNS has: two MX records, which the pages name."""
    response = dns.message.make_response(query)
    (question,) = query.question
    if question.rdtype == dns.rdatatype.MX:
        hosts = "10 mx1.example.com.", "20 mx2.example.com."
        response.answer = [dns.rrset.from_text(question.name, 60, "IN", "MX", *hosts)]
    return response


@pytest.mark.parametrize("snippet", ALONE)
def test_policies_are_written_where_the_page_says(tmp_path, snippet):
    lay_out(tmp_path, snippet.page)
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (tmp_path / "inventory/web.json").write_text(json.dumps({"web": {"hosts": {"policy": here}}}), encoding="utf-8")
    for play in (plays := snippet.data):
        play["become"] = False
        for role in play["roles"]:
            role["vars"] = {**role["vars"], "sts_policy_root": f"{tmp_path}/www"}
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    own = {"sts_policy_history": f"{tmp_path}/history.json", "sts_policy_owner": str(os.geteuid())}
    own |= {"sts_policy_group": str(os.getegid()), "mta_sts_domains": [{"domain": "example.com"}]}
    with answering(example_com) as (nameserver, _asked):
        own["mta_sts_nameservers"] = [nameserver]
        ansible(tmp_path, "ansible-playbook", "-i", "inventory", "play.yml", "-e", json.dumps(own))
    assert (
        (tmp_path / "www/example.com/.well-known/mta-sts.txt").read_text(encoding="utf-8").startswith("version: STSv1")
    )
