# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a failed task of the user says becomes sentences, with the records or zones it is about, and no secret."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.user_tasks import problems

TASK = {"name": "Publish", "no_log": False}
NAMES = ["_mta-sts.a.test", "_smtp._tls.a.test", "b.test"]


def item(about, msg="401", **more):
    return {"failed": True, "msg": msg, "item": about, "ansible_loop_var": "item", **more}


def test_a_task_without_a_loop_is_one_sentence():
    assert problems(TASK, {"failed": True, "msg": "No such host."}, NAMES) == [
        "sts_dns: the task 'Publish' failed: No such host. Remedy: Put it right, then run again."
    ]


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ({"name": "_mta-sts.a.test", "zone": "a.test"}, " for _mta-sts.a.test"),
        ([{"name": "_mta-sts.a.test"}, "v=STSv1; id=1;"], " for _mta-sts.a.test"),
        ({"item": {"name": "_mta-sts.a.test"}, "set": {}}, " for _mta-sts.a.test"),
        ({"name": "@", "zone": "b.test"}, " for b.test"),
        ("b.test", " for b.test"),
        ("the secret", ""),
        (["the secret", {"name": 5}], ""),
        (7, ""),
        (None, ""),
    ],
)
def test_an_item_of_a_loop_is_named_if_it_is_known(about, named):
    (said,) = problems(TASK, {"results": [item(about)]}, NAMES)
    assert said == f"sts_dns: the task 'Publish' failed{named}: 401. Remedy: Put it right, then run again."


def test_a_loop_variable_of_another_name_is_known_as_well():
    failure = {"failed": True, "msg": "401", "zone": "b.test", "ansible_loop_var": "zone"}
    assert " for b.test: 401" in problems(TASK, {"results": [failure]}, NAMES)[0]


def test_each_cause_is_said_once_with_all_that_it_concerns_and_what_went_well_is_not():
    results = [
        item("_mta-sts.a.test"),
        {"failed": False, "item": "nothing"},
        item("b.test", "422"),
        item("_smtp._tls.a.test"),
        item("_mta-sts.a.test"),
    ]
    first, second = problems(TASK, {"msg": "One or more items failed", "results": results}, NAMES)
    assert " for _mta-sts.a.test, _smtp._tls.a.test: 401." in first
    assert " for b.test: 422." in second


def test_of_many_records_ten_are_named_and_the_others_counted():
    names = [f"_mta-sts.d{number}.test" for number in range(1200)]
    (said,) = problems(TASK, {"results": [item({"name": name}) for name in names]}, names)
    assert f" for {', '.join(names[:10])} and 1,190 more: 401." in said


def test_a_host_that_cannot_be_reached_is_a_failure_too():
    unreachable = {"unreachable": True, "msg": "timed out", "item": "b.test"}
    assert " for b.test: timed out." in problems(TASK, {"results": [unreachable]}, NAMES)[0]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"msg": "", "stderr": "rndc: failed\n"}, "rndc: failed."),
        ({"reason": "no such file"}, "no such file."),
        ({}, "it said nothing."),
        ({"msg": "\x1b[31mred\nwine"}, "\\x1b[31mred wine."),
        ({"msg": {"why": "quota"}}, "{'why': 'quota'}."),
    ],
)
def test_the_cause_is_what_the_task_said(said, shown):
    assert f"failed: {shown} Remedy: " in problems(TASK, {"failed": True, **said}, NAMES)[0]


def test_endless_words_are_cut():
    (said,) = problems(TASK, {"failed": True, "msg": "x" * 100_000}, NAMES)
    assert len(said) < 1200


@pytest.mark.parametrize("no_log", [True, "{{ hide }}"])
def test_no_log_hides_what_it_said_and_not_what_it_was_about(no_log):
    results = [item({"name": "b.test"}, "the secret"), item("the secret", "another secret")]
    (said,) = problems({"name": "Publish", "no_log": no_log}, {"results": results}, NAMES)
    assert said == (
        "sts_dns: the task 'Publish' failed for b.test: what it said is hidden by no_log. Remedy: Set no_log to false "
        "there for one run whose output only you read; put right what it says, run again."
    )


def test_what_ansible_has_censored_counts_as_hidden():
    (said,) = problems(TASK, {"failed": True, "censored": "the output has been hidden", "msg": "secret"}, NAMES)
    assert "secret" not in said


@pytest.mark.parametrize(("task", "label"), [({"action": "uri"}, "uri"), ({"name": "a\nb"}, "a b"), ({}, "of no name")])
def test_a_task_is_known_by_its_name_or_what_it_does(task, label):
    assert f"the task '{label}' failed" in problems(task, {"failed": True}, NAMES)[0]
