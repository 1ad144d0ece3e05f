# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of every domain: what becomes of its file, why, and until when senders may hold something else."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import Now, Served
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.plan import (
    plan,
    removed,
    settled,
    unchanged,
    unreadable,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

DAY = 86400
NOW = 1_800_000_000
NAME = "example.com"


def wanted(**changes) -> MailDomain:
    (domain,) = read_domains([{"domain": NAME, "mx": ["mx.example.com"], **changes}])[0]
    return domain


def at(moment):
    return Now(moment, moment)


def only(domain, before=None, entries=(), force=False):
    (change,) = plan([domain], {NAME: before}, {NAME: entries}, at(NOW), force=force)
    return change


ENFORCE = wanted(mode="enforce", max_age="9d")
TESTING = wanted(mode="testing")
NONE = wanted(mode="none")
GONE = wanted(state="absent")


def served(domain, first=NOW - DAY, last=None):
    return Served(domain.policy_id(), domain.mode, domain.max_age, first, last)


def test_a_first_policy_is_created():
    change = only(TESTING)
    assert (change.action, change.before, change.after) == ("create", None, TESTING.policy_text())
    assert change.changes
    assert change.entries == (served(TESTING, NOW),)
    assert change.cached_until is None
    assert change.policy_id == TESTING.policy_id()


def test_what_is_right_is_kept():
    change = only(TESTING, TESTING.policy_text(), (served(TESTING),))
    assert (change.action, change.changes, change.entries) == ("keep", False, (served(TESTING),))
    assert change.during == change.entries


def test_a_changed_policy_tells_until_when_the_old_one_lives():
    change = only(TESTING, ENFORCE.policy_text(), (served(ENFORCE),))
    assert change.action == "change"
    assert change.entries == (served(ENFORCE, last=NOW), served(TESTING, NOW))
    assert change.cached_until == NOW + 9 * DAY


def test_while_a_file_is_replaced_both_policies_may_be_served():
    assert only(TESTING, ENFORCE.policy_text(), (served(ENFORCE),)).during == (served(ENFORCE), served(TESTING, NOW))
    assert only(GONE, TESTING.policy_text(), (served(TESTING),), force=True).during == (served(TESTING),)


def test_the_old_policy_was_served_until_its_file_was_replaced():
    change = settled(only(TESTING, ENFORCE.policy_text(), (served(ENFORCE),)), at(NOW + 60))
    assert change.entries == (served(ENFORCE, last=NOW + 60), served(TESTING, NOW))
    assert change.cached_until == NOW + 60 + 9 * DAY


def test_once_in_place_what_goes_on_is_open_and_what_had_ended_ended_then():
    long_ago = served(ENFORCE, NOW - 5 * DAY, NOW - 3 * DAY)
    kept = settled(only(TESTING, TESTING.policy_text(), (long_ago, served(TESTING))), at(NOW + 60))
    assert kept.entries == (long_ago, served(TESTING))
    assert kept.cached_until == NOW + 6 * DAY


def test_a_policy_installed_by_hand_counts_from_now():
    change = only(TESTING, ENFORCE.policy_text())
    assert change.entries == (served(ENFORCE, NOW, NOW), served(TESTING, NOW))
    assert change.cached_until == NOW + 9 * DAY


def test_a_policy_changed_by_hand_counts_from_now():
    change = only(NONE, ENFORCE.policy_text(), (served(TESTING),))
    assert change.entries == (served(TESTING, last=NOW), served(ENFORCE, NOW, NOW), served(NONE, NOW))
    assert change.cached_until == NOW + 9 * DAY


def test_a_file_no_sender_accepts_leaves_nothing_behind():
    change = only(TESTING, b"<html>")
    assert (change.action, change.entries) == ("change", (served(TESTING, NOW),))


def test_a_file_removed_by_hand_was_served_until_now_at_the_latest():
    change = only(TESTING, None, (served(ENFORCE),))
    assert change.entries == (served(ENFORCE, last=NOW), served(TESTING, NOW))


def test_a_run_that_died_before_the_file_was_written_is_corrected():
    left = (served(ENFORCE), served(NONE))
    change = only(GONE, ENFORCE.policy_text(), left)
    assert change.action == "refuse"
    assert change.cached_until == NOW + 9 * DAY


def test_a_run_that_died_after_the_file_was_written_is_corrected():
    change = only(NONE, NONE.policy_text(), (served(ENFORCE), served(NONE)))
    assert change.action == "keep"
    assert change.entries == (served(ENFORCE, last=NOW), served(NONE))


def test_a_policy_without_known_mx_is_refused():
    (domain,) = read_domains([{"domain": NAME}])[0]
    change = only(domain, TESTING.policy_text(), (served(TESTING),))
    assert (change.action, change.after, change.entries) == ("refuse", TESTING.policy_text(), (served(TESTING),))
    assert [str(finding) for finding in change.findings] == [
        "example.com: mx: the MX patterns are unknown, so there is no policy (RFC 8461, section 3.2). "
        "Remedy: List them as mx, or have domains_info look up the domain's live MX set."
    ]


def test_warnings_do_not_stop_a_policy():
    change = only(wanted(mode="enforce", max_age="1d"))
    assert change.action == "create"
    assert [(finding.severity, finding.domain) for finding in change.findings] == [("warning", NAME)]


@pytest.mark.parametrize("current", [ENFORCE, TESTING])
def test_a_policy_that_senders_may_hold_is_not_taken_down(current):
    change = only(GONE, current.policy_text(), (served(current),))
    assert (change.action, change.after) == ("refuse", current.policy_text())
    assert change.cached_until == NOW + current.max_age
    (finding,) = change.findings
    assert finding.section == "RFC 8461, section 8.3"
    assert (finding.severity, finding.domain, finding.field) == ("error", NAME, "state")
    assert finding.remedy == (
        "Publish mode: none with max_age: 1d now, and state: absent after that time; or force the removal"
    )


def test_the_refusal_names_the_moment():
    (finding,) = only(GONE, TESTING.policy_text(), (served(TESTING),)).findings
    assert finding.rule == "senders may hold a policy until 2027-01-16T08:00:00Z, so it cannot be taken down yet"


def test_mode_none_must_stay_until_older_policies_are_forgotten():
    change = only(GONE, NONE.policy_text(), (served(ENFORCE, last=NOW - DAY), served(NONE)))
    assert change.action == "refuse"
    assert change.findings[0].remedy == (
        "Leave mode: none published until then, and run again with state: absent; or force the removal"
    )


def test_mode_none_that_somebody_has_replaced_by_what_is_no_policy_must_be_published_again():
    change = only(GONE, b"<html>", (served(ENFORCE, last=NOW - DAY), served(NONE)))
    assert change.action == "refuse"
    assert change.findings[0].remedy == (
        "Publish mode: none with max_age: 1d now, and state: absent after that time; or force the removal"
    )


@pytest.mark.parametrize("entries", [(served(NONE),), (served(ENFORCE, NOW - 99 * DAY, NOW - 9 * DAY), served(NONE))])
def test_mode_none_goes_when_nothing_else_is_held(entries):
    change = only(GONE, NONE.policy_text(), entries)
    assert (change.action, change.after) == ("remove", None)
    assert change.entries[-1] == served(NONE, last=NOW)


def test_force_takes_down_all_the_same_and_remembers():
    change = only(GONE, ENFORCE.policy_text(), (served(ENFORCE),), force=True)
    assert (change.action, change.changes, change.policy_id) == ("remove", True, None)
    assert change.entries == (served(ENFORCE, last=NOW),)
    assert change.cached_until == NOW + 9 * DAY


def test_what_is_absent_stays_absent():
    change = only(GONE)
    assert (change.action, change.changes, change.entries) == ("keep", False, ())


def test_trouble_with_the_file_leaves_everything_as_it_was():
    problem = error(NAME, "policy", "the disk is full", "", "Make room")
    change = unchanged(only(TESTING, ENFORCE.policy_text(), (served(ENFORCE),)), problem, at(NOW))
    assert (change.action, change.after, change.entries) == ("refuse", ENFORCE.policy_text(), (served(ENFORCE),))
    assert change.findings == (problem,)
    assert change.cached_until is None
    assert unreadable(NAME, (served(ENFORCE),), problem, at(NOW)).entries == (served(ENFORCE),)


def test_trouble_with_the_file_is_told_after_what_was_found_in_the_policy():
    problem = error(NAME, "policy", "the disk is full", "", "Make room")
    change = only(wanted(mode="enforce", max_age="1d"), TESTING.policy_text(), (served(TESTING),))
    assert unchanged(change, problem, at(NOW)).findings == (*change.findings, problem)
    assert len(change.findings) == 1


def test_trouble_with_the_file_leaves_former_policies_where_they_are():
    problem = error(NAME, "policy", "the disk is full", "", "Make room")
    history = (served(ENFORCE, last=NOW - DAY), served(TESTING))
    change = unchanged(only(NONE, TESTING.policy_text(), history), problem, at(NOW))
    assert (change.entries, change.cached_until) == (history, NOW - DAY + 9 * DAY)


def test_a_file_that_cannot_even_be_read_is_left_alone():
    problem = error(NAME, "policy", "it cannot be read", "", "Look at it")
    entries = (served(ENFORCE, last=NOW - DAY), served(TESTING))
    change = unreadable(NAME, entries, problem, at(NOW))
    assert (change.domain, change.action, change.before, change.after) == (NAME, "refuse", None, None)
    assert (change.findings, change.found, change.entries) == ((problem,), entries, entries)
    assert (change.changes, change.cached_until) == (False, NOW - DAY + 9 * DAY)


def test_only_force_that_was_asked_for_takes_down():
    (change,) = plan([GONE], {NAME: TESTING.policy_text()}, {NAME: (served(TESTING),)}, at(NOW))
    assert change.action == "refuse"


def test_what_is_found_in_place_is_told_apart_from_what_shall_be():
    change = only(TESTING, ENFORCE.policy_text(), (served(ENFORCE),))
    assert (change.found, change.changes) == ((served(ENFORCE),), True)


def test_domains_are_planned_in_order():
    names = ["c.example", "a.example", "b.example"]
    domains = read_domains([{"domain": name, "mode": "none"} for name in names])[0]
    assert [change.domain for change in plan(domains, {}, {}, at(NOW))] == names


def test_an_id_is_that_of_the_bytes():
    assert only(TESTING).policy_id == policy_id(TESTING.policy_text())


def test_what_a_run_removes_is_known_by_its_action():
    actions = ("create", "change", "remove", "keep", "refuse")
    assert removed({"domain": f"{action}.test", "action": action} for action in actions) == {"remove.test"}


BY_HAND = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 864000\n"
THEIRS = Served(policy_id(BY_HAND), "enforce", 10 * DAY, NOW)


def beside_others(domain, before=None, entries=(), theirs=(BY_HAND,), moment=NOW):
    (change,) = plan([domain], {NAME: before}, {NAME: entries}, at(moment), elsewhere={NAME: theirs})
    return change


def test_a_policy_that_others_serve_is_remembered_beside_ours():
    change = beside_others(TESTING)
    assert change.action == "create"
    assert change.entries == (THEIRS, served(TESTING, NOW))
    assert change.during == change.entries
    assert settled(change, at(NOW + 5)).entries == change.entries


def test_it_stays_the_same_entry_for_as_long_as_it_is_found():
    first = beside_others(TESTING).entries
    later = beside_others(TESTING, TESTING.policy_text(), first, moment=NOW + DAY)
    assert (later.action, later.entries) == ("keep", first)


def test_it_was_served_until_it_is_not_found_any_more():
    first = beside_others(TESTING).entries
    over = beside_others(TESTING, TESTING.policy_text(), first, theirs=(), moment=NOW + DAY)
    assert set(over.entries) == {Served(THEIRS.id, "enforce", 10 * DAY, NOW, NOW + DAY), served(TESTING, NOW)}
    assert over.cached_until == NOW + 11 * DAY


def test_a_domain_is_not_taken_down_while_senders_hold_what_others_served():
    entries = beside_others(NONE).entries
    change = beside_others(GONE, NONE.policy_text(), entries, theirs=(), moment=NOW + DAY)
    assert change.action == "refuse"
    assert "senders may hold a policy until" in str(change.findings[0])
    assert beside_others(GONE, NONE.policy_text(), entries, moment=NOW + DAY).action == "refuse"


def test_what_others_serve_and_no_sender_accepts_is_nothing():
    assert beside_others(TESTING, theirs=(b"<html>", b"")).entries == only(TESTING).entries


def test_the_very_policy_of_ours_is_one_entry():
    assert beside_others(TESTING, theirs=(TESTING.policy_text(),)).entries == (served(TESTING, NOW),)


def test_hosts_that_disagree_are_all_remembered():
    other = BY_HAND.replace(b"864000", b"86400")
    assert [entry.max_age for entry in beside_others(TESTING, theirs=(BY_HAND, other)).entries] == [
        10 * DAY, DAY, TESTING.max_age,
    ]  # fmt: skip


def test_a_file_that_cannot_be_written_does_not_forget_what_others_serve():
    refused = unchanged(beside_others(TESTING), error(NAME, "policy", "no", "", "try"), at(NOW))
    assert refused.entries == (THEIRS,)
