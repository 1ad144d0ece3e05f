# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking over what was made by hand, as the page for users has it, while senders look. Tests build on each other."""

from __future__ import annotations

import json
import time

import pytest
from adoption.by_hand import MAX_AGES, STS_CONF, blocks, commands, set_up, write
from adoption.watch import FORMER, KEY_TYPES, OUR_IDS, OURS, PLACES, Watch, announced, served
from lab.hosts import NAME_SERVERS, get_host, wait_for
from lab.playbook import play

SITE = "playbooks/site.yml"
HOST = "policy13"
FOUND = "Show what is there before anything is changed"
DOMAINS = list(MAX_AGES)
SETTLED_SECONDS = 3
PLAIN = f"{STS_CONF}:1 answers for mta-sts.byhand.test on port 80, so a CA would not get our answers to its challenges"
SECURE = (
    f"byhand.test: {HOST}: {STS_CONF}:1 answers for mta-sts.byhand.test on port 443 instead of our file, which has all"
    " it needs to"
)
NOT_YET = f"{STS_CONF}:13 answers for mta-sts.byhand.test on port 443, and ours does not have all its certificates yet"
HELD = (
    "/etc/nginx/sites-enabled/mta-sts:1 answered for mta-sts.certbot.test on port 443 until our certificate was there"
)


def by_root(section):
    """Type what the page says."""
    lines = commands(section)
    assert lines
    for line in lines:
        get_host(HOST).check_output(line)


def history():
    return json.loads(get_host(HOST).check_output("cat /var/lib/mta-sts/history.json"))["domains"]


def report(run):
    """The table, with what is said below it."""
    return "\n".join(run.result("Show the table", HOST)["msg"])


def row(run, domain):
    return next(line for line in run.result("Show the table", HOST)["msg"] if line.startswith(domain))


@pytest.fixture(scope="module")
def refused():
    """A run while another web server has port 443; that of this name is enough."""
    host = get_host(HOST)
    host.check_output(
        "install $(readlink -f /usr/bin/python3) /usr/local/sbin/apache2"
        " && systemd-run --unit=apache2 --setenv=PYTHONHOME=/usr /usr/local/sbin/apache2 -m http.server 443"
    )
    wait_for(lambda: host.run("ss --no-header --listening --tcp sport = 443").stdout != "")
    run = play(SITE)
    host.check_output("systemctl stop apache2 && rm /usr/local/sbin/apache2")
    return run


@pytest.fixture(scope="module")
def watch(refused):
    """From before the first run until after the last."""
    set_up()
    with Watch() as watching:
        time.sleep(SETTLED_SECONDS)
        yield watching


@pytest.fixture(scope="module")
def check(watch):
    return play(SITE, "--check")


@pytest.fixture(scope="module")
def first(check):
    return play(SITE)


@pytest.fixture(scope="module")
def remembered(first):
    return history()


@pytest.fixture(scope="module")
def second(remembered):
    """After port 80 was removed."""
    write(STS_CONF, blocks("nginx")[1])
    by_root(2)
    return play(SITE)


@pytest.fixture(scope="module")
def third(second):
    """After port 443 was removed, and senders have looked at what answers then."""
    by_root(3)
    time.sleep(SETTLED_SECONDS)
    return play(SITE)


@pytest.fixture(scope="module")
def again(third):
    return play(SITE)


@pytest.fixture(scope="module")
def over(watch, again):
    """What senders have seen, with a last look at the end."""
    time.sleep(SETTLED_SECONDS)
    return watch


def test_a_host_on_which_another_web_server_has_the_port_is_refused_before_anything_is_changed(refused):
    assert not refused.ok
    assert refused.changed == set()
    (failure,) = refused.failures
    assert "apache2 listens on port 443 of this host, so nginx cannot. Remedy: Keep it, with mta_sts_vhost" in failure


