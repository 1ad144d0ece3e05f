# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS of the policy hosts, as sslyze sees it: Mozilla's guideline, intermediate, and no finding."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from lab.hosts import ADDRESSES, LAB

SSLYZE = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], ".cache/sslyze/bin/sslyze")
ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")

# sslyze judges by guideline 5.7. The newer 6.0 is stricter: of TLS 1.2 these and no DHE.
CIPHERS = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}


@pytest.fixture(scope="module", params=ADDRESSES)
def scan(request, tmp_path_factory):
    """What sslyze says in words, whether it is content, and what it has seen at one address."""
    seen = tmp_path_factory.mktemp("sslyze") / "seen.json"
    command = [
        SSLYZE, "--mozilla_config=intermediate", f"--certinfo_ca_file={ROOT_CERTIFICATE}", f"--json_out={seen}",
        "--early_data", "--sni=mta-sts.plain.test", f"{request.param}:443",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (server,) = json.loads(seen.read_text(encoding="utf-8"))["server_scan_results"]
    return done.stdout, done.returncode == 0, server["scan_result"]


def test_sslyze_finds_nothing_to_object_to(scan):
    said, content, _unused = scan
    assert content, said
    assert "OK - Compliant." in said


def test_ciphers_are_those_of_the_guideline_and_all_of_them(scan):
    accepted = scan[2]["tls_1_2_cipher_suites"]["result"]["accepted_cipher_suites"]
    assert {suite["cipher_suite"]["name"] for suite in accepted} == CIPHERS


def test_it_has_seen_and_verified_the_certificates_of_both_key_types(scan):
    deployments = scan[2]["certificate_info"]["result"]["certificate_deployments"]
    keys = [deployment["received_certificate_chain"][0]["public_key"] for deployment in deployments]
    assert sorted(key["key_size"] for key in keys) == [256, 3072]
    assert all(deployment["verified_certificate_chain"] for deployment in deployments)


def test_nothing_can_be_replayed(scan):
    assert scan[2]["tls_1_3_early_data"]["result"]["supports_early_data"] is False
