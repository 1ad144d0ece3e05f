# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run reads the list and DNS once, and all policy hosts serve the same: DNS here never says the same twice."""

from __future__ import annotations

from collections import Counter

import pytest

DOMAINS = ("a.test", "b.test")
HOSTS = ("one", "two", "three")
ALONE = """
- hosts: all
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_policy
"""


@pytest.fixture(autouse=True)
def alone(tmp_path):
    (tmp_path / "alone.yml").write_text(ALONE, encoding="utf-8")


def policies(tmp_path, host):
    files = (tmp_path / host / domain / ".well-known/mta-sts.txt" for domain in DOMAINS)
    return [file.read_text(encoding="ascii") if file.exists() else None for file in files]


def repeated(questions):
    """The questions about MX records and addresses that were asked more than once."""
    counted = Counter(question for question in questions if question.split()[-1] in {"MX", "A", "AAAA"})
    return [question for question, times in counted.items() if times > 1]


@pytest.mark.parametrize(
    ("playbook", "arguments"),
    [
        ("postmaster.mta_sts.site", ()),
        ("postmaster.mta_sts.site", ("--tags", "policy")),
        ("postmaster.mta_sts.site", ("--limit", "two,three,one")),
        ("alone.yml", ()),
    ],
    ids=["site.yml", "one of its tags", "limited", "a role alone"],
)
def test_all_hosts_get_one_policy_and_no_question_is_asked_twice(run, resolver, tmp_path, playbook, arguments):
    output = run(playbook, *arguments)
    assert [policies(tmp_path, host) for host in HOSTS] == [policies(tmp_path, "one")] * len(HOSTS), output
    assert "mx0.provider.test" in "".join(policies(tmp_path, "one"))
    assert repeated(resolver[1]) == []
    assert {f"{domain}. IN MX" for domain in DOMAINS} <= set(resolver[1])


def test_a_first_host_that_is_gone_keeps_the_others_from_nothing(run, resolver, tmp_path):
    gone = {"gone": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}}
    output = run("postmaster.mta_sts.site", first=gone)
    assert "gone: it could not be reached" in output
    assert [policies(tmp_path, host) for host in HOSTS] == [policies(tmp_path, "one")] * len(HOSTS), output
    assert repeated(resolver[1]) == []


@pytest.mark.parametrize("choice", [("--tags", "dns"), ("--skip-tags", "policy")], ids=" ".join)
def test_what_comes_later_has_been_read_although_the_policies_are_left_out(run, resolver, tmp_path, choice):
    output = run("postmaster.mta_sts.site", "--check", *choice)
    assert "undefined" not in output
    assert "failed=0" in output
    assert repeated(resolver[1]) == []
    assert sorted(tmp_path.glob("*/*/.well-known")) == []


@pytest.mark.parametrize("tag", ["audit", "vhost"])
def test_what_needs_no_reading_goes_without_one(run, resolver, tag):
    output = run("postmaster.mta_sts.site", "--tags", tag)
    assert output.count("failed=0") == len(HOSTS), output
    assert resolver[1] == []
