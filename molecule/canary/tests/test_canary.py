# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""On Debian's testing distribution policies are served, and certificates renewed when they are due and not before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lab.hosts import LAB, addresses, get_host

NAME = "mta-sts.plain.test"
POLICY = "version: STSv1\r\nmode: testing\r\nmx: mx.plain.test\r\nmax_age: 86400\r\n"
ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")
KEYS = {"rsa": "ECDHE-RSA-AES128-GCM-SHA256", "ecdsa": "ECDHE-ECDSA-AES128-GCM-SHA256"}
STORE = f"/var/lib/mta-sts/dehydrated/certs/*/*/{NAME}"


@pytest.fixture(scope="module")
def host():
    return get_host("policy14")


def serials(host):
    """Return the serial number of each certificate that nginx reads."""
    live = f"/var/lib/mta-sts/live/{NAME}"
    return [host.check_output(f"openssl x509 -in {live}.{family}.pem -noout -serial") for family in KEYS]


def renew(host):
    host.check_output("systemctl start mta-sts-certificate.service")


@pytest.mark.parametrize("address", addresses(14), ids=lambda address: address.strip("[]"))
@pytest.mark.parametrize("ciphers", KEYS.values(), ids=KEYS)
def test_the_policy_is_served_with_either_key(address, ciphers):
    said = subprocess.run(
        [
            "curl", "--silent", "--show-error", "--cacert", ROOT_CERTIFICATE, "--resolve", f"{NAME}:443:{address}",
            "--tls-max", "1.2", "--ciphers", ciphers, f"https://{NAME}/.well-known/mta-sts.txt",
        ],
        capture_output=True, check=False,
    )  # fmt: skip
    assert (said.stdout.decode(), said.stderr) == (POLICY, b"")


def test_what_is_not_due_is_not_renewed(host):
    before = serials(host)
    renew(host)
    assert serials(host) == before


def test_what_is_due_is_renewed(host):
    before = serials(host)
    host.check_output(f"for file in {STORE}/renew-at; do echo 0 >$file; done")
    renew(host)
    assert not set(serials(host)) & set(before)


def test_the_service_has_not_failed(host):
    assert host.check_output("systemctl show --property=Result mta-sts-certificate.service") == "Result=success"
