# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module that writes two hundred policies is killed (SIGKILL) in the middle of it, on the policy host."""

from __future__ import annotations

import json

import pytest
from faults.world.deployment import POLICY_HOST
from faults.world.runs import publish
from lab.hosts import get_host

NUMBER = 200
MIDDLE = NUMBER // 2
# Python as Ansible calls it on this host: it dies when the hundredth policy is to get its name.
PYTHON = """#!/bin/sh
exec env PYTHONPATH=/run/mortal /usr/bin/python3 "$@"
"""
CUSTOMIZE = f"""
import os, signal, sys
written = 0

def die(event, arguments):
    global written
    if event == "os.rename" and os.path.basename(str(arguments[1])) == "mta-sts.txt":
        written += 1
        if written == {MIDDLE}:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
"""


def listed(version):
    return [
        {"domain": f"d{number:03}.many.test", "mx": ["mx.many.test"], "max_age": f"{version}w"}
        for number in range(NUMBER)
    ]


def write(version, *arguments):
    return publish(listed(version), "--tags=policy", *arguments)


def policies():
    """What every file says, by its path."""
    found = get_host(POLICY_HOST).check_output("cd /var/www/mta-sts && grep --recursive '' -- *.many.test")
    texts = {}
    for line in found.splitlines():
        path, _unused, text = line.partition(":")
        texts.setdefault(path, []).append(text.rstrip("\r"))
    return texts


def text(version):
    return ["version: STSv1", "mode: testing", "mx: mx.many.test", f"max_age: {version * 7 * 86400}"]


def remembered():
    """The history of these domains: of every policy how long it may be held, and whether it is served."""
    history = json.loads(get_host(POLICY_HOST).check_output("cat /var/lib/mta-sts/history.json"))["domains"]
    return [
        [(entry["max_age"] // 7 // 86400, entry["last"] is None) for entry in history[entry_of["domain"]]]
        for entry_of in listed(1)
    ]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """What was written and remembered before, after the death, and after the next run."""
    get_host(POLICY_HOST).check_output("mkdir -p /run/mortal")
    for name, content in (("python3", PYTHON), ("sitecustomize.py", CUSTOMIZE)):
        get_host(POLICY_HOST).check_output(f"printf %s >/run/mortal/{name} && chmod 755 /run/mortal/{name}", content)
    inventory = tmp_path_factory.mktemp("mortal") / "hosts"
    inventory.write_text(f"{POLICY_HOST} ansible_python_interpreter=/run/mortal/python3\n", encoding="utf-8")
    seen = []
    for version, arguments in ((1, ()), (2, (f"--inventory={inventory}",)), (2, ())):
        run = write(version, *arguments)
        seen.append((run, policies(), remembered()))
    return seen


def test_every_file_is_an_old_policy_or_a_new_one(story):
    run, texts, _unused = story[1]
    assert len(run.failures) == 1
    lines = [lines for path, lines in texts.items() if path.endswith("/mta-sts.txt")]
    assert (lines.count(text(1)), lines.count(text(2))) == (NUMBER - MIDDLE + 1, MIDDLE - 1)
    assert len(lines) == NUMBER == len(texts) - 1  # the one that has no name yet


def test_both_may_be_held_by_senders_as_the_history_says(story):
    _unused, _unused, history = story[1]
    assert len(history) == NUMBER
    assert [entries for entries in history if entries != [(1, True), (2, True)]] == []


def test_the_next_run_heals_it(story):
    run, texts, history = story[2]
    assert run.failures == []
    assert list(texts.values()) == [text(2)] * NUMBER
    # Where the old file was found, the new one may have been served for a moment, as far as anybody knows.
    written = MIDDLE - 1
    assert [entries for entries in history[:written] if entries != [(1, False), (2, True)]] == []
    assert [entries for entries in history[written:] if entries != [(2, False), (1, False), (2, True)]] == []
