# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies in real folders: what is installed, what is removed, and a history that is true whatever happens."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import (
    CorruptHistory,
    Now,
    Served,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import files
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies import history
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.store import (
    HistoryNotKept,
    Store,
    publish,
)

DAY = 86400
NOW = 1_800_000_000


class Killed(BaseException):
    """The run dies here."""


class Host:
    """A policy host in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.store = Store(str(folder / "www"), str(folder / "lib" / "history.json"), files.Owner(mode=0o640))

    def publish(self, *entries, at=NOW, clock=None, force=False, check=False):
        domains, findings = read_domains(list(entries))
        assert findings == []
        return publish(self.store, domains, clock or (lambda: Now(at, at)), force=force, check=check)

    def path(self, domain):
        return self.folder / "www" / domain / ".well-known" / "mta-sts.txt"

    def history(self):
        return history.read(self.store.history)

    def everything(self):
        """Return what lies in the folder, with permissions and content."""
        return {
            str(path.relative_to(self.folder)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else None)
            for path in self.folder.rglob("*")
        }


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def enforce(name, **changes):
    return {"domain": name, "mode": "enforce", "mx": [f"mx.{name}"], "max_age": 28 * DAY, **changes}


def none(name):
    return {"domain": name, "mode": "none", "max_age": DAY}


def absent(name):
    return {"domain": name, "state": "absent"}


def served(entry, first, last=None):
    (domain,), _unused = read_domains([entry])
    return Served(domain.policy_id(), domain.mode, domain.max_age, first, last)


def dies_at_call(number):
    """Return a clock at whose n-th call the run dies: the second is after the first file has been written."""
    calls = iter(range(1, 100))

    def clock():
        if next(calls) == number:
            raise Killed
        return Now(NOW, NOW)

    return clock


def actions(outcomes):
    return [(outcome.change.domain, outcome.change.action, outcome.changed) for outcome in outcomes]


def test_every_policy_gets_a_document_root_of_its_own(host):
    host.publish(enforce("a.example"), none("b.example"))
    assert host.path("a.example").read_bytes() == (
        b"version: STSv1\r\nmode: enforce\r\nmx: mx.a.example\r\nmax_age: 2419200\r\n"
    )
    assert host.path("b.example").read_bytes() == b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
    assert host.path("a.example").stat().st_mode & 0o777 == 0o640
    assert host.history() == {
        "a.example": (served(enforce("a.example"), NOW),),
        "b.example": (served(none("b.example"), NOW),),
    }


def test_check_touches_nothing_on_a_bare_host(host):
    assert actions(host.publish(enforce("a.example"), check=True)) == [("a.example", "create", True)]
    assert host.everything() == {}


def test_check_touches_nothing_on_a_used_host_and_says_what_the_real_run_does(host):
    host.publish(enforce("a.example"), none("b.example"), none("c.example"))
    host.path("c.example").chmod(0o600)
    before = host.everything()
    wanted = (none("a.example"), absent("b.example"), none("c.example"), none("d.example"))
    planned = host.publish(*wanted, check=True)
    assert host.everything() == before
    assert actions(planned) == actions(host.publish(*wanted))


def test_a_second_run_changes_nothing_not_even_the_history(host):
    host.publish(enforce("a.example"))
    before = host.everything()
    assert actions(host.publish(enforce("a.example"), at=NOW + DAY)) == [("a.example", "keep", False)]
    assert host.everything() == before


def test_wrong_permissions_are_a_change_and_corrected(host):
    host.publish(enforce("a.example"))
    host.path("a.example").chmod(0o600)
    assert actions(host.publish(enforce("a.example"))) == [("a.example", "keep", True)]
    assert host.path("a.example").stat().st_mode & 0o777 == 0o640


def test_domains_that_are_not_in_the_list_are_left_alone(host):
    host.publish(enforce("a.example"))
    host.publish(none("b.example"), at=NOW + DAY)
    assert host.path("a.example").exists()
    assert host.history()["a.example"] == (served(enforce("a.example"), NOW),)


def test_a_removal_takes_the_empty_folders_with_it_and_leaves_the_root(host):
    host.publish(none("a.example"))
    host.publish(absent("a.example"))
    assert list((host.folder / "www").iterdir()) == []


def test_a_removal_keeps_the_files_of_others(host):
    host.publish(none("a.example"))
    others = host.path("a.example").parent / "security.txt"
    others.write_text("Contact: mailto:security@a.example")
    host.publish(absent("a.example"))
    assert others.exists()
    assert not host.path("a.example").exists()


def test_a_refused_removal_leaves_the_file_and_remembers_it(host):
    host.publish(enforce("a.example"))
    (outcome,) = host.publish(absent("a.example"), at=NOW + DAY)
    assert (outcome.change.action, outcome.changed, outcome.change.cached_until) == ("refuse", False, NOW + 29 * DAY)
    assert host.path("a.example").exists()
    assert host.history()["a.example"] == (served(enforce("a.example"), NOW),)


def test_a_whole_life_ends_when_no_sender_holds_the_policy_any_more(host):
    host.publish(enforce("a.example"))
    (outcome,) = host.publish(none("a.example"), at=NOW + DAY)
    assert outcome.change.cached_until == NOW + 29 * DAY
    assert actions(host.publish(absent("a.example"), at=NOW + 29 * DAY - 1)) == [("a.example", "refuse", False)]
    assert actions(host.publish(absent("a.example"), at=NOW + 29 * DAY)) == [("a.example", "remove", True)]
    assert actions(host.publish(absent("a.example"), at=NOW + 29 * DAY)) == [("a.example", "keep", False)]


def test_a_file_installed_by_hand_is_remembered_before_it_is_replaced(host):
    host.publish(enforce("a.example"))
    (host.folder / "lib" / "history.json").unlink()
    (outcome,) = host.publish(none("a.example"), at=NOW + DAY)
    assert outcome.change.cached_until == NOW + 29 * DAY
    assert host.history()["a.example"] == (
        served(enforce("a.example"), NOW + DAY, NOW + DAY),
        served(none("a.example"), NOW + DAY),
    )


def test_what_a_killed_run_left_unfinished_goes(host):
    """Killed between the writing of a file and the moment it gets its name: of a policy and of the history."""
    host.publish(none("a.example"), none("b.example"))
    left = [
        folder / ".mta-sts-x"
        for folder in (*(host.path(f"{name}.example").parent for name in "ab"), host.folder / "lib")
    ]
    for path in left:
        path.write_text("half a")
    host.publish(enforce("a.example"), absent("b.example"))
    assert [path for path in left if path.exists()] == []
    assert not host.path("b.example").parent.exists()


def in_place_of_its_folder(host, domain):
    host.path(domain).parent.parent.write_text("a file of somebody else")


def in_place_of_the_file(host, domain):
    host.path(domain).mkdir(parents=True)


def in_place_of_its_folder_a_link_to_nowhere(host, domain):
    host.path(domain).parent.parent.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("put", "said"),
    [
        (in_place_of_its_folder, "cannot be read: Not a directory"),
        (in_place_of_the_file, "cannot be read: Is a directory"),
        (in_place_of_its_folder_a_link_to_nowhere, "cannot be written: File exists"),
    ],
)
def test_something_in_the_way_of_one_domain_fails_that_one_only(host, put, said):
    host.publish(none("a.example"), none("c.example"))
    put(host, "b.example")
    outcomes = host.publish(enforce("a.example"), enforce("b.example"), enforce("c.example"), at=NOW + DAY)
    assert actions(outcomes) == [
        ("a.example", "change", True),
        ("b.example", "refuse", False),
        ("c.example", "change", True),
    ]
    (finding,) = outcomes[1].change.findings
    assert str(finding) == (
        f"b.example: policy: {host.path('b.example')} {said}. Remedy: Fix that on the policy host and run again."
    )
    assert host.history().get("b.example", ()) == ()
    assert host.history()["c.example"][-1] == served(enforce("c.example"), NOW + DAY)


def test_an_owner_who_is_not_there_leaves_files_and_history_as_they_were(host):
    host.publish(enforce("a.example"))
    host.store = Store(host.store.root, host.store.history, files.Owner("nobody-has-this-name"))
    (outcome,) = host.publish(none("a.example"), at=NOW + DAY)
    assert outcome.change.action == "refuse"
    assert outcome.change.findings[0].rule.endswith(
        "cannot be written: there is no user nobody-has-this-name on this host"
    )
    assert host.history()["a.example"] == (served(enforce("a.example"), NOW),)


def test_a_run_that_dies_before_a_file_is_written_leaves_a_history_of_old_and_new(host):
    host.publish(none("a.example"), enforce("b.example"))
    with pytest.raises(Killed):
        host.publish(enforce("a.example"), none("b.example"), clock=dies_at_call(2))
    assert b"mode: enforce" in host.path("b.example").read_bytes()
    assert host.history()["b.example"] == (served(enforce("b.example"), NOW), served(none("b.example"), NOW))


def test_the_run_after_one_that_died_before_a_file_was_written_still_protects_senders(host):
    host.publish(none("a.example"), enforce("b.example"))
    with pytest.raises(Killed):
        host.publish(enforce("a.example"), none("b.example"), clock=dies_at_call(2))
    (outcome,) = host.publish(absent("b.example"), at=NOW + DAY)
    assert (outcome.change.action, outcome.change.cached_until) == ("refuse", NOW + 29 * DAY)


def test_the_run_after_one_that_died_with_the_file_written_ends_what_was_served_before(host):
    host.publish(enforce("a.example"))
    with pytest.raises(Killed):
        host.publish(none("a.example"), clock=dies_at_call(2))
    (outcome,) = host.publish(none("a.example"), at=NOW + DAY)
    assert (outcome.change.action, outcome.change.cached_until) == ("keep", NOW + 29 * DAY)
    assert host.history()["a.example"] == (
        served(enforce("a.example"), NOW, NOW + DAY),
        served(none("a.example"), NOW),
    )


def test_the_run_after_one_that_died_during_a_removal_remembers_what_was_removed(host):
    host.publish(enforce("a.example"))
    with pytest.raises(Killed):
        host.publish(absent("a.example"), clock=dies_at_call(2), force=True)
    assert not host.path("a.example").exists()
    (outcome,) = host.publish(absent("a.example"), at=NOW + DAY)
    assert (outcome.change.action, outcome.change.cached_until) == ("keep", NOW + 29 * DAY)


@pytest.mark.parametrize("check", [True, False])
def test_a_corrupt_history_stops_everything_before_anything_is_touched(host, check):
    host.publish(enforce("a.example"))
    (host.folder / "lib" / "history.json").write_text("{}")
    before = host.everything()
    with pytest.raises(CorruptHistory):
        host.publish(none("a.example"), check=check)
    assert host.everything() == before


def test_a_history_that_cannot_be_kept_stops_everything_before_anything_is_touched(host):
    (host.folder / "lib").write_text("a file of somebody else")
    before = host.everything()
    with pytest.raises(OSError, match="File exists"):
        host.publish(enforce("a.example"))
    assert host.everything() == before


def test_a_history_that_cannot_be_written_is_said_with_its_path_before_anything_is_touched(host):
    host.publish(enforce("a.example"))
    path = host.folder / "lib" / "history.json"

    def clock():  # told the time when it has been read
        path.unlink()
        path.mkdir()
        return Now(NOW, NOW)

    with pytest.raises(OSError, match=r"/lib/history\.json cannot be written: Is a directory"):
        host.publish(none("a.example"), clock=clock)
    assert b"mode: enforce" in host.path("a.example").read_bytes()


def test_a_history_that_cannot_be_kept_any_more_is_said_when_the_policies_are_in_place(host):
    host.publish(enforce("a.example"))
    path, calls = host.folder / "lib" / "history.json", iter("12")

    def clock():
        if next(calls) == "2":  # the policy has been written
            path.unlink()
            path.mkdir()
        return Now(NOW, NOW)

    with pytest.raises(HistoryNotKept, match=r"history\.json cannot be written: Is a directory"):
        host.publish(none("a.example"), clock=clock)
    assert b"mode: none" in host.path("a.example").read_bytes()
