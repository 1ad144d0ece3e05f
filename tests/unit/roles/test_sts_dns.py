# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role sts_dns with the ways of publishing that are not its own, on a real primary and a real secondary."""

from __future__ import annotations

import pytest
from helpers.playbook_run import run_playbook
from servers.knot import ALGORITHM, KEY, SECRET, Zone, serve

STS = "v=STSv1; id=d5af4b2e0b6f4e8d;"
DOMAINS = [
    {"domain": "a.test", "mx": ["mx.a.test"], "tls_rpt": ["mailto:tlsrpt@a.test"]},
    {"domain": "gone.test", "state": "absent"},
]
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_dns
"""
# What an operator might write: with knsupdate, which shares no code with us
TASKS = """
- name: Publish
  ansible.builtin.command:
    argv: [knsupdate, -y, "{algorithm}:{key}:{secret}"]
    stdin: |
      server 127.0.0.1 {port}
      {{% for record in sts_dns_records | rejectattr('published') %}}
      zone {{{{ record.zone }}}}.
      del {{{{ record.name }}}}. TXT
      {{% for text in record["values"] %}}
      add {{{{ record.name }}}}. 300 TXT "{{{{ text }}}}"
      {{% endfor %}}
      send
      {{% endfor %}}
  changed_when: sts_dns_records | rejectattr('published') | length > 0
  when: not ansible_check_mode
"""


THEIRS = ("a.test", "_dmarc.a.test", "key._domainkey.a.test", "wild.test", "www.wild.test", "_mta-sts.a.test")
A_TEST = """
@ TXT "v=spf1 -all"
_dmarc TXT "v=DMARC1; p=reject"
key._domainkey TXT "v=DKIM1; p=AAAA"
_mta-sts TXT old
"""
SPY_TEST = "_mta-sts CNAME _dmarc.a.test.\n_smtp._tls CNAME _smtp._tls.a.test."
WILD_TEST = '@ TXT "v=spf1 -all"\n* CNAME @'


@pytest.fixture
def servers(tmp_path):
    zones = [
        Zone("a.test", A_TEST),
        Zone("gone.test", f'_mta-sts TXT "{STS}"'),
        Zone("spy.test", SPY_TEST),
        Zone("wild.test", WILD_TEST),
    ]
    with serve(tmp_path / "knot", *zones) as running:
        yield running


@pytest.fixture
def run(servers, tmp_path):
    """Run the role; return whether it went well, and what it printed."""
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "publish.yml").write_text(TASKS.format(algorithm=ALGORITHM, key=KEY, secret=SECRET, port=servers.port))

    def play(*arguments, **variables):
        given = {
            "sts_dns_domains": DOMAINS,
            "sts_dns_nameservers": [servers.nameserver],
            "sts_dns_port": servers.port,
            "sts_dns_wait_timeout": 10,
            **variables,
        }
        status, output = run_playbook(tmp_path, "play.yml", *arguments, **given)
        return status == 0, output

    return play


FAILING = """
- name: Publish
  ansible.builtin.fail:
    msg: "the provider says 401 {{ secret }}"
  when: record.name is search('gone')
  loop: "{{ sts_dns_records }}"
  loop_control:
    loop_var: record
    label: "{{ record.name }}"
