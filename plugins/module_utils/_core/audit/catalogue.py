# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of the audit: each with a stable name, its station, severity and source, and what it needs to see.

A check's name never changes its meaning; alerts and dashboards rest on it. Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

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
    TLS_RPT_RESULTS,
    TLS_VERSIONS,
    UPDATING,
    WEAKENING,
)

# A mail's way to a domain, in order; `reports` stands beside it.
STATIONS = ("dns", "host", "tls", "policy", "mx", "reports")

AUDIT = "docs/audit.md, What it does not look at"


class Need(Enum):
    """What must have come to light about a domain before a check of it means anything; judge.py says when it has."""

    RECORD = "a TXT record at _mta-sts"
    RECORD_SERVERS = "what each authoritative server has at _mta-sts"
    TLS_RPT_RECORD = "a TXT record at _smtp._tls"
    TLS_RPT_SERVERS = "what each authoritative server has at _smtp._tls"
    EXPECTED = "what the inventory calls for"
    PAST = "what earlier audits saw"
    CONCERN = "a record, a policy, or an entry in the inventory: without any, a host of that name is something else"
    HOST_ANSWER = "an answer from DNS for the policy host"
    HOST_ADDRESS = "an address of the policy host"
    CONNECTION = "a connection to the policy host"
    TLS_PROBE = "how the policy host's addresses treat unknown names and old versions of TLS"
    HTTP_ANSWER = "an HTTP answer"
    BODY = "something served that may be a policy"
    POLICY = "a policy that can be read"
    MX = "an MX, and a policy that is not of mode none"
    MX_ADDRESS = "an address of an MX"
    MX_PUBLIC = "an address of an MX that the Internet reaches"
    TLSA = "TLSA records that are signed and validated"
    TLSA_COMPARED = "TLSA records that can be compared with a certificate"
    REPORTED = "what senders have reported lately"
    REPORTED_LONG = "all that senders have reported in 30 days"


@dataclass(frozen=True)
class Check:
    """One thing the audit looks at.

    ``severity`` is the worst a finding of it can have: error (a compliant sender is affected), warning or info.
    ``needs`` is what must be there to look at. ``title`` says what holds when the check passes, ``fault`` what is wrong
    when it does not.
    """

    name: str
    station: str
    severity: str
    section: str
    needs: tuple[Need, ...]
    title: str
    fault: str

    def as_dict(self) -> dict[str, str]:
        """Plain data, as the module returns it; what a check needs is of no use without the evidence."""
        return {key: value for key, value in vars(self).items() if key != "needs"}


def _checks(station: str, *rows: tuple[str, str, str, tuple[Need, ...], str, str]) -> tuple[Check, ...]:
    return tuple(Check(row[0], station, *row[1:]) for row in rows)


# What checks often need together
_ALWAYS: tuple[Need, ...] = ()
_RECORD = (Need.RECORD,)
_RECORD_SERVERS = (Need.RECORD_SERVERS,)
_PAST = (Need.PAST,)
_HOST = (Need.CONCERN, Need.HOST_ANSWER)
_ADDRESS = (*_HOST, Need.HOST_ADDRESS)
_TLS = (Need.CONCERN, Need.CONNECTION)
_PROBE = (*_TLS, Need.TLS_PROBE)
_HTTP = (Need.CONCERN, Need.HTTP_ANSWER)
_BODY = (Need.CONCERN, Need.BODY)
_MX = (Need.MX,)
_PATTERNS = (Need.MX, Need.POLICY)
_SMTP = (Need.MX, Need.MX_PUBLIC)
_TLSA = (Need.MX, Need.TLSA)
_TLS_RPT = (Need.TLS_RPT_RECORD,)


