# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The timer's service renews every certificate; nginx serves the new ones without having been told."""

from __future__ import annotations

import re

import pytest
from default.deployment import POLICIES
from lab.hosts import ADDRESSES, get_host, wait_for

SERVICE = "mta-sts-certificate.service"
HOSTS = dict(zip(["policy12", "policy13"], ADDRESSES))
SIGNATURES = ["rsa_pss_rsae_sha256", "ecdsa_secp256r1_sha256"]


def serial_numbers(address: str) -> dict[tuple[str, str], str]:
    """Every certificate that is served at the address, by domain and type of key."""
    sender = get_host("sender")
    return {
        (domain, signature): sender.check_output(
            f"openssl s_client -connect {address}:443 -servername mta-sts.{domain} -sigalgs {signature} </dev/null"
            " 2>/dev/null | openssl x509 -noout -serial"
        )
        for domain in POLICIES
        for signature in SIGNATURES
    }


def nginx_processes(name: str) -> str:
    """Which processes nginx runs as: a reload replaces the workers, a restart all."""
    return get_host(name).check_output("systemctl show nginx --property MainPID; pgrep --list-full nginx")


@pytest.fixture(scope="module")
def renewal() -> dict:
    """What was before, and what is after every host has renewed everything, at the same time."""
    before = {name: (nginx_processes(name), serial_numbers(address)) for name, address in HOSTS.items()}
    for name in HOSTS:
        host = get_host(name)
        host.check_output(
            f"mkdir -p /run/systemd/system/{SERVICE}.d"
            f" && printf '[Service]\\nExecStart=\\nExecStart=/etc/mta-sts/dehydrated/renew --force\\n'"
            f" >/run/systemd/system/{SERVICE}.d/force.conf"
            f" && systemctl daemon-reload && systemctl start --no-block {SERVICE}"
        )
    for name in HOSTS:
        host = get_host(name)
        wait_for(lambda host=host: "inactive" in host.run(f"systemctl is-active {SERVICE}").stdout, seconds=300)
        host.check_output(f"rm -r /run/systemd/system/{SERVICE}.d && systemctl daemon-reload")
    after = {name: (nginx_processes(name), serial_numbers(address)) for name, address in HOSTS.items()}
    return {"before": before, "after": after}


@pytest.mark.parametrize("name", HOSTS)
def test_every_certificate_served_is_a_new_one(renewal, name):
    (_unused, before), (_unused, after) = renewal["before"][name], renewal["after"][name]
    assert {which for which in before if before[which] == after[which]} == set()


@pytest.mark.parametrize("name", HOSTS)
def test_nginx_has_not_been_reloaded(renewal, name):
    (before, _unused), (after, _unused) = renewal["before"][name], renewal["after"][name]
    assert before == after


@pytest.mark.parametrize("name", HOSTS)
def test_a_timer_starts_the_service_also_after_the_next_start_of_the_host(name):
    timer = get_host(name).check_output(
        "systemctl show mta-sts-certificate.timer --property Unit,ActiveState,UnitFileState"
    )
    assert sorted(timer.splitlines()) == ["ActiveState=active", f"Unit={SERVICE}", "UnitFileState=enabled"]


@pytest.mark.parametrize("name", HOSTS)
def test_the_service_runs_unprivileged_in_a_sandbox(name):
    host = get_host(name)
    assert host.check_output(f"systemctl show {SERVICE} --property User") == "User=mta-sts"
    said = host.run(f"systemd-analyze security --no-pager {SERVICE}").stdout
    exposure = re.search(rf"Overall exposure level for {SERVICE}: ([0-9.]+)", said)
    assert float(exposure[1]) < 2.0, said
