# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Signed dynamic updates of a real primary, and every refusal."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
import time

import pytest
from servers.knot import ALGORITHM, KEY, PRIMARY, SECRET, USELESS_KEY, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.ownership import Change
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import character_strings
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Nameserver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.update import (
    ChangedMeanwhile,
    Primary,
    TxtRRset,
    Unreachable,
    UpdateError,
)

GOOD_KEY = Key(KEY, ALGORITHM, SECRET)
OTHER_SECRET = base64.b64encode(b"another secret").decode()
RECORDS = 'one 600 TXT "a" "b"\nmany TXT "2"\nmany TXT "1"\nonly-a A 192.0.2.1\nalias CNAME one\n'
RECORDS += "\n".join(f"n{number} TXT {number}" for number in range(600))


@pytest.fixture
def servers(tmp_path):
    with serve(tmp_path, Zone("example.com", RECORDS), Zone("fixed.test", updates=False)) as running:
        yield running


@pytest.fixture
def primary(servers):
    return Primary(Nameserver(PRIMARY, servers.port), GOOD_KEY, 5)


def rrset(name, *texts, ttl=300):
    return TxtRRset(name, ttl, tuple(character_strings(text) for text in texts))


def exchange(now, *texts, ttl=300):
    """All records of an TxtRRset for others."""
    return now, Change(now.records, tuple(character_strings(text) for text in texts), ttl)


def refusal(primary, zone="example.com", now=(), shall=("new",)):
    with pytest.raises(UpdateError) as refused:
        primary.change(zone, [exchange(rrset(f"x.{zone}", *now), *shall)])
    return refused.value


@contextlib.contextmanager
def closing_after_one_answer(real_port):
    """Stand before a server, and close every connection after an answer."""

    def serve_one(client):
        with client, socket.create_connection((PRIMARY, real_port)) as server:
            server.sendall(client.recv(65535))
            client.sendall(server.recv(65535))

    def serve_all(listening):
        with contextlib.suppress(OSError):
            while True:
                serve_one(listening.accept()[0])

    with socket.create_server((PRIMARY, 0)) as listening:
        threading.Thread(target=serve_all, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_rrsets_are_read_as_they_are(primary):
    names = ["one.example.com", "many.example.com", "only-a.example.com", "nothing.example.com"]
    assert primary.read(names) == {
        "one.example.com": TxtRRset("one.example.com", 600, ((b"a", b"b"),)),
        "many.example.com": TxtRRset("many.example.com", 300, ((b"1",), (b"2",))),
        "only-a.example.com": TxtRRset("only-a.example.com"),
        "nothing.example.com": TxtRRset("nothing.example.com"),
    }


def test_more_names_than_a_connection_takes_are_read(primary):
    found = primary.read([f"n{number}.example.com" for number in range(600)])
    assert [found[f"n{number}.example.com"].records for number in range(600)] == [
        ((str(number).encode(),),) for number in range(600)
    ]


def test_one_update_creates_changes_and_removes(primary, servers):
    primary.change(
        "example.com",
        [
            exchange(TxtRRset("new.example.com"), "v=STSv1; id=1;"),
            exchange(rrset("many.example.com", "1", "2"), "3", ttl=60),
            exchange(TxtRRset("one.example.com", 600, ((b"a", b"b"),))),
        ],
    )
    assert servers.dig("new.example.com") == ['"v=STSv1; id=1;"']
    assert servers.dig("many.example.com") == ['"3"']
    assert primary.read(["many.example.com"])["many.example.com"].ttl == 60
    assert servers.dig("one.example.com") == []
    assert servers.serial("example.com") == 2


def test_other_types_at_the_name_stay(primary, servers):
    primary.change("example.com", [exchange(TxtRRset("only-a.example.com"), "new")])
    primary.change("example.com", [exchange(rrset("only-a.example.com", "new"))])
    assert servers.dig("only-a.example.com", "A") == ["192.0.2.1"]


def test_records_go_and_come_one_by_one_and_all_others_stay(primary, servers):
    now = primary.read(["many.example.com"])["many.example.com"]
    primary.change("example.com", [(now, Change(((b"1",),), ((b"3",),), 300))])
    assert sorted(servers.dig("many.example.com")) == ['"2"', '"3"']


def test_no_text_is_put_beside_a_cname(primary, servers):
    with pytest.raises(ChangedMeanwhile) as refused:
        primary.change("example.com", [exchange(TxtRRset("alias.example.com"), "new")])
    assert "YXRRSET" in refused.value.rule
    assert servers.dig("alias.example.com", "CNAME") == ["one.example.com."]


def test_what_a_cname_leads_to_does_not_stand_at_its_name(primary):
    assert primary.read(["alias.example.com"]) == {"alias.example.com": TxtRRset("alias.example.com")}


def test_a_long_text_is_cut_into_character_strings(primary, servers):
    text = "x" * 255 + "y" * 200
    primary.change("example.com", [exchange(TxtRRset("long.example.com"), text)])
    assert servers.dig("long.example.com") == [f'"{"x" * 255}" "{"y" * 200}"']


def test_what_does_not_fit_into_one_message_takes_several(primary, servers):
    names = [f"big{number}.example.com" for number in range(400)]
    primary.change("example.com", [exchange(TxtRRset(name), "x" * 250) for name in names])
    assert len(primary.read(names)) == 400
    assert all(found.records for found in primary.read(names).values())
    assert servers.serial("example.com") == 3


def test_a_record_larger_than_a_message_is_refused(primary, servers):
    error = refusal(primary, shall=("x" * 65270,))
    assert str(error) == "the record x.example.com is too large for a message. Remedy: Shorten it."
    assert servers.serial("example.com") == 1


@pytest.mark.parametrize(
    ("now", "there", "said"),
    [(("old",), (), "NXRRSET"), ((), ("foreign",), "YXRRSET"), (("old",), ("foreign",), "NXRRSET")],
)
def test_what_somebody_else_changed_meanwhile_is_left_alone(primary, servers, now, there, said):
    if there:
        primary.change("example.com", [exchange(TxtRRset("x.example.com"), *there)])
    serial = servers.serial("example.com")
    error = refusal(primary, now=now)
    assert error.rule == f"{servers.nameserver} says {said} to example.com for the key {KEY}"
    assert error.remedy == "Somebody else has just changed the record: run again"
    assert servers.serial("example.com") == serial


UNKNOWN = "does not know, or does not allow here, the TSIG key"
GIVE = "Give the server the key with this very name and algorithm, and the key the right to update the zone"


@pytest.mark.parametrize(
    ("key", "zone", "rule", "remedy"),
    [
        (
            Key(KEY, ALGORITHM, OTHER_SECRET),
            "example.com",
            f"rejects the signature of the TSIG key {KEY}",
            "Compare secret and algorithm",
        ),
        (Key(KEY, "hmac-sha512", SECRET), "example.com", f"{UNKNOWN} {KEY}", GIVE),
        (Key("nobody", ALGORITHM, SECRET), "example.com", f"{UNKNOWN} nobody", GIVE),
        (Key(USELESS_KEY, ALGORITHM, SECRET), "example.com", f"{UNKNOWN} {USELESS_KEY}", GIVE),
        (GOOD_KEY, "fixed.test", f"{UNKNOWN} {KEY}", GIVE),
        (
            None,
            "example.com",
            "says NOTAUTH to example.com without a key",
            "Name the zone's primary server, and a key it accepts for updates of this zone",
        ),
        (
            GOOD_KEY,
            "not-here.test",
            f"does not sign its answers with the TSIG key {KEY}",
            "Name the zone's primary server, and give it the key",
        ),
    ],
)
def test_a_refusal_says_what_to_do(servers, key, zone, rule, remedy):
    error = refusal(Primary(Nameserver(PRIMARY, servers.port), key, 5), zone)
    assert (error.rule, error.remedy) == (f"{servers.nameserver} {rule}", remedy)


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        (GOOD_KEY, f"does not sign its answers with the TSIG key {KEY}"),
        (None, "says REFUSED to www.not-here.test without a key"),
    ],
)
def test_a_zone_the_server_does_not_have_cannot_be_read(servers, key, rule):
    with pytest.raises(UpdateError) as refused:
        Primary(Nameserver(PRIMARY, servers.port), key, 5).read(["www.not-here.test"])
    assert refused.value.rule == f"{servers.nameserver} {rule}"


