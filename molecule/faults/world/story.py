# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Something breaks while there is work to do, then it is mended and the next run does the work.

And what holds whatever breaks.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from lab.hosts import NAME_SERVERS
from lab.playbook import Run

from .deployment import EVERYTHING, NEW, listed, policy, policy_id
from .forget import forget_new
from .orders import certificates_obtained
from .runs import publish
from .sight import PLACES, Sight, look, version_of
from .watch import Watch


@dataclass(frozen=True)
class Story:
    """What became of a version that was to be published for some domains, all of which had the one before it.

    ``broken`` is the run while something was broken, ``seen`` what was to be seen of each domain after it; ``healed``
    is the next run, ``then`` what was to be seen after that. ``wrong`` is what no sender must have seen at any time,
    ``obtained`` how many certificates for the new domain the policy host got.
    """

    version: int
    broken: Run | None
    seen: dict[str, Sight]
    healed: Run
    then: dict[str, Sight]
    wrong: list[str]
    obtained: int


class EveryFault:
    """What holds whatever breaks. The tests of a fault inherit it and have a fixture ``story``."""

    def test_every_policy_was_whole_all_the_time_and_no_id_was_newer(self, story):
        assert story.wrong == []

    def test_the_next_run_heals_it(self, story):
        assert story.healed.failures == [], "\n".join(story.healed.failures)
        assert story.then == meant(story.version, *story.then)

    def test_what_is_needed_is_ordered_once(self, story):
        assert story.obtained == (1 if NEW in story.then else 0)


def tell(
    domains: tuple[str, ...],
    fault: AbstractContextManager[Any],
    *arguments: str,
    broken: Callable[..., Run | None] = publish,
) -> Story:
    """Publish a new version of the domains' policies while the fault lasts, and again when it is over."""
    if NEW in domains:
        forget_new()
    version, before = next_version(), certificates_obtained()
    with Watch() as watch:
        with fault:
            first = broken(listed(version, domains), *arguments)
            seen = {domain: look(domain) for domain in domains}
        second = publish(listed(version, domains), *arguments)
    then = {domain: look(domain) for domain in domains}
    return Story(version, first, seen, second, then, watch.wrong, certificates_obtained() - before)


def meant(version: int, *domains: str, announced: int | None = None) -> dict[str, Sight]:
    """Return what is to be seen of domains that are served everywhere; another version may be announced."""
    announced = version if announced is None else announced
    return {
        domain: Sight(
            domain,
            dict.fromkeys(NAME_SERVERS, policy_id(domain, announced)),
            dict.fromkeys(PLACES, policy(domain, version)),
        )
        for domain in domains
    }


def next_version() -> int:
    """Return a version that nobody has seen yet."""
    served = [version_of(domain, found) for domain in EVERYTHING for found in look(domain).policies.values()]
    return 1 + max(version or 0 for version in served)
