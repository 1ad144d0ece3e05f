# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What follows for a host from what is done about each domain."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import (
    Certificate,
    Stored,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.orders import (
    LEAVE,
    ORDER,
    REMOVE,
    Host,
    Order,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.plan import Due, plan

NAME = "mta-sts.example.com"
GOOD = Stored(Certificate(0, 90 * 86400, "CN=CA", (NAME,), "p256", "ab"), served=True)


def planned(action=ORDER, stored=GOOD, host=None, now=0):
    return plan([Order("example.com", NAME, action)], {NAME: {"p256": stored}}, host or Host(), now)


def test_a_certificate_that_serves_is_left_alone():
    assert (planned().due, planned().start, planned().domains_txt) == ([], False, f"{NAME}\n")


def test_what_is_due_is_ordered_now():
    due = planned(now=60 * 86400)
    assert due.due == [Due(NAME, "p256", "less than a third of its lifetime is left")]
    assert due.start


def test_what_nginx_does_not_find_is_put_there():
    misplaced = planned(stored=Stored(GOOD.certificate))
    assert (misplaced.due, misplaced.start) == ([], True)


def test_what_is_not_ordered_is_not_asked_for():
    left = planned(LEAVE, Stored())
    assert (left.due, left.start, left.domains_txt, left.removed) == ([], False, "", [])
    assert planned(REMOVE, Stored()).removed == [NAME]


def test_names_that_nobody_lists_stay_while_their_policy_is_or_may_be_served():
    ordered = ["mta-sts.served.example", "mta-sts.keyed.example", "mta-sts.nothing.example", NAME]
    host = Host(ordered, keyed=["mta-sts.keyed.example"], served=["served.example"])
    assert planned(host=host).unlisted == ["mta-sts.served.example"]
    doubted = Host(ordered, keyed=["mta-sts.keyed.example"], served=["served.example"], doubt="it does not exist")
    assert planned(host=doubted).unlisted == ["mta-sts.served.example", "mta-sts.keyed.example"]
    assert planned(host=doubted).domains_txt == f"{NAME}\nmta-sts.keyed.example\nmta-sts.served.example\n"