"""


def published(servers):
    return {name: servers.dig(name) for name in ("_mta-sts.a.test", "_smtp._tls.a.test", "_mta-sts.gone.test")}


def test_tasks_of_the_operator_get_all_records_at_once_and_are_waited_for(run, servers, tmp_path):
    options = {"sts_dns_method": "tasks", "sts_dns_tasks": str(tmp_path / "publish.yml")}
    before = published(servers)
    ok, output = run("--check", **options)
    assert ok, output
    assert published(servers) == before
    ok, output = run(**options)
    assert ok, output
    now = published(servers)
    theirs, ours = sorted(now["_mta-sts.a.test"])
    assert theirs == '"old"'
    assert ours.startswith('"v=STSv1; id=')
    assert now["_smtp._tls.a.test"] == ['"v=TLSRPTv1; rua=mailto:tlsrpt@a.test"']
    assert now["_mta-sts.gone.test"] == []
    assert "changed=1 " in output
    ok, output = run(**options)
    assert ok, output
    assert "changed=0 " in output


def test_tasks_that_publish_nothing_fail_by_name(run, tmp_path):
    (tmp_path / "publish.yml").write_text("- name: Forget it\n  ansible.builtin.debug:\n")
    ok, output = run(sts_dns_method="tasks", sts_dns_tasks=str(tmp_path / "publish.yml"), sts_dns_wait_timeout=1)
    assert not ok
    assert "a.test: _mta-sts.a.test: not every name server of a.test has it after 1 s" in output


def test_files_for_zone_files(run, tmp_path):
    options = {"sts_dns_method": "zonefile", "sts_dns_zonefile_folder": str(tmp_path / "zones")}
    ok, output = run(**options)
    assert ok, output
    lines = (tmp_path / "zones/a.test.zone").read_text().splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["_mta-sts.a.test.", "_smtp._tls.a.test."]
    assert len((tmp_path / "zones/gone.test.zone").read_text().splitlines()) == 1
    ok, output = run(**options)
    assert ok, output
    assert "changed=0 " in output


def test_who_publishes_by_hand_is_told_what_is_still_to_be_done(run, servers):
    ok, output = run(sts_dns_method="none")
    assert ok, output
    assert "_smtp._tls.a.test. IN TXT" in output
    assert published(servers)["_smtp._tls.a.test"] == []


@pytest.mark.parametrize("method", ["rfc2136", "tasks", "none", "zonefile"])
def test_what_others_have_stays_with_every_method_also_when_a_domain_leaves(run, servers, tmp_path, method):
    theirs = {name: servers.dig(name) for name in THEIRS}
    for state in ("present", "absent"):
        domains = [
            {"domain": "wild.test", "state": state, "mx": ["mx.a.test"]},
            {"domain": "spy.test", "state": state, "mx": ["mx.a.test"], "tls_rpt": ["mailto:a@spy.test"]},
        ]
        ok, output = run(
            sts_dns_domains=domains,
            sts_dns_method=method,
            sts_dns_tasks=str(tmp_path / "publish.yml") if method == "tasks" else "",
            sts_dns_zonefile_folder=str(tmp_path / "zones"),
            sts_dns_key_name=KEY,
            sts_dns_key_secret=SECRET,
        )
        assert not ok, output
        for name, end in (
            ("_mta-sts.spy.test", "_dmarc.a.test, which no entry"),
            ("_smtp._tls.spy.test", "_smtp._tls.a.test, which does not exist (NXDOMAIN), and which no entry"),
        ):
            assert f"spy.test: {name}: the name is a CNAME to {end}" in output, output
        assert "wild.test: _mta-sts.wild.test:" not in output
        assert {name: servers.dig(name) for name in THEIRS} == theirs
    assert not (tmp_path / "zones/spy.test.zone").exists()


def test_a_file_that_somebody_else_has_written_is_told_and_left_alone(run, tmp_path):
    (tmp_path / "zones").mkdir()
    path = tmp_path / "zones/a.test.zone"
    path.write_text("www A 192.0.2.1\n")
    ok, output = run(sts_dns_method="zonefile", sts_dns_zonefile_folder=str(tmp_path / "zones"))
    assert not ok
    assert f"a.test: {path} has not been written by us. Remedy: Move it, or choose another folder." in output
    assert path.read_text() == "www A 192.0.2.1\n"
    assert (tmp_path / "zones/gone.test.zone").exists()


def test_one_item_that_fails_ends_neither_the_wait_nor_the_report(run, servers, tmp_path):
    failing = (tmp_path / "publish.yml").read_text() + FAILING.replace("{{ secret }}", "")
    (tmp_path / "publish.yml").write_text(failing)
    ok, output = run(sts_dns_method="tasks", sts_dns_tasks=str(tmp_path / "publish.yml"))
    assert not ok
    assert published(servers)["_smtp._tls.a.test"] == ['"v=TLSRPTv1; rua=mailto:tlsrpt@a.test"']
    assert "sts_dns: the task 'Publish' failed for _mta-sts.gone.test: the provider says 401. Remedy: " in output
    assert output.index("Wait until all name servers") < output.index("Fail for the domains")
    assert "rescued=1" in output
    assert "every name server" not in output


def test_what_no_log_hides_stays_hidden_and_the_record_is_named(run, tmp_path):
    (tmp_path / "publish.yml").write_text(FAILING + "  no_log: true\n")
    options = {"sts_dns_method": "tasks", "sts_dns_tasks": str(tmp_path / "publish.yml"), "sts_dns_wait_timeout": 1}
    ok, output = run("-vvv", **options, secret="the credentials")
    assert not ok
    assert "the task 'Publish' failed for _mta-sts.gone.test: what it said is hidden by no_log" in output
    assert "says 401" not in output.partition("TASK [postmaster.mta_sts.sts_dns : Say what failed]")[2]
    assert "a.test: _mta-sts.a.test: not every name server of a.test has it after 1 s" in output


@pytest.mark.parametrize("method", ["tasks", "zonefile"])
def test_a_host_of_theirs_that_is_gone_is_shown_and_waited_for_no_longer_than_the_records(run, tmp_path, method):
    (tmp_path / "publish.yml").write_text(
        "- name: Elsewhere\n  ansible.builtin.ping:\n  delegate_to: gone\n"
        "  vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}\n"
    )
    folder = str(tmp_path / "zones")
    options = {"sts_dns_method": method, "sts_dns_zonefile_folder": folder, "sts_dns_wait_timeout": 1}
    ok, output = run(**options, sts_dns_tasks=str(tmp_path / "publish.yml"))
    assert not ok
    assert "UNREACHABLE!" in output
    assert "a.test: _mta-sts.a.test: not every name server of a.test has it after 1 s" in output


def test_a_host_of_zone_files_that_is_gone_is_named(run, tmp_path):
    (tmp_path / "hosts").write_text("gone ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1\n")
    options = {"sts_dns_method": "zonefile", "sts_dns_zonefile_host": "gone", "sts_dns_wait_timeout": 1}
    ok, output = run("--inventory", "hosts", **options, sts_dns_tasks=str(tmp_path / "publish.yml"))
    assert not ok
    assert "the task 'zonefile' failed: gone (sts_dns_zonefile_host) cannot be reached: " in output
    assert output.index("Wait until all name servers") < output.index("Fail for the domains")


def test_tasks_that_are_not_there_are_named(run, tmp_path):
    ok, output = run(sts_dns_method="tasks", sts_dns_tasks=str(tmp_path / "nowhere.yml"), sts_dns_wait_timeout=1)
    assert not ok
    assert "nowhere.yml' failed: Ansible could not read it" in output.partition("Fail for the domains")[2]


# Stands in for the reload of a name server: what the files say is what it has
TASKS_OF_A_SERVER = """
- name: Read
  ansible.builtin.command:
    argv: [knsupdate, -y, "hmac-sha256:{key}:{secret}"]
    stdin: |
      server 127.0.0.1 {port}
      zone {{{{ item }}}}.
      del _mta-sts.{{{{ item }}}}. TXT
      {{% set file = sts_dns_zonefile_folder ~ '/' ~ item ~ '.zone' %}}
      {{% for line in lookup('ansible.builtin.file', file).splitlines()[1:] %}}
      add {{{{ line }}}}
      {{% endfor %}}
      send
  changed_when: true
  loop: "{{{{ sts_dns_zones }}}}"
