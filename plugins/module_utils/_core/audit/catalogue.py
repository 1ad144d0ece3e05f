# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of the audit: each with a stable name, the station it belongs to, its severity and its source.

A check's name never changes its meaning; alerts and dashboards rest on it. Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..rfc import (
    APPLYING,
    DANE,
    DANE_USAGES,
    DELEGATION,
    DURATION,
    FETCHING,
    MATCHING,
    MX_CERTIFICATE,
    MX_LOOKUP,
    NULL_MX,
    POLICY,
    REMOVING,
    SENDING,
    SNI,
    STS_RECORD,
    TAKEOVER,
    TLS_RPT_HTTPS,
    TLS_RPT_RECORD,
    TLS_VERSIONS,
    UPDATING,
    WEAKENING,
)

# A mail's way to a domain, in order; `reports` stands beside it.
STATIONS = ("dns", "host", "tls", "policy", "mx", "reports")

AUDIT = "docs/audit.md, What it does not look at"


@dataclass(frozen=True)
class Check:
    """One thing the audit looks at.

    ``severity`` is the worst a finding of it can have: error (a compliant sender is affected), warning or info.
    ``title`` says what holds when the check passes.
    """

    name: str
    station: str
    severity: str
    section: str
    title: str


def _checks(station: str, *rows: tuple[str, str, str, str]) -> tuple[Check, ...]:
    return tuple(Check(name, station, severity, section, title) for name, severity, section, title in rows)


