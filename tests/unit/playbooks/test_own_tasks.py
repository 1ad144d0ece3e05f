# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks of the user's within site.yml: a mistake in them ends the run before anything, a failure of them not at all."""

from __future__ import annotations

import pytest

FAILING = """
- name: Tell the provider
  ansible.builtin.fail:
    msg: the provider says 401
"""


@pytest.fixture
def deploy(run, tmp_path):
    """Run site.yml with these tasks on hosts of these names; return what it printed."""

    def deploy(tasks, *names):
        (tmp_path / "publish.yml").write_text(tasks, encoding="utf-8")
        options = {"sts_dns_method": "tasks", "sts_dns_tasks": str(tmp_path / "publish.yml")}
        return run("postmaster.mta_sts.site", names=names, **options)

    return deploy


def test_after_a_failure_there_is_the_table_and_the_run_ends_failed(deploy):
    output = deploy(FAILING, "one", "two")
    table, _unused, end = output.partition("TASK [Show the table]")[2].partition("Fail for the domains that need")
    assert "a.test  testing" in table
    assert "sts_dns: the task 'Tell the provider' failed: the provider says 401. Remedy: Put it right" in end
    assert "failed=1" in end


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ("- nowhere.at_all.module:\n", "nowhere.at_all.module"),
        ("- name: [\n", "publish.yml"),
        ("name: no list\n", "list"),
    ],
    ids=["no such module", "no YAML", "no list"],
)
def test_a_mistake_in_them_ends_the_run_before_anything_is_touched(deploy, tmp_path, tasks, said):
    output = deploy(tasks, "one")
    assert said in output
    assert "sts_policy : " not in output
    assert list(tmp_path.glob("*/*/.well-known")) == []


def test_they_are_read_first_and_run_once_in_their_place(deploy, tmp_path):
    mark = f"- ansible.builtin.lineinfile:\n    path: {tmp_path}/mark\n    line: '{{{{ sts_dns_records | length }}}}'\n"
    output = deploy(mark + "    create: true\n    insertbefore: BOF\n    mode: '0600'\n", "one", "two")
    assert (tmp_path / "mark").read_text(encoding="utf-8") == "0\n"
    assert output.count("ansible.builtin.lineinfile]") == 1
