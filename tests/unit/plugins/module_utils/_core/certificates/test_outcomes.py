# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a domain's certificates, seen from the store before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import (
    Certificate,
    Stored,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.dehydrated import (
    SPACE_REMEDY,
    explain,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import FAILURES, SET
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.orders import (
    LEAVE,
    ORDER,
    REMOVE,
    Order,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.outcomes import DISK_FULL, judge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.pending import Pending

HOST = "mta-sts.example.com"
NOW = 1000
WANTED = Order("example.com", HOST, ORDER)
OLD = Certificate(0, 9000, "CN=R10", (HOST,), "rsa3072", "old")
RSA = Stored(OLD, served=True)
EC = Stored(replace(OLD, key_type="p256", not_after=8000), served=True)
BEFORE = {"rsa3072": "old", "p256": "old"}
NOTHING = {"rsa3072": None, "p256": None}
BOTH = {"rsa3072": RSA, "p256": EC}
CONNECTION = '"type": "urn:ietf:params:acme:error:connection", "detail": "refused"'
CAA = '"type": "urn:ietf:params:acme:error:caa", "detail": "forbidden"'
UNREACHED = "ERROR: Problem connecting to server (get for https://ca.test/dir; curl returned with 7)"

CASES = [
    ("the present ones serve", WANTED, BEFORE, BOTH, "kept", "", 8000),
    ("both are new", WANTED, NOTHING, BOTH, "issued", "new: rsa3072, p256", 8000),
    ("one is new", WANTED, {**BEFORE, "p256": "older"}, BOTH, "issued", "new: p256", 8000),
    (
        "both failed for one reason",
        WANTED,
        NOTHING,
        {"rsa3072": Stored(failure=CONNECTION), "p256": Stored(failure=CONNECTION)},
        "failed",
        'rsa3072, p256: The CA said connection: "refused"',
        None,
    ),
    (
        "each failed for its own reason",
        WANTED,
        NOTHING,
        {"rsa3072": Stored(failure=CONNECTION), "p256": Stored(failure=CAA)},
        "failed",
        'rsa3072: The CA said connection: "refused"; p256: The CA said caa: "forbidden"',
        None,
    ),
    (
        "could not be renewed, but is still good",
        WANTED,
        BEFORE,
        {"rsa3072": RSA, "p256": Stored(replace(OLD, key_type="p256", not_after=1100), True, CAA)},
        "failed",
        'p256: The CA said caa: "forbidden"',
        1100,
    ),
    ("was not tried", WANTED, NOTHING, {"p256": Stored()}, "failed", "p256: it was not tried", None),
    (
        "was issued but not put in place",
        WANTED,
        NOTHING,
        {"p256": replace(EC, served=False)},
        "failed",
        "p256: it was issued, but is not where nginx looks for it",
        None,
    ),
    (
        "resolves to others",
        Order("example.com", HOST, LEAVE, "it leads", "Point"),
        BEFORE,
        BOTH,
        "not_ordered",
        "it leads",
        8000,
    ),
    ("absent, but still served", Order("example.com", HOST, LEAVE, "it stays"), BEFORE, BOTH, "kept", "it stays", 8000),
    ("absent", Order("example.com", HOST, REMOVE), BEFORE, BOTH, "absent", "", None),
]


@pytest.mark.parametrize(
    ("order", "before", "after", "outcome", "reason", "expires"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_outcome(order, before, after, outcome, reason, expires):
    found = judge(order, before, after, None, NOW, dry=False)
    assert (found.outcome, found.reason, found.expires) == (outcome, reason, expires)
    assert bool(found.problem) is (outcome in {"failed", "not_ordered"})


def test_an_old_failure_of_a_good_certificate_is_no_failure():
    assert judge(WANTED, BEFORE, {"rsa3072": replace(RSA, failure=CAA), "p256": EC}, None, NOW, False).outcome == "kept"


def test_a_ca_that_cannot_be_reached_is_everybodys_reason():
    found = judge(WANTED, NOTHING, {"rsa3072": Stored(failure=CAA), "p256": Stored()}, explain(UNREACHED), NOW, False)
    assert found.reason == "rsa3072, p256: The CA at https://ca.test/dir could not be asked: it refuses the connection"


def test_check_mode_says_what_would_be_ordered_and_sees_no_problem():
    found = judge(WANTED, NOTHING, {"rsa3072": Stored(), "p256": replace(EC, served=False)}, None, NOW, dry=True)
    assert found.outcome == "due"
    assert found.reason == "would be ordered: rsa3072 (there is none), p256 (it is not where nginx looks for it)"
    assert found.problem == ""


def test_a_problem_names_domain_cause_and_remedy():
    after = {"rsa3072": Stored(failure=CONNECTION), "p256": Stored(failure=CAA)}
    assert judge(WANTED, NOTHING, after, None, NOW, False).problem == (
        'example.com: certificate: rsa3072: The CA said connection: "refused"; p256: The CA said caa: "forbidden" '
        "(RFC 8461, section 3.3). Remedy: Open port 80 of every address of the name to the whole Internet. "
        "Allow this CA in the CAA record of the domain, or of the name its CNAME points to."
    )


FIX = "Fix that on the policy host and run again"
JOURNAL = "See journalctl -u mta-sts-certificate on the policy host"
AGAIN = (
    "Run again, one run at a time; if that does not help, "
    "see systemctl status mta-sts-certificate.service on the policy host"
)


@pytest.mark.parametrize(
    ("stored", "general", "cause", "remedy"),
    [
        (Stored(), None, "it was not tried", AGAIN),
        (replace(EC, served=False), None, "it was issued, but is not where nginx looks for it", JOURNAL),
        (Stored(unreadable="its key cannot be read"), None, "its key cannot be read", FIX),
        (Stored(unreadable="its key cannot be read"), DISK_FULL, "its key cannot be read", FIX),
        (Stored(failure=CAA), DISK_FULL, "the disk of the certificate store is full", SPACE_REMEDY),
    ],
)
def test_what_no_ca_is_to_blame_for_has_its_own_remedy(stored, general, cause, remedy):
    found = judge(WANTED, NOTHING, {"p256": stored}, general, NOW, dry=False)
    assert found.problem == (f"example.com: certificate: p256: {cause} (RFC 8461, section 3.3). Remedy: {remedy}.")


def test_an_outcome_names_its_domain_and_policy_host():
    found = judge(WANTED, BEFORE, BOTH, None, NOW, dry=False)
    assert (found.domain, found.policy_host) == ("example.com", HOST)


def test_what_is_not_ordered_says_in_check_mode_too_what_to_do():
    order = Order("example.com", HOST, LEAVE, "it resolves to others", "Point it here")
    for dry in (False, True):
        found = judge(order, NOTHING, {"p256": Stored()}, None, NOW, dry)
        assert (found.outcome, found.problem) == ("not_ordered", order.problem)


LIMITED = '{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many new orders"}'
LATER = Pending(NOW + 59.5, SET)
SOON = "the CA takes the next order of this set of names at 1970-01-01 00:18 UTC"


@pytest.mark.parametrize(
    ("after", "pending", "outcome", "reason", "expires"),
    [
        (
            {"rsa3072": Stored(), "p256": EC},
            {"rsa3072": LATER},
            "pending",
            f"RSA: {SOON}; ECDSA stands in until then",
            8000,
        ),
        (
            {"rsa3072": Stored(), "p256": Stored()},
            {"rsa3072": LATER, "p256": LATER},
            "pending",
            f"RSA: {SOON}; ECDSA: {SOON}",
            None,
        ),
        (
            {"rsa3072": Stored(failure=LIMITED), "p256": Stored(failure=CAA)},
            {"rsa3072": LATER, "p256": LATER},
            "pending",
            f'RSA: {SOON}; ECDSA: {SOON}; The CA said rateLimited: "too many new orders"',
            None,
        ),
        (
            {"rsa3072": Stored(failure=CAA), "p256": Stored()},
            {"p256": LATER},
            "failed",
            'rsa3072: The CA said caa: "forbidden"',
            None,
        ),
        (
            {"rsa3072": Stored(failure=CAA), "p256": EC},
            {"rsa3072": Pending(NOW, FAILURES)},
            "failed",
            'rsa3072: The CA said caa: "forbidden"',
            None,
        ),
        (BOTH, {"p256": LATER}, "kept", "", 8000),
    ],
)
def test_what_the_ca_takes_later_is_pending_and_no_problem(after, pending, outcome, reason, expires):
    found = judge(WANTED, BEFORE, after, None, NOW, False, pending)
    assert (found.outcome, found.reason, found.expires) == (outcome, reason, expires)
    assert bool(found.problem) == (outcome == "failed")
    assert found.pending_until == (NOW + 59 if outcome == "pending" else None)
