# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of TLS at a policy host: its certificates, and how it treats unknown names and old versions."""

from __future__ import annotations

import pytest
from helpers.policy_host_visits import V4, V6, evidence

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.tls import (
    earliest_expiry,
    judge_tls,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    HostVisit,
    TlsProbe,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.thresholds import Thresholds
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo

NOW = 2_000_000_000
DAY = 86400
VISITS = [
    (
        "another name",
        evidence(
            visits=(
                HostVisit(V4, Fetch(fault=Fault("tls_name", "it names b.test (RFC 8461, section 3.3)", "Order one"))),
            ),
            caa=("one.test", "two.test"),
        ),
        [
            found(
                "tls_name",
                "192.0.2.1",
                "it names b.test; CAA records there let only one.test, two.test issue",
                "Order one",
            )
        ],
    ),
    (
        "no certificate",
        evidence(
            visits=(HostVisit(V4, Fetch(fault=Fault("tls_refused", "it refuses", "Order one"))),), caa=("one.test",)
        ),
        [found("tls_refused", "192.0.2.1", "it refuses; CAA records there let only one.test issue", "Order one")],
    ),
    (
        "no certificate, and CAA records say nothing",
        evidence(visits=(HostVisit(V4, Fetch(fault=Fault("tls_refused", "it refuses", "Order one"))),)),
        [found("tls_refused", "192.0.2.1", "it refuses", "Order one")],
    ),
    (
        "too old a certificate has nothing to do with CAA",
        evidence(
            visits=(HostVisit(V4, Fetch(fault=Fault("tls_expired", "it is old", "Renew it"))),), caa=("one.test",)
        ),
        [found("tls_expired", "192.0.2.1", "it is old", "Renew it")],
    ),
    (
        "one of two certificates",
        evidence(
            visits=(
                HostVisit(
                    V4, Fetch(), {"rsa": Fetch(fault=Fault("tls_expired", "it is old", "Renew it")), "ecdsa": None}
                ),
            )
        ),
        [found("tls_expired", "192.0.2.1 (RSA)", "it is old", "Renew it")],
    ),
    (
        "the other of two certificates",
        evidence(
            visits=(
                HostVisit(
                    V4, Fetch(), {"rsa": None, "ecdsa": Fetch(fault=Fault("tls_expired", "it is old", "Renew it"))}
                ),
            )
        ),
        [found("tls_expired", "192.0.2.1 (ECDSA)", "it is old", "Renew it")],
    ),
    (
        "the certificate ends soon",
        evidence(visits=(HostVisit(V4, Fetch(tls=TlsInfo(expiry=NOW + 2 * DAY))),)),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: the certificate ends on 2033-05-20T03:33:20Z, in 2 days",
                "Renew it, and find out why no timer did: systemctl list-timers, the log of the ACME client",
            )
        ],
    ),
    (
        "both certificates end soon",
        evidence(
            visits=(
                HostVisit(
                    V4,
                    Fetch(tls=TlsInfo(expiry=NOW + 3 * DAY)),
                    {
                        "rsa": Fetch(tls=TlsInfo(expiry=NOW + 3 * DAY)),
                        "ecdsa": Fetch(tls=TlsInfo(expiry=NOW + 3 * DAY)),
                    },
                ),
            )
        ),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: ECDSA and RSA certificate ends on 2033-05-21T03:33:20Z, in 3 days",
                "Renew it, and find out why no timer did: systemctl list-timers, the log of the ACME client",
            )
        ],
    ),
    (
        "each certificate ends on its day",
        evidence(
            visits=(
                HostVisit(
                    V4,
                    Fetch(),
                    {"rsa": Fetch(tls=TlsInfo(expiry=NOW + 5 * DAY)), "ecdsa": Fetch(tls=TlsInfo(expiry=NOW + DAY))},
                ),
            )
        ),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: ECDSA certificate ends on 2033-05-19T03:33:20Z, in 24 hours",
                "Renew it, and find out why no timer did: systemctl list-timers, the log of the ACME client",
            ),
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: RSA certificate ends on 2033-05-23T03:33:20Z, in 5 days",
                "Renew it, and find out why no timer did: systemctl list-timers, the log of the ACME client",
            ),
        ],
    ),
    (
        "one of two certificates ends soon",
        evidence(
            visits=(
                HostVisit(
                    V4,
                    Fetch(tls=TlsInfo(expiry=NOW + 90 * DAY)),
                    {
                        "rsa": None,
                        "ecdsa": Fetch(tls=TlsInfo(expiry=NOW + DAY)),
                    },
                ),
            )
        ),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: ECDSA certificate ends on 2033-05-19T03:33:20Z, in 24 hours",
                "Renew it, and find out why no timer did: systemctl list-timers, the log of the ACME client",
            )
        ],
    ),
    (
        "strangers get a certificate",
        evidence(visits=(HostVisit(V4, Fetch()),), tls_probes={V4: TlsProbe(True)}),
        [
            found(
                "tls_unknown_name",
                "192.0.2.1",
                "192.0.2.1 presents a certificate even to clients that ask for a name it does not serve",
                "Let the default server abort the handshake (nginx: ssl_reject_handshake on;)",
            )
        ],
    ),
    (
        "old versions",
        evidence(visits=(HostVisit(V4, Fetch()),), tls_probes={V4: TlsProbe(False, ("TLSv1", "TLSv1.1"))}),
        [
            found(
                "tls_old_version",
                "192.0.2.1",
                "192.0.2.1 still accepts TLSv1 and TLSv1.1",
                "Allow TLS 1.2 and 1.3 only (nginx: ssl_protocols TLSv1.2 TLSv1.3;)",
            )
        ],
    ),
]


