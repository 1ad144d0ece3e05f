# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every host answers for every other, asks each of them once and in time, whatever state the others are in."""

from __future__ import annotations

import pytest
from cluster.deployment import ADDRESSES, CHALLENGES, HOSTS, PATIENCE, ask, put
from lab.hosts import get_host, wait_for

FAILING, *LIVE = reversed(HOSTS)
# What can become of a web server, and how to have it back
TROUBLES = {
    "down": ("systemctl stop nginx", "systemctl start nginx"),
    "hanging": ("systemctl kill --signal STOP nginx", "systemctl kill --signal CONT nginx"),
}


def requests(token, hosts, expected):
    """How often each host has been asked for a token, once they had time to log the expected number."""

    def seen():
        return {host: int(get_host(host).run(f"grep -c {token} /var/log/nginx/access.log").stdout) for host in hosts}

    wait_for(lambda: sum(seen().values()) >= expected, 10)
    return seen()


@pytest.fixture(scope="module", autouse=True)
def tokens():
    """Each host has ordered something."""
    for host in HOSTS:
        put(f"of-{host}", host)
    yield
    for host in HOSTS:
        get_host(host).check_output(f"rm {CHALLENGES}/of-{host}")


@pytest.fixture(params=TROUBLES)
def trouble(request):
    begin, end = TROUBLES[request.param]
    get_host(FAILING).check_output(begin)
    yield request.param
    get_host(FAILING).check_output(end)
    wait_for(lambda: ask(FAILING, f"of-{FAILING}")[0] == "200")


@pytest.mark.parametrize("asked", HOSTS)
@pytest.mark.parametrize("ordering", HOSTS)
def test_every_host_answers_for_every_other_at_each_address(asked, ordering):
    for address in range(len(ADDRESSES[asked])):
        assert ask(asked, f"of-{ordering}", address)[:2] == ("200", f"answer-of-{ordering}\n")


@pytest.mark.parametrize("asked", HOSTS)
def test_for_a_token_of_nobody_every_host_is_asked_once(asked):
    assert ask(asked, f"nobodys-{asked}")[0] == "404"
    assert requests(f"nobodys-{asked}", HOSTS, 3) == dict.fromkeys(HOSTS, 1)


def test_one_host_in_trouble_delays_the_others_by_less_than_a_ca_waits(trouble):
    for _again in range(4):  # whichever peer is asked first
        for asked, ordering in (LIVE, LIVE[::-1]):
            status, body, seconds = ask(asked, f"of-{ordering}")
            assert (status, body) == ("200", f"answer-of-{ordering}\n")
            assert seconds < PATIENCE


def test_nobody_is_asked_more_often_because_of_one_host_in_trouble(trouble):
    token = f"nobodys-while-{trouble}"
    for asked in LIVE:
        status, _unused, seconds = ask(asked, token)
        assert status in {"404", "502", "504"}
        assert seconds < PATIENCE
    # each by us and by the other
    assert requests(token, LIVE, 4) == dict.fromkeys(LIVE, 2)
