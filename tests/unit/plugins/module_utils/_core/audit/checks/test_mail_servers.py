# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a sender meets at an MX: each fault fails its own check, and a network that lets nobody out blames no MX."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.mail_servers import (
    PORT_BLOCKED,
    earliest_expiry,
    judge_mx,
    reached,
    unblamed,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    Addresses,
    MxHost,
    MxVisit,
    Shown,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.limits import Limits
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.proof import Fault

NOW = 2_000_000_000
DAY = 86400
V4, V6 = "192.0.2.25", "2001:db8::25"
GOOD = MxVisit(V4, Shown("TLSv1.3", NOW + 60 * DAY))


def mx(*visits, name="mx.a.test"):
    return MxHost(name, (Addresses("OK", name, (V4,)), Addresses("OK", name, (V6,))), visits)


def failing(kind, address=V6):
    return MxVisit(address, fault=Fault(kind, f"what is wrong with {kind} (RFC 8461, section 4.2)", "what to do"))


def judged(*visits, severity="error"):
    return judge_mx(mx(*visits), severity, Limits(), NOW)


def test_an_mx_that_senders_can_use_raises_nothing():
    assert judged(GOOD) == []
    assert judged() == []


CHECKS = [
    ("tcp", "smtp_unreachable"),
    ("timeout", "smtp_unreachable"),
    ("smtp", "smtp_protocol"),
    ("starttls", "smtp_starttls"),
    ("tls_version", "smtp_version"),
    ("tls_name", "smtp_name"),
    ("tls_expired", "smtp_expired"),
    ("tls_self_signed", "smtp_self_signed"),
    ("tls_chain", "smtp_chain"),
    ("tls_untrusted", "smtp_untrusted"),
    ("tls_refused", "smtp_handshake"),
    ("tls", "smtp_handshake"),
    ("of a kind nobody has thought of", "smtp_protocol"),
]


@pytest.mark.parametrize("severity", ["error", "warning"])
@pytest.mark.parametrize(("kind", "check"), CHECKS)
def test_a_fault_fails_its_check_at_the_address_that_has_it_with_the_weight_of_the_mode(kind, check, severity):
    (finding,) = judged(GOOD, failing(kind), severity=severity)
    assert finding == found(check, f"mx.a.test [{V6}]", f"what is wrong with {kind}", "what to do", severity)


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_without_a_route_from_here_no_mx_is_at_fault(severity):
    (finding,) = judged(GOOD, failing("no_route"), severity=severity)
    assert (finding.check, finding.severity) == ("smtp_no_route", "info")


@pytest.mark.parametrize("severity", ["error", "warning"])
@pytest.mark.parametrize("kind", ["turned_away", "tls_client"])
def test_an_mx_that_turns_this_machine_away_is_not_at_fault(kind, severity):
    (finding,) = judged(failing(kind), severity=severity)
    assert finding == found("smtp_turned_away", f"mx.a.test [{V6}]", f"what is wrong with {kind}", "what to do", "info")


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_private_address_weighs_little_as_long_as_there_is_another(severity):
    private = failing("private")
    (finding,) = judged(GOOD, private, severity=severity)
    assert finding == found("mx_private", f"mx.a.test [{V6}]", "what is wrong with private", "what to do", "warning")
    assert [finding.severity for finding in judged(private, private, severity=severity)] == [severity] * 2


def test_a_certificate_that_ends_soon_is_told_unless_it_has_another_fault():
    late = MxVisit(V4, Shown("TLSv1.3", NOW + 3 * DAY, start=NOW - 90 * DAY))
    seen = f"the certificate of mx.a.test [{V4}] ends on 2033-05-21T03:33:20Z, in 3 days"
    assert judged(late) == [
        found("smtp_expiring", f"mx.a.test [{V4}]", seen, "Renew it, and find out why that did not happen by itself")
    ]
    short = MxVisit(V4, Shown("TLSv1.3", NOW + 3 * DAY, start=NOW - 9 * DAY))
    assert judged(short) == judged(MxVisit(V4, Shown("TLSv1.3", None))) == []
    fault = Fault("tls_name", "what is wrong", "what to do")
    assert [finding.check for finding in judge_mx(mx(MxVisit(V4, late.shown, fault)), "error", Limits(), NOW)] == [
        "smtp_name"
    ]


def test_every_address_is_judged():
    assert [(finding.check, finding.subject) for finding in judged(failing("tcp", V4), failing("starttls"))] == [
        ("smtp_unreachable", f"mx.a.test [{V4}]"),
        ("smtp_starttls", f"mx.a.test [{V6}]"),
    ]


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_another_certificate_without_sni_is_a_fault_of_its_own(severity):
    other = Fault("tls_name", "without SNI it names www.a.test (RFC 8461, section 4.2)", "Make it the default")
    (finding,) = judged(MxVisit(V4, GOOD.shown, without_sni=other), severity=severity)
    assert finding == found(
        "smtp_sni", f"mx.a.test [{V4}]", "without SNI it names www.a.test", "Make it the default", severity
    )


REACHED = [
    ("none was tried", [], True),
    ("no MX has an address", [mx()], True),
    ("one answers", [mx(GOOD)], True),
    ("all are silent", [mx(failing("timeout")), mx(failing("timeout"))], False),
    ("there is no route to any", [mx(failing("no_route"), failing("no_route"))], False),
    ("some silent, no route to the rest", [mx(failing("timeout")), mx(failing("no_route"))], False),
    ("one answers, the other is silent", [mx(failing("timeout")), mx(GOOD)], True),
    ("one refuses the connection, as networks do for it", [mx(failing("timeout"), failing("tcp"))], False),
    ("one has another fault", [mx(failing("no_route"), failing("starttls"))], True),
]


@pytest.mark.parametrize(("hosts", "open_from_here"), [case[1:] for case in REACHED], ids=[case[0] for case in REACHED])
def test_whether_port_25_seems_open_from_here(hosts, open_from_here):
    assert reached(hosts) is open_from_here


def test_where_port_25_is_closed_silence_is_a_warning_and_other_findings_stay():
    silent, other = judged(failing("timeout", V4), failing("starttls"))
    assert unblamed(silent) == found("smtp_unreachable", silent.subject, silent.seen, PORT_BLOCKED, "warning")
    assert PORT_BLOCKED == (
        "Try from elsewhere first: no MX at all answers here, and many networks close port 25 outwards"
    )
    assert unblamed(other) == other


def test_the_first_certificate_of_all_to_end():
    def ends(*days):
        return mx(*(MxVisit(V4, Shown("TLSv1.3", day and NOW + day * DAY)) for day in days))

    assert earliest_expiry([ends(9, 8), ends(7, None, 10), mx(failing("tcp"))]) == NOW + 7 * DAY
    assert earliest_expiry([ends(None), mx(failing("tcp"))]) is None
    assert earliest_expiry([]) is None
