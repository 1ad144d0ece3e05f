# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the scenario's inventory must lead to, written out by hand."""

from __future__ import annotations

LONG = (
    "a-mail-domain-whose-labels-are-all-as-long-as-dns-lets-them-be."
    "which-makes-for-a-policy-host-that-no-certificate-s-cn-can-hold."
    "and-which-still-is-a-name-like-any-other-to-those-who-read-rfcs.test"
)

POLICIES = {
    "plain.test": ["version: STSv1", "mode: testing", "mx: mx.plain.test", "max_age: 86400"],
    "wildcard.test": ["version: STSv1", "mode: enforce", "mx: *.mx.wildcard.test", "max_age: 2419200"],
    "live.test": ["version: STSv1", "mode: testing", "mx: mx1.live.test", "mx: mx2.live.test", "max_age: 86400"],
    "customer.test": ["version: STSv1", "mode: testing", "mx: mx.provider.test", "max_age: 86400"],
    "xn--bcher-kva.test": ["version: STSv1", "mode: enforce", "mx: mx.xn--bcher-kva.test", "max_age: 1209600"],
    LONG: ["version: STSv1", "mode: testing", "mx: mx.provider.test", "max_age: 86400"],
}

TLS_RPT = {
    "plain.test": "v=TLSRPTv1; rua=mailto:tlsrpt@plain.test",
    "customer.test": "v=TLSRPTv1; rua=mailto:tlsrpt@provider.test",
}


def body(domain: str) -> str:
    """Return the policy as it must be served: CRLF after every line (RFC 8461, section 3.2)."""
    return "".join(f"{line}\r\n" for line in POLICIES[domain])
