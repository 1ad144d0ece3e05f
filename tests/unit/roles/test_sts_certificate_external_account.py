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


def read_by_dehydrated(tmp_path, kid, key):
    """The identifier and the bytes of the key."""
    task = {"ansible.builtin.template": {"src": str(TEMPLATE), "dest": f"{tmp_path}/external-account"}}
    variables = {"sts_certificate_eab_kid": kid, "sts_certificate_eab_hmac_key": key}
    (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    subprocess.run(
        ["ansible-playbook", "play.yml", "--extra-vars", json.dumps(variables)],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    script = '. ./external-account; printf "%s\\n" "$EAB_KID" "$EAB_HMAC_KEY"'
    said = subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True)
    kid, key = said.stdout.splitlines()
    return kid, base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))


@pytest.mark.parametrize("length", [1, 15, 20, 32, 43, 64, 80])
def test_a_key_of_any_length_signs_the_same_in_whole_lines(tmp_path, length):
    key = bytes(range(1, length + 1))
    kid, used = read_by_dehydrated(tmp_path, "it's $HOME", base64.urlsafe_b64encode(key).decode() + "\n")
    assert kid == "it's $HOME"
    assert len(used) % 16 == 0
    assert hmac.digest(used, b"x", hashlib.sha256) == hmac.digest(key, b"x", hashlib.sha256)