def test_a_silent_server_is_told_apart():
    with socket.create_server((PRIMARY, 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Unreachable) as refused:
            Primary(Nameserver(PRIMARY, port), GOOD_KEY, 0.3).read(["one.example.com"])
    assert refused.value.rule == f"{PRIMARY}:{port} gave no answer within 0.3 s"
    assert refused.value.remedy == "Make sure that the name server runs and that its TCP port is open to this machine"


def test_a_closed_port_is_told_apart():
    with socket.create_server((PRIMARY, 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable) as refused:
        Primary(Nameserver(PRIMARY, port), GOOD_KEY, 5).read(["one.example.com"])
    assert refused.value.rule == f"{PRIMARY}:{port} cannot be asked: [Errno 111] Connection refused"


def test_a_name_that_cannot_be_read_costs_no_other(servers, primary):
    found = primary.read_each(["one.example.com", "www.not-here.test", "many.example.com"])
    assert found["one.example.com"].records
    assert "does not sign its answers" in found["www.not-here.test"].rule
    assert found["many.example.com"].records


def test_a_silent_server_is_not_asked_for_every_name():
    with socket.create_server((PRIMARY, 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        found = Primary(Nameserver(PRIMARY, port), GOOD_KEY, 0.3).read_each([f"n{number}.test" for number in range(99)])
    assert time.monotonic() - began < 3
    assert [str(said.rule) for said in found.values()] == [f"{PRIMARY}:{port} gave no answer within 0.3 s"] * 99


def test_a_server_may_close_the_connection_after_every_answer(servers):
    with closing_after_one_answer(servers.port) as port:
        found = Primary(Nameserver(PRIMARY, port), GOOD_KEY, 5).read(["one.example.com", "many.example.com"])
    assert all(rrset.records for rrset in found.values())


def test_a_secret_that_is_no_base64_is_refused_and_not_shown():
    with pytest.raises(UpdateError) as refused:
        Primary(Nameserver(PRIMARY), Key(KEY, ALGORITHM, "s3cr3t!"), 5)
    assert refused.value.rule == f"the secret of the TSIG key {KEY} is not base64"
    assert "s3cr3t" not in str(refused.value)
