# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""dehydrated is played by a few lines of shell: what it says is kept, and means something."""

from __future__ import annotations

import os

import pytest
from helpers.renewal import write_program, write_settings

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.dehydrated import (
    Asked,
    order,
    plain,
    register,
)

NAME = "mta-sts.a.example"
NONCE = "urn:ietf:params:acme:error:badNonce"


@pytest.fixture
def play(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    def script(lines):
        write_program(tmp_path / "bin/dehydrated", lines)
        return write_settings(tmp_path)

    return script


def test_words_of_a_failure_stay_until_it_is_over(play, tmp_path, capsys):
    failure = tmp_path / "certs/p256" / NAME / "failure"
    assert order(play("echo dead; exit 1"), NAME, "p256", lambda: None, new_key=True) == Asked(False, "dead\n")
    assert (failure.read_text(), capsys.readouterr().err) == ("dead\n", "dead\n")
    assert order(play('echo "$*"'), NAME, "p256", lambda: None, new_key=True).well
    assert not failure.exists()
    assert capsys.readouterr().out == f"--config {tmp_path}/etc/p256.conf --cron --force --domain {NAME}\n"


def test_each_try_is_told_before_it_is_made(play, tmp_path):
    before = []
    assert not order(play(f"echo {NONCE}; exit 1"), NAME, "p256", lambda: before.append(1), new_key=True).well
    assert len(before) == 10


def test_an_account_that_was_never_answered_is_forgotten(play, tmp_path):
    for name, answer in (("half", ""), ("whole", "{}")):
        (tmp_path / "accounts" / name).mkdir(parents=True)
        (tmp_path / "accounts" / name / "account_key.pem").touch()
        (tmp_path / "accounts" / name / "registration_info.json").write_text(answer)
    assert register(play("exit 0"), "p256").well
    assert [path.parent.name for path in (tmp_path / "accounts").glob("*/account_key.pem")] == ["whole"]


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        (Asked(True, f"{NONCE}\n"), False),
        (Asked(False, f"{NONCE}\n"), True),
        (Asked(False, "ERROR: Problem connecting to server (post for x; curl returned with 28)\n"), True),
        (Asked(False, " ! Request failed (badNonce), retrying request...\n"), True),
        (Asked(False, " ! Request failed (badNonce), retrying request...\nx: line 3: Terminated\nTerminated\n"), True),
        (Asked(False, " ! Request failed (badNonce), retrying request...\nERROR: dead\n"), False),
        (Asked(False, "ERROR: dead\n"), False),
    ],
)
def test_a_ca_that_is_gone_is_told_from_a_name_that_fails(asked, gone):
    assert asked.is_gone is gone


def test_words_do_nothing_to_a_terminal():
    assert plain(b"\x1b[2J\r\n\xc2\x9bx\ty\x7f\xff\n\n") == "?[2J\n?x\ty?\ufffd\n"
