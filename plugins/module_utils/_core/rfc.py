# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sections that messages name as their source, each by what it rules.

Private to this collection.
"""

from __future__ import annotations

DANE = "RFC 8461, section 2"
STS_RECORD = "RFC 8461, section 3.1"
POLICY = "RFC 8461, section 3.2"
FETCHING = "RFC 8461, section 3.3"
SENDING = "RFC 8461, section 4"
MATCHING = "RFC 8461, section 4.1"
MX_CERTIFICATE = "RFC 8461, section 4.2"
APPLYING = "RFC 8461, section 5"
SNI = "RFC 8461, section 7.1"
TLS_VERSIONS = "RFC 8461, section 7.2"
UPDATING = "RFC 8461, section 8.1"
DELEGATION = "RFC 8461, section 8.2"
REMOVING = "RFC 8461, section 8.3"
DURATION = "RFC 8461, section 10.2"
TAKEOVER = "RFC 8461, section 10.3"
WEAKENING = "RFC 8461, section 10.4"

TLS_RPT_RECORD = "RFC 8460, section 3"
TLS_RPT_FAILURES = "RFC 8460, section 4.2"
TLS_RPT_RESULTS = "RFC 8460, section 4.3"
TLS_RPT_SCHEMA = "RFC 8460, section 4.4"
TLS_RPT_COMPRESSION = "RFC 8460, section 5.2"
TLS_RPT_MAIL = "RFC 8460, section 5.3"
TLS_RPT_HTTPS = "RFC 8460, section 5.4"

DNS_WILDCARDS = "RFC 4592, section 2.2.2"
MX_LOOKUP = "RFC 5321, section 5.1"
NULL_MX = "RFC 7505, section 3"
DANE_USAGES = "RFC 7672, section 3.1"
HTTP_LENGTH = "RFC 9112, section 6.3"
HTTP_CHUNKS = "RFC 9112, section 7.1"
IMAP_TLS = "RFC 8314, section 3"
