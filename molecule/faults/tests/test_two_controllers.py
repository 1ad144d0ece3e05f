# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two controllers run site.yml at the same time: with lists of which one has a domain more, then with the same list."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from faults.world.deployment import EVERYTHING, NEW, POLICY_HOST, STANDING, listed, policy_id
from faults.world.forget import forget_new
from faults.world.orders import certificates_obtained
from faults.world.runs import problems, publish
from faults.world.sight import Sight, look
from faults.world.story import meant, next_version
from faults.world.watch import Watch
from lab.hosts import get_host
from lab.playbook import Run


@dataclass(frozen=True)
class Outcome:
    """What both runs said, which policies the host then remembered as served, and what was to be seen."""

    version: int
    runs: list[Run]
    served: dict[str, list[str]]
    seen: dict[str, Sight]


def publish_both(*names: tuple[str, ...]) -> Outcome:
    """Publish a new version of two lists at once."""
    version = next_version()
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(publish, [listed(version, domains) for domains in names]))
    history = json.loads(get_host(POLICY_HOST).check_output("cat /var/lib/mta-sts/history.json"))["domains"]
    served = {domain: [entry["id"] for entry in history[domain] if entry["last"] is None] for domain in EVERYTHING}
    return Outcome(version, runs, served, {domain: look(domain) for domain in EVERYTHING})


@pytest.fixture(scope="module")
def before():
    forget_new()
    return certificates_obtained()


@pytest.fixture(scope="module")
def watch(before):
    with Watch(STANDING) as watching:
        yield watching


@pytest.fixture(scope="module")
def different(watch):
    return publish_both(STANDING, EVERYTHING)


@pytest.fixture(scope="module")
def same(different):
    return publish_both(EVERYTHING, EVERYTHING)


def test_with_different_lists_the_last_one_wins_and_the_other_says_what_it_misses(different):
    for run in different.runs:
        assert run.ok or {problem.split(": ")[0] for problem in problems(run)} == {NEW}
    assert {domain: different.seen[domain] for domain in STANDING} == meant(different.version, *STANDING)


def test_with_the_same_list_both_end_well(same):
    assert [run.failures for run in same.runs] == [[], []]
    assert same.seen == meant(same.version, *EVERYTHING)


def test_the_history_has_every_policy_once(different, same):
    for outcome in (different, same):
        assert outcome.served == {domain: [policy_id(domain, outcome.version)] for domain in EVERYTHING}


def test_no_certificate_is_ordered_twice(before, same):
    assert certificates_obtained() - before == 1


def test_every_policy_was_whole_all_the_time_and_no_id_was_newer(watch, same):
    assert watch.wrong == []