@pytest.mark.parametrize(("seen", "findings"), [case[1:] for case in VISITS], ids=[case[0] for case in VISITS])
def test_what_is_told_of_a_visit(seen, findings):
    assert judge_tls(seen, Thresholds(), NOW) == findings


@pytest.mark.parametrize(
    ("kind", "checks"),
    [
        ("tls_name", ["tls_name"]),
        ("tls_expired", ["tls_expired"]),
        ("tls_self_signed", ["tls_self_signed"]),
        ("tls_chain", ["tls_chain"]),
        ("tls_untrusted", ["tls_untrusted"]),
        ("tls_refused", ["tls_refused"]),
        ("tls_client", ["tls_handshake"]),
        ("tls_version", ["tls_version"]),
        ("tls", ["tls_handshake"]),
        ("tcp", []),
        ("timeout", []),
    ],
)
def test_a_fault_fails_its_check(kind, checks):
    visit = HostVisit(V4, Fetch(fault=Fault(kind, "what is wrong", "what to do")))
    assert [finding.check for finding in judge_tls(evidence(visits=(visit,)), Thresholds(), NOW)] == checks


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("private", False),
        ("tcp", False),
        ("unreachable", False),
        ("no_route", False),
        ("tls_version", False),
        ("tls_name", False),
        ("http", False),
        ("tls_expired", True),
        ("timeout", True),
    ],
)
def test_bad_manners_are_told_unless_another_fault_explains_them(kind, told):
    visit = HostVisit(V4, Fetch(fault=Fault(kind, "what is wrong", "what to do")))
    findings = judge_tls(evidence(visits=(visit,), tls_probes={V4: TlsProbe(True, ("TLSv1",))}), Thresholds(), NOW)
    assert ("tls_unknown_name" in [finding.check for finding in findings]) is told
    assert ("tls_old_version" in [finding.check for finding in findings]) is told


@pytest.mark.parametrize("tls_probes", [{}, {V4: TlsProbe()}, {V4: TlsProbe(False)}, {V6: TlsProbe(True)}])
def test_without_faults_of_tls_none_are_told(tls_probes):
    assert judge_tls(evidence(visits=(HostVisit(V4, Fetch()),), tls_probes=tls_probes), Thresholds(), NOW) == []


def test_a_fetch_that_fails_later_than_in_tls_is_not_about_the_certificate():
    later = Fetch(fault=Fault("timeout", "what is wrong", "what to do"))
    assert judge_tls(evidence(visits=(HostVisit(V4, Fetch(), {"rsa": later}),)), Thresholds(), NOW) == []


def test_the_first_certificate_of_all_to_end():
    def ends(day):
        return Fetch(tls=TlsInfo(expiry=day and NOW + day * DAY))

    visits = [
        HostVisit(V4, ends(9), {"rsa": ends(7), "ecdsa": None}),
        HostVisit(V6, ends(8), {"rsa": ends(None), "ecdsa": Fetch()}),
    ]
    assert earliest_expiry(visits) == NOW + 7 * DAY
    assert earliest_expiry(visits[1:]) == NOW + 8 * DAY
    assert earliest_expiry([HostVisit(V4, Fetch())]) is None
    assert earliest_expiry([]) is None
