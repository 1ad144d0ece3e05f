# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who answers for a name instead of us, by the rules nginx chooses by."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.answering import (
    Answering,
    others_answering,
)

MAIN = "/etc/nginx/nginx.conf"
OURS = "/etc/nginx/sites-enabled/zz-mta-sts.conf"
THEIRS = "/etc/nginx/conf.d/sts.conf"
HOST = "mta-sts.a.example"
BY_HAND = """\
server {
    listen 80;
    server_name mta-sts.a.example;
}
server {
    listen 443 ssl;
    server_name mta-sts.a.example;
    ssl_certificate /etc/dehydrated/certs/mta-sts.a.example/fullchain.pem;
    ssl_certificate /etc/dehydrated/certs/ECC/mta-sts.a.example/fullchain.pem;
}
"""
OUR_FILE = (
    "server { listen 443 ssl; server_name mta-sts.a.example; } server { listen 80; server_name mta-sts.a.example; }"
)


def around(theirs="", ours="", later=""):
    files = {
        MAIN: "http { include conf.d/*.conf; include sites-enabled/*; include later.conf; }",
        THEIRS: theirs,
        "/etc/nginx/later.conf": later,
    }
    return {**files, OURS: ours} if ours else files


def found(*, host=HOST, **files):
    return others_answering([host], around(**files), MAIN, OURS)


def tls(*names, listen="443 ssl"):
    return f"server {{ listen {listen}; server_name {' '.join(names)}; }}\n"


def test_a_host_set_up_by_hand():
    plain, secure = found(theirs=BY_HAND)
    assert plain == Answering(HOST, 80, THEIRS, 1, stays=True, alone=True)
    assert (secure.port, secure.where, secure.stays) == (443, f"{THEIRS}:5", True)
    assert secure.certificates == (
        "/etc/dehydrated/certs/mta-sts.a.example/fullchain.pem",
        "/etc/dehydrated/certs/ECC/mta-sts.a.example/fullchain.pem",
    )


def test_what_is_read_first_stays_beside_ours_and_what_is_read_later_does_not_answer_any_more():
    assert [one.stays for one in found(theirs=BY_HAND, ours=OUR_FILE)] == [True, True]
    assert found(later=BY_HAND, ours=OUR_FILE) == []
    assert [one.stays for one in found(later=BY_HAND)] == [False, False]


@pytest.mark.parametrize(
    "name",
    ["*.a.example", "mta-sts.*", r"~^mta-sts\.", r"~^mta-sts\.(?<domain>.+)$", "unknown.example", "_", ".example"],
)
def test_what_does_not_name_the_host_in_full_answers_until_ours_does(name):
    (one,) = found(theirs=tls(name))
    assert not one.stays
    assert found(theirs=tls(name), ours=OUR_FILE) == []


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        (tls("*.example"), tls("*.a.example"), 2),
        (tls("mta-sts.*"), tls("*.example"), 2),
        (tls("mta-sts.*"), tls("mta-sts.a.*"), 2),
        (tls("~example$"), tls("mta-sts.*"), 2),
        (tls("~example$"), tls("~^mta"), 1),
        (tls("~(?<=unfinished"), tls("~^mta"), 2),
        (tls("x.example"), tls("y.example"), 1),
        (tls("x.example"), tls("y.example", listen="443 ssl default_server"), 2),
        (tls("x.example"), tls("MTA-STS.a.example"), 2),
        (tls(HOST), tls(HOST), 1),
        (tls(".a.example"), tls("*.a.example"), 1),
        (tls("x.example"), tls(HOST, listen="127.0.0.1:443 ssl"), 1),
        (tls("x.example"), tls(HOST, listen="8443 ssl"), 1),
    ],
)
def test_of_several_the_one_that_nginx_takes(first, second, chosen):
    (one,) = found(theirs=first + second)
    assert one.line == chosen


def test_a_name_with_a_leading_dot_stands_for_the_name_itself_too():
    (one,) = found(theirs=tls(f".{HOST}"))
    assert one.stays


def test_every_address_has_servers_of_its_own():
    both = found(theirs=tls(HOST, listen="192.0.2.1:443 ssl") + tls("x.example", listen="[::]:443 ssl"))
    assert [(one.line, one.stays) for one in both] == [(1, True), (2, False)]


def test_one_block_for_both_ports_does_not_stand_alone():
    both = found(theirs="server { listen 80; listen 443 ssl; server_name mta-sts.a.example; }")
    assert [(one.port, one.alone) for one in both] == [(80, False), (443, False)]


def test_ours_answers_on_the_ports_it_names_the_host_on():
    plain_only = "map $a $b { x y; } server { listen 80; server_name mta-sts.a.example; } # no line break"
    (one,) = found(theirs=tls("mta-sts.*") + tls("mta-sts.*", listen="80"), ours=plain_only)
    assert (one.port, one.stays) == (443, False)


def test_a_neighbour_at_an_address_of_its_own_is_no_matter_once_ours_names_the_host():
    shop = tls("shop.example", listen="192.0.2.2:443 ssl")
    ours = tls(HOST, listen="192.0.2.1:443 ssl")
    assert len(found(theirs=shop)) == 1
    assert found(theirs=shop, ours=ours) == []


def test_a_port_that_ours_leaves_to_others_is_no_matter():
    assert [one.port for one in others_answering([HOST], around(theirs=BY_HAND), MAIN, OURS, [443])] == [443]


def test_in_the_order_of_the_hosts():
    hosts = ["mta-sts.b.example", HOST]
    files = around(theirs=tls(HOST, "mta-sts.b.example"))
    assert [one.policy_host for one in others_answering(hosts, files, MAIN, OURS)] == hosts


def test_nobody_answers():
    assert found() == []
    assert others_answering([], around(theirs=BY_HAND), MAIN, OURS) == []
    assert others_answering([HOST], {}, MAIN, OURS) == []
