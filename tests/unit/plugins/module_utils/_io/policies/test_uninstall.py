# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a policy host has besides its policies goes with the last of them, and not before."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import Now
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import files
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.store import Store, publish
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.uninstall import (
    forget,
    remains,
    still_served,
)

LISTED = {"domain": "a.test", "mx": ["mx.a.test"]}
ABSENT = {"domain": "a.test", "state": "absent"}


class Host:
    """A policy host in a folder."""

    def __init__(self, root):
        self.root = root
        self.store = Store(str(root / "www"), str(root / "mta-sts/history.json"), files.Owner(mode=0o644))

    def publish(self, *entries, force=True, check=False):
        domains, findings = read_domains(list(entries))
        assert findings == []
        return publish(self.store, domains, lambda: Now(0, 0), force=force, check=check)

    def everything(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*"))


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_on_a_bare_host_there_is_nothing_to_forget(host):
    assert not remains(host.store)
    forget(host.store)
    assert host.everything() == []


def test_history_lock_and_empty_folders_go(host):
    host.publish(LISTED)
    host.publish(ABSENT)
    assert remains(host.store)
    forget(host.store)
    assert host.everything() == []
    assert not remains(host.store)


def test_an_empty_policy_root_alone_remains_too(host):
    (host.root / "www").mkdir()
    assert remains(host.store)
    (host.root / "www/a.test").mkdir()
    assert not remains(host.store)


def test_what_somebody_else_put_there_stays(host):
    host.publish(LISTED)
    host.publish(ABSENT)
    (host.root / "www/index.html").touch()
    (host.root / "mta-sts/notes").touch()
    forget(host.store)
    assert host.everything() == ["mta-sts", "mta-sts/notes", "www", "www/index.html"]


def test_an_empty_folder_above_the_history_goes_only_if_it_is_ours(host):
    (host.root / "lib").mkdir()
    store = Store(str(host.root / "www"), str(host.root / "lib/history.json"), files.Owner(mode=0o644))
    (host.root / "lib/history.json").touch()
    forget(store)
    assert host.everything() == ["lib"]


@pytest.mark.parametrize(
    ("on_disk", "listed", "staying"),
    [
        ((), (), []),
        ((LISTED,), (ABSENT,), []),
        ((LISTED,), (LISTED,), ["a.test"]),
        ((LISTED,), (), ["a.test"]),
        (({"domain": "b.test", "mx": ["mx.b.test"]}, LISTED), (ABSENT,), ["b.test"]),
    ],
    ids=["nothing there", "taken down", "present", "not in the list", "another not in the list"],
)
def test_a_policy_that_stays_is_named_with_its_remedy(host, on_disk, listed, staying):
    host.publish(*on_disk)
    findings = still_served(host.store, host.publish(*listed))
    assert [str(finding) for finding in findings] == [
        f"{domain}: state: its policy is in {host.root}/www, so what was served is not forgotten yet. "
        "Remedy: Take it down with state: absent first."
        for domain in staying
    ]


@pytest.mark.parametrize("force", [True, False], ids=["to be taken down", "refused, which is told already"])
def test_a_policy_that_is_there_because_of_this_run_alone_is_not_named(host, force):
    host.publish(LISTED)
    outcomes = host.publish(ABSENT, force=force, check=True)
    assert still_served(host.store, outcomes) == []


def test_a_folder_without_policy_is_nobody_who_stays(host):
    (host.root / "www/a.test").mkdir(parents=True)
    assert still_served(host.store, ()) == []
