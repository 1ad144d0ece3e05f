# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One certificate for all names, with a key that root alone reads: nginx serves it, and its successor by itself."""

from __future__ import annotations

import pytest
from lab.hosts import IPV4, get_host, wait_for
from lab.playbook import play

CONVERGE = "molecule/alternative/converge.yml"
HOSTS = {"policy12": 12, "policy13": 13}
# As certbot does: a link that leads to the newest pair, and is replaced
OBTAIN = (
    "umask 077 && mkdir -p /srv/all/{number} && cd /srv/all &&"
    " openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /"
    " -keyout {number}/privkey.pem -out {number}/fullchain.pem -addext"
    " subjectAltName=DNS:mta-sts.plain.test,DNS:mta-sts.wildcard.test,DNS:mta-sts.customer.test,DNS:mta-sts.broken.test"
    " 2>/dev/null && for file in fullchain.pem privkey.pem; do ln -sfnT {number}/$file new && mv -fT new $file; done"
)
FIXED = {
    "others": True,
    "sts_vhost_certificates": [{"certificate": "/srv/all/fullchain.pem", "key": "/srv/all/privkey.pem"}],
}
SLOW = "/etc/systemd/system/nginx.service.d"
UNITS = "ls /etc/systemd/system /etc/systemd/system/*.wants | grep mta-sts-nginx | sort"


def obtain(number):
    for host in HOSTS:
        get_host(host).check_output(OBTAIN.format(number=number))


def obtained(host):
    return get_host(host).check_output("openssl x509 -in /srv/all/fullchain.pem -noout -serial")


def served(host):
    command = f"openssl s_client -connect {IPV4}{HOSTS[host]}:443 -servername mta-sts.plain.test </dev/null 2>/dev/null"
    return get_host(host).check_output(f"{command} | openssl x509 -noout -serial")


@pytest.fixture(scope="module")
def run():
    obtain(1)
    yield play(CONVERGE, variables=FIXED)
    again = play(CONVERGE)
    assert again.failures == []
    # What follows certificates at fixed paths has gone with them.
    assert [get_host(host).run(UNITS).stdout for host in HOSTS] == ["", ""]


@pytest.mark.parametrize("host", HOSTS)
def test_it_is_found_fit_and_served(run, host):
    assert run.failures == []
    check = run.result("postmaster.mta_sts.sts_certificate : External | Check the certificates nginx is given", host)
    assert {entry["outcome"] for entry in check["domains"]} == {"kept"}
    assert served(host) == obtained(host)


def test_a_second_run_changes_nothing(run):
    assert play(CONVERGE, variables=FIXED).changed == set()


def test_a_renewed_one_is_served_without_anybody_doing_anything(run):
    before = {host: served(host) for host in HOSTS}
    obtain(2)
    for host in HOSTS:
        wait_for(lambda host=host: served(host) == obtained(host), seconds=30)
    assert not set(before.values()) & {served(host) for host in HOSTS}


@pytest.fixture
def slow_reloads():
    """A server that is so busy that its reload goes on after nginx has read the certificates."""
    for host in HOSTS:
        get_host(host).check_output(
            f"mkdir {SLOW} && printf '[Service]\\nExecReload=/bin/sleep 5\\n' >{SLOW}/slow.conf"
        )
        get_host(host).check_output("systemctl daemon-reload")
    yield
    for host in HOSTS:
        get_host(host).check_output(f"rm -r {SLOW} && systemctl daemon-reload")


def test_so_are_two_that_come_one_upon_the_other(run, slow_reloads):
    for number in (3, 4):
        obtain(number)
        for host in HOSTS:
            wait_for(lambda host=host: served(host) == obtained(host), seconds=30)