"""
RELOAD = """
- name: Load
  ansible.builtin.command: "{{ load | default('true') }}"
  changed_when: true
  loop: "{{ sts_dns_zones }}"
"""


def test_zones_that_could_not_be_loaded_are_loaded_by_the_next_run(run, servers, tmp_path):
    (tmp_path / "publish.yml").write_text(RELOAD + TASKS_OF_A_SERVER.format(port=servers.port, key=KEY, secret=SECRET))
    folder = str(tmp_path / "zones")
    options = {
        "sts_dns_method": "zonefile", "sts_dns_zonefile_folder": folder,
        "sts_dns_tasks": str(tmp_path / "publish.yml"),
    }  # fmt: skip
    ok, output = run(**options, load="false", sts_dns_wait_timeout=1)
    assert not ok
    assert "sts_dns: the task 'Load' failed for a.test, gone.test: " in output
    assert "a.test: _mta-sts.a.test: not every name server of a.test has it after 1 s" in output
    ok, output = run("--check", **options)
    assert ok, output
    assert "item=a.test" in output
    ok, output = run(**options)
    assert ok, output
    assert "item=a.test" in output
    ok, output = run(**options)
    assert ok, output
    assert "changed=0 " in output


BY_ZONE = """
- name: Publish
  ansible.builtin.fail:
    msg: "the provider says 401"
  loop: "{{ sts_dns_records | groupby('zone') }}"
  loop_control:
    label: "{{ item.0 }}"
"""


def test_of_tasks_that_go_by_zone_each_zone_is_named_that_failed(run, tmp_path):
    (tmp_path / "publish.yml").write_text(BY_ZONE)
    _ok, output = run(sts_dns_method="tasks", sts_dns_tasks=str(tmp_path / "publish.yml"), sts_dns_wait_timeout=1)
    assert "sts_dns: the task 'Publish' failed for a.test, gone.test: the provider says 401." in output
