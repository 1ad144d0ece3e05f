# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do about a refusal, in the words of each server; the real servers are in molecule/primaries."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns import refusals


def test_a_question_that_is_refused():
    assert refusals.to_question("REFUSED") == (
        "Name the zone's primary server with the option server; if it is this one, have it answer this machine "
        "(BIND: allow-query)"
    )
    assert refusals.to_question("SERVFAIL") == "See in the name server's log why it does not serve the zone"
    assert refusals.to_question("FORMERR") == "Check the name server's log"


def test_a_zone_that_is_refused_to_a_key():
    assert refusals.to_update("REFUSED", "example.com", "mta-sts") == (
        "Let the key mta-sts update the zone (BIND: update-policy, and rndc thaw example.com if it is frozen; "
        "PowerDNS: dnsupdate=yes, pdnsutil set-meta example.com TSIG-ALLOW-DNSUPDATE mta-sts; Knot: an ACL), or, if "
        "this is a secondary, name the primary server with the option server"
    )


def test_a_zone_that_is_refused_without_a_key():
    remedy = refusals.to_update("REFUSED", "example.com", "")
    assert remedy.startswith("Let this machine update the zone (")
    assert "pdnsutil set-meta example.com ALLOW-DNSUPDATE-FROM ADDRESS;" in remedy


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("NOTAUTH", "Name the zone's primary server, and a key it accepts for updates of this zone"),
        ("NOTZONE", "Name the primary server of the zone that holds the name"),
        (
            "NOTIMP",
            "Name the zone's primary server with the option server, or, if that takes no updates, as NSD, publish by "
            "sts_dns_method: zonefile",
        ),
        (
            "SERVFAIL",
            "See in the name server's log what it could not do; PowerDNS needs each TXT record in quotes "
            "(pdnsutil check-zone)",
        ),
        ("FORMERR", "Check the name server's log"),
    ],
)
def test_an_update_that_is_refused(said, words):
    assert refusals.to_update(said, "example.com", "mta-sts") == words


@pytest.mark.parametrize(("name", "below"), [("_mta-sts.sub.example.com", "_mta-sts.sub"), ("example.com", "@")])
def test_one_name_that_is_refused(name, below):
    assert refusals.to_one_name(name, "example.com", "mta-sts") == (
        f"Grant it, on BIND with the line grant mta-sts name {name}. TXT; in the zone's update-policy, on Knot with "
        f"{below} in update-owner-name of the key's ACL"
    )
