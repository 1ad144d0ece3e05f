# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What binds an account at the CA, as dehydrated reads it: a key of any length signs as the CA's own copy does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).resolve().parents[3] / "roles/sts_certificate/templates/external-account.j2"
KID = "it's $HOME"
LENGTHS = [1, 15, 16, 20, 35, 64, 65, 80]


def key_of(length):
    return bytes(range(1, length + 1))


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """The bytes that dehydrated takes for the key of each length."""
    folder = tmp_path_factory.mktemp("external-account")
    keys = {str(length): base64.urlsafe_b64encode(key_of(length)).decode() + "\n" for length in LENGTHS}
    task = {
        "ansible.builtin.template": {"src": str(TEMPLATE), "dest": f"{folder}/{{{{ item.key }}}}"},
        "vars": {"sts_certificate_eab_kid": KID, "sts_certificate_eab_hmac_key": "{{ item.value }}"},
        "loop": "{{ keys | dict2items }}",
    }
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"keys": keys}, "tasks": [task]}
    (folder / "play.yml").write_text(json.dumps([play]))
    subprocess.run(["ansible-playbook", "play.yml"], cwd=folder, check=True, capture_output=True)
    return {length: read_by_dehydrated(folder / str(length)) for length in LENGTHS}


def read_by_dehydrated(file):
    script = f'. {file}; printf "%s\\n" "$EAB_KID" "$EAB_HMAC_KEY"'
    said = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
    kid, key = said.stdout.splitlines()
    assert kid == KID
    return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_key_of_any_length_signs_the_same(used, length):
    assert hmac.digest(used[length], b"x", hashlib.sha256) == hmac.digest(key_of(length), b"x", hashlib.sha256)


@pytest.mark.parametrize("length", [length for length in LENGTHS if length <= 64])
def test_dehydrated_0_7_0_gets_whole_lines_that_are_not_alike(used, length):
    lines = [used[length][start : start + 16] for start in range(0, len(used[length]), 16)]
    assert {len(line) for line in lines} == {16}
    assert len(set(lines)) == len(lines)