CHECKS = (
    *_checks(
        "dns",
        ("audit_failed", "error", AUDIT, _ALWAYS,
         "The audit of the domain comes to its end", "The audit of the domain failed"),
        ("record_lookup", "error", STS_RECORD, _ALWAYS,
         "The name servers answer for _mta-sts", "The name servers do not answer for _mta-sts"),
        ("record_missing", "error", STS_RECORD, _ALWAYS,
         "There is a record at _mta-sts", "There is no record at _mta-sts"),
        ("record_misplaced", "error", STS_RECORD, _ALWAYS,
         "The record stands at _mta-sts, not at another name", "The record stands at a wrong name"),
        ("record_wildcard", "error", STS_RECORD, _ALWAYS,
         "The answer for _mta-sts does not come from a wildcard", "A wildcard answers for _mta-sts"),
        ("record_multiple", "error", STS_RECORD, _RECORD,
         "Only one record begins with v=STSv1", "Several records begin with v=STSv1"),
        ("record_syntax", "error", STS_RECORD, _RECORD,
         "The record follows the grammar", "The record breaks the grammar"),
        ("record_id", "error", STS_RECORD, _RECORD,
         "The id is made of 1 to 32 letters and digits", "The id is not made of 1 to 32 letters and digits"),
        ("record_clutter", "warning", STS_RECORD, _RECORD,
         "Nothing else stands at _mta-sts", "Something else stands at _mta-sts, too"),
        ("record_servers_differ", "error", STS_RECORD, _RECORD_SERVERS,
         "All authoritative servers have the same record", "The authoritative servers have different records"),
        ("record_bounds", "warning", AUDIT, _ALWAYS,
         "All name servers are asked, in time", "Not all name servers were asked"),
        ("record_servers_private", "warning", STS_RECORD, _RECORD_SERVERS,
         "The Internet reaches every name server of the record's zone",
         "The Internet cannot reach a name server of the record's zone"),
        ("record_not_as_expected", "error", UPDATING, (Need.RECORD, Need.EXPECTED),
         "The record is the one that the inventory calls for",
         "The record is not the one that the inventory calls for"),
        ("record_stale_id", "error", UPDATING, _PAST,
         "A changed policy has a new id", "The policy has changed, but its id has not"),
        ("record_early_id", "warning", UPDATING, _PAST,
         "A new id stands for a changed policy", "The id has changed, but the policy has not"),
        ("delegation_half", "error", DELEGATION, _ALWAYS,
         "Policy host and record are both delegated, or neither", "Policy host and record are not both delegated"),
    ),
    *_checks(
        "host",
        ("host_lookup", "error", FETCHING, _HOST,
         "The name servers answer for the policy host", "The name servers do not answer for the policy host"),
        ("host_no_address", "error", FETCHING, _HOST,
         "The policy host has an address", "The policy host has no address"),
        ("host_dangling", "error", TAKEOVER, _HOST,
         "The policy host's CNAME points to a name that has an address",
         "The policy host's CNAME points to nothing"),
        ("host_private", "error", FETCHING, _ADDRESS,
         "The Internet reaches every address of the policy host",
         "The Internet cannot reach an address of the policy host"),
        ("host_unreachable", "error", FETCHING, _ADDRESS,
         "Every address of the policy host accepts connections",
         "An address of the policy host accepts no connections"),
        ("host_no_route", "info", FETCHING, _ADDRESS,
         "Every address of the policy host can be reached from here",
         "There is no route from here to an address of the policy host"),
        ("host_bounds", "warning", AUDIT, _HOST,
         "All addresses of the policy host are looked at, in time",
         "Not all addresses of the policy host were looked at"),
    ),
    *_checks(
        "tls",
        ("tls_name", "error", FETCHING, _TLS,
         "The certificate names the policy host", "The certificate does not name the policy host"),
        ("tls_expired", "error", FETCHING, _TLS,
         "The certificate is within its validity period", "The certificate has expired, or is not valid yet"),
        ("tls_expiring", "warning", FETCHING, _TLS,
         "The certificate stays valid for a while", "The certificate expires soon"),
        ("tls_self_signed", "error", FETCHING, _TLS,
         "The certificate is not self-signed", "The certificate is self-signed"),
        ("tls_chain", "error", FETCHING, _TLS,
         "The server sends the whole certificate chain", "The server does not send the whole certificate chain"),
        ("tls_untrusted", "error", FETCHING, _TLS,
         "The certificate comes from a trusted CA", "The certificate comes from a CA that is not trusted"),
        ("tls_refused", "error", SNI, _TLS,
         "The server has a certificate for the policy host", "The server has no certificate for the policy host"),
        ("tls_handshake", "error", FETCHING, _TLS,
         "The TLS handshake succeeds", "The TLS handshake fails"),
        ("tls_version", "error", TLS_VERSIONS, _TLS,
         "The server speaks TLS 1.2 or newer", "The server does not speak TLS 1.2 or newer"),
        ("tls_old_version", "warning", TLS_VERSIONS, _PROBE,
         "The server refuses TLS 1.0 and 1.1", "The server accepts TLS 1.0 or 1.1"),
        ("tls_unknown_name", "warning", SNI, _PROBE,
         "The server refuses names it has no certificate for", "The server accepts names it has no certificate for"),
    ),
    *_checks(
        "policy",
        ("http_protocol", "error", FETCHING, _HTTP,
         "The server speaks HTTP", "The server does not speak HTTP as it should"),
        ("http_timeout", "error", FETCHING, _HTTP,
         "The answer is complete within a minute", "The answer is not complete within a minute"),
        ("http_slow", "warning", FETCHING, _HTTP,
         "The answer comes without delay", "The answer comes late"),
        ("http_redirect", "error", FETCHING, _HTTP,
         "The policy is served without redirect", "A redirect is served in place of the policy"),
        ("http_user_agent", "error", FETCHING, _HTTP,
         "Clients other than browsers are served", "Only browsers are served"),
        ("http_status", "error", FETCHING, _HTTP,
         "The HTTP status is 200", "The HTTP status is not 200"),
        ("http_content_type", "error", POLICY, _HTTP,
         "The media type is text/plain", "The media type is not text/plain"),
        ("http_too_large", "error", FETCHING, _HTTP,
         "The policy has 64 KiB or less", "The policy is larger than 64 KiB"),
        ("http_unsteady", "error", UPDATING, _HTTP,
         "Each address serves the same policy every time", "An address does not serve the same policy every time"),
        ("http_addresses_differ", "error", UPDATING, _HTTP,
         "All addresses serve the same policy", "The addresses serve different policies"),
        ("policy_html", "error", POLICY, _BODY,
         "What is served is a policy, not a web page", "A web page is served in place of the policy"),
        ("policy_other", "error", POLICY, _BODY,
         "What is served is a policy, not another file", "Another file is served in place of the policy"),
        ("policy_syntax", "error", POLICY, _BODY,
         "The policy follows the grammar", "The policy breaks the grammar"),
        ("policy_max_age", "error", POLICY, _BODY,
         "max_age is a number of seconds up to one year", "max_age is not a number of seconds up to one year"),
        ("policy_max_age_short", "warning", DURATION, _BODY,
         "max_age is long enough to protect", "max_age is too short to protect"),
        ("policy_mx_missing", "error", POLICY, _BODY,
         "A policy of mode enforce or testing lists MX patterns", "The policy lists no MX patterns"),
        ("policy_style", "warning", POLICY, _BODY,
         "The policy is written as the strictest readers want it", "Strict readers may reject the policy"),
        ("policy_not_as_expected", "error", UPDATING, (*_BODY, Need.EXPECTED),
         "The policy is the one that the inventory calls for",
         "The policy is not the one that the inventory calls for"),
        ("policy_testing_long", "warning", APPLYING, (*_BODY, Need.PAST),
         "The policy is not left in mode testing", "The policy has been in mode testing for too long"),
        ("policy_removed_early", "error", REMOVING, (*_BODY, Need.PAST),
         "No policy is removed while senders may hold it", "The policy was removed while senders may hold it"),
    ),
    *_checks(
        "mx",
        ("mx_lookup", "error", SENDING, _MX,
         "The name servers answer for the MX records", "The name servers do not answer for the MX records"),
        ("mx_missing", "error", SENDING, _MX,
         "The domain has a mail server", "The domain has no mail server"),
        ("mx_null", "error", NULL_MX, _MX,
         "A null MX stands alone, and beside no policy but one of mode none",
         "A null MX stands beside another MX or a policy"),
        ("mx_no_address", "error", MX_LOOKUP, _MX,
         "Every MX has an address", "An MX has no address"),
        ("mx_private", "error", MX_LOOKUP, (Need.MX, Need.MX_ADDRESS),
         "The Internet reaches every address of every MX", "The Internet cannot reach an address of an MX"),
        ("mx_cname", "warning", MX_LOOKUP, _MX,
         "No MX is a CNAME", "An MX is a CNAME"),
        ("mx_uncovered", "error", MATCHING, _PATTERNS,
         "Every MX matches a pattern", "An MX matches no pattern of the policy"),
        ("mx_labels", "error", MATCHING, _PATTERNS,
         "Every pattern has as many labels as its MX", "A pattern has more or fewer labels than its MX"),
        ("mx_typo", "error", MATCHING, _PATTERNS,
         "No pattern misspells an MX", "A pattern misspells an MX"),
        ("mx_policy_host", "error", MATCHING, _PATTERNS,
         "The policy host is not listed as an MX", "The policy host is listed as an MX"),
        ("mx_unused", "warning", WEAKENING, _PATTERNS,
         "Every pattern matches an MX", "A pattern matches no MX"),
        ("smtp_unreachable", "error", SENDING, _SMTP,
         "Every address of every MX accepts connections", "An MX accepts no connections"),
        ("smtp_no_route", "info", SENDING, _SMTP,
         "Every MX can be reached from here", "There is no route from here to an MX"),
        ("smtp_turned_away", "info", SENDING, _SMTP,
         "No MX turns this machine away", "An MX turns this machine away"),
        ("smtp_protocol", "error", SENDING, _SMTP,
         "Every MX speaks SMTP", "An MX does not speak SMTP as it should"),
        ("smtp_starttls", "error", SENDING, _SMTP,
         "Every MX offers STARTTLS", "An MX does not offer STARTTLS"),
        ("smtp_version", "error", TLS_VERSIONS, _SMTP,
         "Every MX speaks TLS 1.2 or newer", "An MX does not speak TLS 1.2 or newer"),
        ("smtp_name", "error", MX_CERTIFICATE, _SMTP,
         "Every MX's certificate names the MX", "An MX's certificate does not name the MX"),
        ("smtp_expired", "error", MX_CERTIFICATE, _SMTP,
         "Every MX's certificate is within its validity period",
         "An MX's certificate has expired, or is not valid yet"),
        ("smtp_expiring", "warning", MX_CERTIFICATE, _SMTP,
         "Every MX's certificate stays valid for a while", "An MX's certificate expires soon"),
        ("smtp_self_signed", "error", MX_CERTIFICATE, _SMTP,
         "No MX's certificate is self-signed", "An MX's certificate is self-signed"),
        ("smtp_chain", "error", MX_CERTIFICATE, _SMTP,
         "Every MX sends the whole certificate chain", "An MX does not send the whole certificate chain"),
        ("smtp_untrusted", "error", MX_CERTIFICATE, _SMTP,
         "Every MX's certificate comes from a trusted CA", "An MX's certificate comes from a CA that is not trusted"),
        ("smtp_handshake", "error", MX_CERTIFICATE, _SMTP,
         "The TLS handshake with every MX succeeds", "The TLS handshake with an MX fails"),
        ("smtp_sni", "error", SNI, _SMTP,
         "No MX depends on SNI", "An MX depends on SNI"),
        ("mx_bounds", "warning", AUDIT, _MX,
         "All MX hosts are looked at, at all addresses, in time",
         "Not all MX hosts were looked at, or not at all addresses"),
        ("dane_present", "info", DANE, _MX,
         "No MX has TLSA records, which senders with DANE put first",
         "An MX has TLSA records, which senders with DANE put first"),
        ("dane_unusable", "warning", DANE_USAGES, _TLSA,
         "TLSA records are of a kind that SMTP knows", "TLSA records are of a kind that SMTP does not know"),
        ("dane_mismatch", "error", DANE, (*_TLSA, Need.TLSA_COMPARED),
         "TLSA records match the MX's certificate", "No TLSA record matches the MX's certificate"),
    ),
    *_checks(
        "reports",
        ("tlsrpt_lookup", "error", TLS_RPT_RECORD, _ALWAYS,
         "The name servers answer for _smtp._tls", "The name servers do not answer for _smtp._tls"),
        ("tlsrpt_missing", "warning", TLS_RPT_RECORD, _ALWAYS,
         "There is a record at _smtp._tls", "There is no record at _smtp._tls"),
        ("tlsrpt_misplaced", "error", TLS_RPT_RECORD, _ALWAYS,
         "The record stands at _smtp._tls, not at another name", "The record for TLS reports stands at a wrong name"),
        ("tlsrpt_multiple", "error", TLS_RPT_RECORD, _TLS_RPT,
         "Only one record begins with v=TLSRPTv1", "Several records begin with v=TLSRPTv1"),
        ("tlsrpt_syntax", "error", TLS_RPT_RECORD, _TLS_RPT,
         "The record follows the grammar", "The record for TLS reports breaks the grammar"),
        ("tlsrpt_rua", "error", TLS_RPT_RECORD, _TLS_RPT,
         "Every report URI can be used", "A report URI cannot be used"),
        ("tlsrpt_clutter", "warning", TLS_RPT_RECORD, _TLS_RPT,
         "Nothing else stands at _smtp._tls", "Something else stands at _smtp._tls, too"),
        ("tlsrpt_servers_differ", "error", TLS_RPT_RECORD, (Need.TLS_RPT_SERVERS,),
         "All authoritative servers have the same record",
         "The authoritative servers have different records for TLS reports"),
        ("tlsrpt_not_as_expected", "error", TLS_RPT_RECORD, (*_TLS_RPT, Need.EXPECTED),
         "The record is the one that the inventory calls for",
         "The record for TLS reports is not the one that the inventory calls for"),
        ("tlsrpt_mailbox", "error", TLS_RPT_RECORD, _TLS_RPT,
         "Report mailboxes are in domains that take mail", "A report mailbox is in a domain that takes no mail"),
        ("tlsrpt_endpoint", "error", TLS_RPT_HTTPS, _TLS_RPT,
         "Report endpoints can be reached over HTTPS, with a valid certificate",
         "A report endpoint cannot be reached over HTTPS, or not with a valid certificate"),
        ("tlsrpt_bounds", "warning", AUDIT, _ALWAYS,
         "All report URIs are looked at, in time", "Not all report URIs were looked at"),
        ("tlsrpt_silent", "info", TLS_RPT_RECORD, (*_TLS_RPT, Need.REPORTED_LONG),
         "A report has come in the last 30 days", "No report has come in 30 days"),
        ("tlsrpt_failures", "warning", TLS_RPT_RESULTS, (Need.REPORTED,),
         "Senders report no failures but those that the audit sees",
         "Senders report failures that the audit does not see"),
    ),
)  # fmt: skip

BY_NAME = {check.name: check for check in CHECKS}
NEEDING = {need: frozenset(check.name for check in CHECKS if need in check.needs) for need in Need}
