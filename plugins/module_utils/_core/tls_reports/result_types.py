# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What reporters mean by each type of failure, and what to do about it (RFC 8460, section 4.3).

Private to this collection.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class ResultType:
    """One type: ``name`` as reports have it, ``meaning`` in a sentence, ``remedy`` what the receiving side does."""

    name: str
    meaning: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        """Plain data, as modules return it."""
        return asdict(self)


RESULT_TYPES = (
    ResultType(
        "starttls-not-supported",
        "The MX did not offer STARTTLS",
        "Switch it on at the MX that is named, for every address and every client: smtpd_tls_security_level = may. If "
        "it is on, something between the sender and it takes it away, such as a firewall that inspects SMTP",
    ),
    ResultType(
        "certificate-host-mismatch",
        "The certificate of the MX does not name the host that the policy or the TLSA record calls for",
        "Give the MX a certificate with its own name, as its MX record has it, among the subject alternative names",
    ),
    ResultType(
        "certificate-expired",
        "The certificate of the MX has expired",
        "Renew it, reload the mail server, and find out why that did not happen by itself",
    ),
    ResultType(
        "certificate-not-trusted",
        "The sender does not trust the certificate of the MX",
        "Serve a certificate of a public CA together with its intermediates: openssl s_client -starttls smtp -connect "
        "mx:25 -showcerts has them all",
    ),
    ResultType(
        "validation-failure",
        "Something else went wrong in the handshake",
        "Read the reason that the sender gives; then the log of the MX at that time",
    ),
    ResultType(
        "tlsa-invalid",
        "No TLSA record of the MX is one that the sender can use, or none matches its certificate",
        "Publish the TLSA record of the certificate in use, best of its key (3 1 1), before the certificate changes",
    ),
    ResultType(
        "dnssec-invalid",
        "The sender's resolver could not validate the answers of the zone",
        "Check the chain of DS, DNSKEY and signatures of the zone, and that no signature has expired",
    ),
    ResultType(
        "dane-required",
        "The sender insists on DANE for this domain, and the MX has no TLSA records that DNSSEC secures",
        "Publish them, or agree with the sender on MTA-STS",
    ),
    ResultType(
        "sts-policy-fetch-error",
        "The sender could not fetch the policy",
        "Audit the domain: the policy host has to answer on every address, and in time",
    ),
    ResultType(
        "sts-policy-invalid",
        "The sender fetched the policy and could not read it",
        "Audit the domain, and compare the policy it sees with the one that was seen by the sender",
    ),
    ResultType(
        "sts-webpki-invalid",
        "The sender could not verify the certificate of the policy host",
        "Audit the domain: the certificate has to name mta-sts.<domain>, be valid, and come with its intermediates",
    ),
)
BY_NAME = {result.name: result for result in RESULT_TYPES}
# Section 4.3 expects the list to grow.
UNKNOWN = ResultType(
    "", "A type of failure that RFC 8460 does not list", "Read the reason that the sender gives, or ask it"
)
# What fails before any session with an MX, so that an MX need not be named.
OF_THE_POLICY = frozenset({"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"})


def result_type(name: str) -> ResultType:
    """Return the type of that name, or what can be said about any other."""
    return BY_NAME.get(name, UNKNOWN)