@pytest.mark.parametrize("run", ["check", "first"])
def test_before_anything_is_changed_it_says_what_is_there(run, request):
    run = request.getfixturevalue(run)
    tasks = [task for task, _host, result in run.results if result.get("changed")]
    names = [task for task, _host, _result in run.results]
    assert names.index(FOUND) < names.index(tasks[0])
    said = "\n".join(run.result(FOUND, HOST)["msg"])
    assert "byhand.test: senders get policy" in said
    assert f"(mode enforce, max_age 604800) from {PLACES[0]}" in said
    assert "the record announces id apr2021." in said
    assert f"byhand.test: on {HOST} {STS_CONF}:1 answers on port 80." in said
    assert (
        f"byhand.test: on {HOST} {STS_CONF}:13 answers on port 443, with"
        " /etc/dehydrated/certs/mta-sts.byhand.test/fullchain.pem,"
        " /etc/dehydrated/certs/ECC/mta-sts.byhand.test/fullchain.pem."
    ) in said
    assert "certbot.test: on policy13 /etc/nginx/sites-enabled/mta-sts:1 answers on port 443, with" in said
    assert "the record announces id 20240229120000Z." in said


def test_the_first_step_is_named_and_no_certificate_is_ordered_that_the_ca_would_refuse(first):
    assert not first.ok
    (problem,) = [failure for failure in first.failures if PLAIN in failure]
    assert "Remedy: Remove that server block (or mta-sts.byhand.test from its server_name)" in problem
    assert "cache" not in problem
    assert "failed: certificate" in row(first, "byhand.test")
    assert f"byhand.test: {HOST}: {NOT_YET}" in report(first)


def test_a_server_for_many_names_stays_until_our_certificates_are_there(first):
    assert HELD in report(first)
    assert "Remedy: Run again: ours takes its place at once." in report(first)


def test_what_senders_hold_is_remembered(remembered):
    for domain in DOMAINS:
        theirs, ours = remembered[domain]
        assert (theirs["mode"], theirs["max_age"], theirs["last"]) == ("enforce", MAX_AGES[domain], None)
        assert (ours["id"], ours["last"]) == (OUR_IDS[domain], None)


def test_the_second_step_is_named_in_the_table(second):
    assert not second.ok
    assert "failed: proof" in row(second, "byhand.test")
    assert SECURE in report(second)
    assert "Remedy: Remove that server block" in report(second)
    assert "cache" not in report(second)
    assert "working" in row(second, "certbot.test")


def test_then_ours_is_proven_and_announced(third):
    assert third.failures == []
    assert third.ok
    for domain in DOMAINS:
        assert "working" in row(third, domain)
        assert {announced(domain, server) for server in NAME_SERVERS} == {OUR_IDS[domain]}
        assert {served(domain, place, kind) for place in PLACES for kind in KEY_TYPES} == {OURS[domain]}


def test_nothing_is_left_to_do_or_to_say(again):
    assert again.ok
    assert again.changed == set()
    assert FOUND not in [task for task, _host, result in again.results if not result.get("skipped")]


def test_until_when_senders_may_hold_what_was_served_by_hand_is_known(again):
    for domain in DOMAINS:
        theirs, _ours = sorted(history()[domain], key=lambda entry: entry["id"] == OUR_IDS[domain])
        assert theirs["last"] >= theirs["first"] > 0


def test_what_is_not_ours_is_untouched(again):
    host = get_host(HOST)
    assert host.file("/data/www/mta-sts.byhand.test/.well-known/mta-sts.txt").content == FORMER["byhand.test"]
    assert host.file("/etc/dehydrated/certs/ECC/mta-sts.byhand.test/fullchain.pem").exists
    assert host.file("/etc/nginx/sites-enabled/mta-sts").exists


def test_no_sender_has_ever_seen_nothing_or_something_else(over):
    assert over.wrong == []
    for domain in DOMAINS:
        assert over.seen[f"{domain} former"] > SETTLED_SECONDS
        assert over.seen[f"{domain} ours"] > SETTLED_SECONDS
        assert over.seen[f"{domain} {OUR_IDS[domain]}"] > SETTLED_SECONDS
