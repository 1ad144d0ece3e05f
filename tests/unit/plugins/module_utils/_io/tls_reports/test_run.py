# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All sources are read, one after the other, and what they say is returned as plain data."""

from __future__ import annotations

import json
import time

import pytest
from helpers.tls_reports import DAY, POLICY, mail, packed, report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.state import (
    State,
    from_text,
    to_text,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import run
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.dkim_signatures import Signatures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.folder import Folder
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.mbox import Mbox
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.run import Question, read, result

NOW = int(time.time())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "1.gz").write_bytes(packed(report(1)))
    (tmp_path / "2.eml").write_bytes(mail(report(2, domain="example.org"), domain="example.org"))
    return tmp_path


def ask(**options):
    return Question(**{"domains": {"example.com", "example.org"}, "now": NOW, **options})


def look(*sources, before=None, policies=lambda domains: {}, **options):
    question = ask(**options)
    reading = read(sources, before or State(), question, Signatures(None))
    return result(reading, question, policies), reading.state


def test_it_is_all_said_and_the_same_each_time(folder):
    seen, state = look(Folder(str(folder), {}))
    assert [(row["domain"], row["day"], row["failed"]) for row in seen["days"]] == [
        ("example.com", DAY, 1), ("example.org", DAY, 1),
    ]  # fmt: skip
    assert seen["inputs"] == {"read": 2, "copies": 0, "other_mails": 0, "refused": 0}
    assert [entry["name"] for entry in seen["result_types"]] == ["certificate-expired"]
    assert seen["read_at_epoch"] == NOW
    assert json.loads(json.dumps(seen)) == seen
    again, same = look(Folder(str(folder), {}))
    assert (again, to_text(same)) == (seen, to_text(state))


@pytest.mark.parametrize("since", [None, "2098-01-01"])
def test_what_is_summed_up_says_the_same_as_the_rows_and_leaves_them_where_they_are(folder, since):
    rows, _state = look(Folder(str(folder), {}), since=since)
    summed_up, _state = look(Folder(str(folder), {}), since=since, sum_up=True)
    assert summed_up.pop("figures") == figures(rows, ["example.com", "example.org"])
    assert summed_up == {key: value for key, value in rows.items() if key != "days"}


def test_a_source_that_is_gone_is_a_problem_of_its_own(folder):
    seen, _state = look(Mbox("/nowhere/mbox", {}), Folder(str(folder), {}))
    assert seen["problems"] == [
        "mbox /nowhere/mbox: No such file or directory. "
        "Remedy: Check that /nowhere/mbox is an mbox, and that it may be read."
    ]
    assert seen["inputs"]["read"] == 2


def test_an_oddity_nobody_has_thought_of_is_its_sources_own(folder, monkeypatch):
    odd = Folder(str(folder), {})
    monkeypatch.setattr(odd, "items", lambda: iter(1))
    seen, _state = look(odd, Mbox("/nowhere/mbox", {}))
    assert seen["problems"][0].startswith(f"folder {folder}: TypeError: ")
    assert len(seen["problems"]) == 2


def test_what_was_kept_is_told_and_not_read_again(folder):
    seen, state = look(Folder(str(folder), {}))
    kept = from_text(to_text(state))
    again, after = look(Folder(str(folder), kept.marks[f"folder {folder}"]), before=kept)
    assert again["days"] == seen["days"]
    assert again["inputs"]["read"] == 0
    assert to_text(after) == to_text(state)


def test_without_its_marks_everything_is_read_and_nothing_counts_twice(folder):
    seen, state = look(Folder(str(folder), {}))
    again, _state = look(Folder(str(folder), {}), before=from_text(to_text(state)))
    assert again["days"] == seen["days"]
    assert again["inputs"]["copies"] == 2


def test_marks_of_other_sources_stay(folder):
    _seen, state = look(Folder(str(folder), {}), before=State([], {"mbox /other": {"position": "1"}}))
    assert set(state.marks) == {"mbox /other", f"folder {folder}"}


def test_domains_and_days_that_are_not_asked_for_are_kept_and_not_told(folder):
    _seen, state = look(Folder(str(folder), {}))
    seen, after = look(before=state, domains={"example.org"})
    assert [row["domain"] for row in seen["days"]] == ["example.org"]
    assert len(after.rows) == 2
    assert look(before=state, since="2098-01-01")[0]["days"] == []
    assert look(before=state, until="2001-01-01")[0]["days"] == []
    assert look(before=state, until="2001-01-01")[0]["result_types"] == []


def test_days_that_are_too_old_are_forgotten(folder):
    _seen, state = look(Folder(str(folder), {}))
    assert len(look(before=state, keep_days=2)[1].rows) == 2
    assert look(before=state, keep_days=1)[1].rows == []


def test_more_rows_than_are_kept_are_told(folder, monkeypatch):
    monkeypatch.setattr(run, "bounded_rows", lambda rows: rows[1:])
    (problem,) = look(Folder(str(folder), {}))[0]["problems"]
    assert problem.startswith(f"2 rows are more than are kept; the days before {DAY} are left out. Remedy: ")


def test_senders_that_see_another_policy_are_named_and_only_domains_with_reports_are_asked_about(folder):
    asked = []
    other = "".join(f"{line}\r\n" for line in POLICY).replace("enforce", "testing").encode()

    def policies(domains):
        asked.append(domains)
        return {"example.com": other}

    seen, _state = look(Folder(str(folder), {}), domains={"example.com", "quiet.example"}, policies=policies)
    assert [(entry["domain"], entry["day"]) for entry in seen["outdated"]] == [("example.com", DAY)]
    assert asked == [{"example.com"}]