CHECKS = (
    *_checks(
        "dns",
        ("audit_failed", "error", AUDIT, "The audit itself comes to an end"),
        ("record_lookup", "error", STS_RECORD, "The name servers answer for _mta-sts"),
        ("record_missing", "error", STS_RECORD, "There is a record at _mta-sts"),
        ("record_misplaced", "error", STS_RECORD, "The record stands at _mta-sts, not at another name"),
        ("record_wildcard", "error", STS_RECORD, "What answers at _mta-sts is no wildcard"),
        ("record_multiple", "error", STS_RECORD, "Only one record begins with v=STSv1"),
        ("record_syntax", "error", STS_RECORD, "The record follows the grammar"),
        ("record_id", "error", STS_RECORD, "The id is made of 1 to 32 letters and digits"),
        ("record_clutter", "warning", STS_RECORD, "Nothing else stands at _mta-sts"),
        ("record_servers_differ", "error", STS_RECORD, "All authoritative servers have the same record"),
        ("record_bounds", "warning", AUDIT, "All name servers are asked, in time"),
        ("record_servers_private", "warning", STS_RECORD, "The world reaches every name server of the record's zone"),
        ("record_not_as_meant", "error", UPDATING, "The record is as the inventory means it"),
        ("record_stale_id", "error", UPDATING, "A changed policy has a new id"),
        ("record_early_id", "warning", UPDATING, "A new id stands for a changed policy"),
        ("delegation_half", "error", DELEGATION, "Who delegates one half delegates the other too"),
    ),
    *_checks(
        "host",
        ("host_lookup", "error", FETCHING, "The name servers answer for the policy host"),
        ("host_no_address", "error", FETCHING, "The policy host has an address"),
        ("host_dangling", "error", TAKEOVER, "The policy host's CNAME leads to a name that exists"),
        ("host_private", "error", FETCHING, "The world reaches every address of the policy host"),
        ("host_unreachable", "error", FETCHING, "Every address of the policy host accepts connections"),
        ("host_no_route", "info", FETCHING, "Every address of the policy host can be reached from here"),
        ("host_bounds", "warning", AUDIT, "All addresses of the policy host are looked at, in time"),
    ),
    *_checks(
        "tls",
        ("tls_name", "error", FETCHING, "The certificate names the policy host"),
        ("tls_expired", "error", FETCHING, "The certificate is within its period of validity"),
        ("tls_expiring", "warning", FETCHING, "The certificate stays valid for a while"),
        ("tls_self_signed", "error", FETCHING, "The certificate is not self-signed"),
        ("tls_chain", "error", FETCHING, "The server sends the whole chain"),
        ("tls_untrusted", "error", FETCHING, "The certificate comes from a trusted CA"),
        ("tls_refused", "error", SNI, "The server has a certificate for the policy host"),
        ("tls_handshake", "error", FETCHING, "The TLS handshake succeeds"),
        ("tls_version", "error", TLS_VERSIONS, "The server speaks TLS 1.2 or newer"),
        ("tls_old_version", "warning", TLS_VERSIONS, "The server refuses TLS 1.0 and 1.1"),
        ("tls_unknown_name", "warning", SNI, "The server refuses names it has no certificate for"),
    ),
    *_checks(
        "policy",
        ("http_protocol", "error", FETCHING, "The server answers with HTTP"),
        ("http_timeout", "error", FETCHING, "The answer is complete within a minute"),
        ("http_slow", "warning", FETCHING, "The answer comes without delay"),
        ("http_redirect", "error", FETCHING, "The policy is served without redirect"),
        ("http_user_agent", "error", FETCHING, "Clients that are no browsers are served"),
        ("http_status", "error", FETCHING, "The HTTP status is 200"),
        ("http_content_type", "error", POLICY, "The media type is text/plain"),
        ("http_too_large", "error", FETCHING, "The policy has 64 KiB or less"),
        ("http_unsteady", "error", UPDATING, "One address serves the same policy each time"),
        ("http_addresses_differ", "error", UPDATING, "All addresses serve the same policy"),
        ("policy_html", "error", POLICY, "What is served is a policy, not a web page"),
        ("policy_other", "error", POLICY, "What is served is a policy, not another file"),
        ("policy_syntax", "error", POLICY, "The policy follows the grammar"),
        ("policy_max_age", "error", POLICY, "max_age is a number of seconds up to one year"),
        ("policy_max_age_short", "warning", DURATION, "max_age is long enough to protect"),
        ("policy_mx_missing", "error", POLICY, "A policy that is not none lists MX patterns"),
        ("policy_style", "warning", POLICY, "The policy is written as the strictest readers want it"),
        ("policy_not_as_meant", "error", UPDATING, "The policy is as the inventory means it"),
        ("policy_testing_long", "warning", APPLYING, "The policy is not left in testing"),
        ("policy_removed_early", "error", REMOVING, "No sender can still hold a policy that is served no more"),
    ),
    *_checks(
        "mx",
        ("mx_lookup", "error", SENDING, "The name servers answer for the MX records"),
        ("mx_missing", "error", SENDING, "The domain has a mail server"),
        ("mx_null", "error", NULL_MX, "A domain with a null MX has no policy but none"),
        ("mx_no_address", "error", MX_LOOKUP, "Every MX has an address"),
        ("mx_private", "error", MX_LOOKUP, "The world reaches every address of every MX"),
        ("mx_cname", "warning", MX_LOOKUP, "No MX is a CNAME"),
        ("mx_uncovered", "error", MATCHING, "Every MX matches a pattern"),
        ("mx_labels", "error", MATCHING, "Wildcards cover the labels they are meant to"),
        ("mx_typo", "error", MATCHING, "No pattern is a misspelt MX"),
        ("mx_policy_host", "error", MATCHING, "The policy host is not listed as MX"),
        ("mx_unused", "warning", WEAKENING, "Every pattern matches an MX"),
        ("smtp_unreachable", "error", SENDING, "Every address of every MX accepts connections"),
        ("smtp_no_route", "info", SENDING, "Every MX can be reached from here"),
        ("smtp_turned_away", "info", SENDING, "No MX turns this machine away"),
        ("smtp_protocol", "error", SENDING, "Every MX speaks SMTP"),
        ("smtp_starttls", "error", SENDING, "Every MX offers STARTTLS"),
        ("smtp_version", "error", TLS_VERSIONS, "Every MX speaks TLS 1.2 or newer"),
        ("smtp_name", "error", MX_CERTIFICATE, "Every MX's certificate carries the MX's name"),
        ("smtp_expired", "error", MX_CERTIFICATE, "Every MX's certificate is within its period of validity"),
        ("smtp_expiring", "warning", MX_CERTIFICATE, "Every MX's certificate stays valid for a while"),
        ("smtp_self_signed", "error", MX_CERTIFICATE, "No MX's certificate is self-signed"),
        ("smtp_chain", "error", MX_CERTIFICATE, "Every MX sends the whole chain"),
        ("smtp_untrusted", "error", MX_CERTIFICATE, "Every MX's certificate comes from a trusted CA"),
        ("smtp_handshake", "error", MX_CERTIFICATE, "The TLS handshake with every MX succeeds"),
        ("smtp_sni", "error", SNI, "No MX demands SNI"),
        ("mx_bounds", "warning", AUDIT, "All MX hosts are looked at, at all addresses, in time"),
        ("dane_present", "info", DANE, "No MX has TLSA records, which senders with DANE would put first"),
        ("dane_unusable", "warning", DANE_USAGES, "TLSA records are of a kind that SMTP knows"),
        ("dane_mismatch", "error", DANE, "TLSA records match the MX's certificate"),
    ),
    *_checks(
        "reports",
        ("tlsrpt_lookup", "error", TLS_RPT_RECORD, "The name servers answer for _smtp._tls"),
        ("tlsrpt_missing", "warning", TLS_RPT_RECORD, "There is a record at _smtp._tls"),
        ("tlsrpt_misplaced", "error", TLS_RPT_RECORD, "The record stands at _smtp._tls, not at another name"),
        ("tlsrpt_multiple", "error", TLS_RPT_RECORD, "Only one record begins with v=TLSRPTv1"),
        ("tlsrpt_syntax", "error", TLS_RPT_RECORD, "The record follows the grammar"),
        ("tlsrpt_rua", "error", TLS_RPT_RECORD, "Every report URI can be used"),
        ("tlsrpt_clutter", "warning", TLS_RPT_RECORD, "Nothing else stands at _smtp._tls"),
        ("tlsrpt_servers_differ", "error", TLS_RPT_RECORD, "All authoritative servers have the same record"),
        ("tlsrpt_not_as_meant", "error", TLS_RPT_RECORD, "The record is as the inventory means it"),
        ("tlsrpt_mailbox", "error", TLS_RPT_RECORD, "Report mailboxes are in domains that take mail"),
        ("tlsrpt_endpoint", "error", TLS_RPT_HTTPS, "Report endpoints shake hands, with a certificate for their names"),
        ("tlsrpt_bounds", "warning", AUDIT, "All report URIs are looked at, in time"),
    ),
)  # fmt: skip

BY_NAME = {check.name: check for check in CHECKS}
