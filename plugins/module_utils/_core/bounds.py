# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one domain may cost, whatever it publishes and whoever answers for it: each bound by its name, with its reason.

What lies beyond a bound is left out and reported as such; nothing is judged by it. Private to this collection.
"""

from __future__ import annotations

# The largest providers have four A and four AAAA records at a host; each costs a connection or several.
ADDRESSES_PER_HOST = 16
# Senders give up earlier: Postfix tries 5 addresses of a delivery (smtp_mx_address_limit), internet.nl looks at 10 MX.
MX_HOSTS_PER_DOMAIN = 20
# As many as the root has, which is as many as fit into an answer of 512 bytes.
NAME_SERVERS_PER_ZONE = 13
# One or two are usual, of the owner and of a service; each costs a look-up or a connection.
REPORT_URIS_PER_RECORD = 10

# One or two are usual, and twice as many while a key changes; each is compared with all that each address shows.
TLSA_RECORDS_PER_MX = 20
# Public CAs have two or three behind the leaf.
CERTIFICATES_PER_CHAIN = 10

# Silent addresses are waited for together, and no server of somebody else gets a crowd at its door.
AT_ONCE_PER_DOMAIN = 4
# Whoever is silent in one place, and answers in all others, is waited for to the end: 2 tries of a minute at the
# policy host, 2 of half a minute at an MX, a minute at a report URI.
SECONDS_PER_DOMAIN = 300.0
# An MX is shared: it is looked at to its own end, and not to that of the domain that came first.
SECONDS_PER_MX = 120.0
# A proof fetches one small file from hosts that are the user's own.
SECONDS_PER_PROOF = 120.0

# More of a kind say no more, and fill terminals, pages and the controller's memory.
FINDINGS_PER_CHECK = 10
# A name has 253 characters, a report address or a line of a policy seldom more; what is longer is made to be.
CHARACTERS_PER_TEXT = 1000
# Of what is quoted in full: patterns of a policy, records of a name, addresses.
VALUES_SHOWN = 100
# Of 255 bytes each: as many as make up a text that is shown whole
STRINGS_SHOWN = 4
# An audit an hour of a domain that changes each time would fill a file of state; a policy is held for a year at most.
OBSERVATIONS_PER_DOMAIN = 50
# Comparing letter by letter is slow; whoever misspells an MX has few other patterns that match nothing.
PATTERNS_COMPARED = 10
# Of an answer of DNS, where dnspython is of a release that follows pointers without end: its time grows with the square
# of the size. That is enough for what names have that are meant well; newer releases are given whatever comes.
ANSWER_BYTES_FOR_OLD_READERS = 8192
# Of an HTTP answer, all that is not its body: status lines, header fields, sizes of chunks, trailers. Node.js takes
# 16 KiB of header fields; this is twice as much.
HTTP_LINES_BYTES = 32 * 1024
# As many as Python's own http.client takes.
HTTP_FIELDS = 100
# 100, 102, 103: a server that means well sends one or two before its answer; Go's client takes 5.
HTTP_INTERIM_ANSWERS = 5
# Of a header field's value that is shown to people or compared; a media type or the start of a URL is shorter.
HTTP_VALUE_CHARACTERS = 1000

# What is read of a host's files, into which others than root may have put anything. Lists and configuration of ten
# thousand domains take a few megabytes, and so do the largest files that others give nginx.
HOST_FILE_BYTES = 64 * 1024 * 1024
# Senders read 64 kB of a policy (RFC 8461, section 3.3); one that is to be replaced may be larger, but no archive.
POLICY_FILE_BYTES = 1024 * 1024
# A key and a chain take a few kilobytes. What dehydrated says, with all that a CA has answered, has the same bound: the
# service writes no file that is larger.
CERTIFICATE_FILE_BYTES = 1024 * 1024
# The store of certificates has four levels.
FOLDERS_IN_ONE_ANOTHER = 16

# Reports on TLS come from anybody (RFC 8460, section 3). Ten megabytes is a common limit of receivers (section 5.2); a
# mail has them in base64, with its header fields. The largest senders' reports unpack to a few hundred kilobytes.
REPORT_PACKED_BYTES = 10 * 1024 * 1024
REPORT_UNPACKED_BYTES = 20 * 1024 * 1024
REPORT_MAIL_BYTES = 15 * 1024 * 1024
# gzip may have several members behind one another; nobody's report has more than one.
REPORT_GZIP_MEMBERS = 100
# A report's own JSON is five deep.
REPORT_DEPTH = 32
# An outage of a day at a large sender names some hundred pairs of addresses.
REPORT_FAILURE_DETAILS = 100_000
# A report has one policy for each MX with TLSA records and one of the domain.
REPORT_POLICIES = 1000
# A policy has three lines and one for each MX pattern.
REPORT_POLICY_LINES = 100
# Of a sender's words, one by one: the longest MX pattern makes a line of 259, and is kept with all the others.
REPORT_CHARACTERS = 300
# multipart/report in a multipart/mixed of a mailing list, and a signature around both
MAIL_PARTS = 50
MAIL_DEPTH = 5
MAIL_HEADER_BYTES = 256 * 1024
# Twice as long as a line may be (RFC 5322, section 2.1.1) is a field that names a file; reading one takes time that
# grows with the square of it.
MAIL_FIELD_BYTES = 2000
# Where an encoder pads each line, ten megabytes have as many pieces.
MAIL_BASE64_PIECES = 250_000
# Each server of an organisation may send its own; whoever sends more is not to be added up, but to be asked.
REPORTS_PER_ROW = 1000
# Domains not in the list that are told apart; more are not counted as more.
REPORT_DOMAINS_COUNTED = 100_000
# Of what senders say about one domain, day and organisation: hosts that failed, policies that were seen, reasons.
REPORT_HOSTS_KEPT = 50
REPORT_POLICIES_KEPT = 5
REPORT_REASONS_KEPT = 5
# RFC 8460 lists eleven (section 4.3), and expects more.
REPORT_RESULT_TYPES_KEPT = 20
# Some twenty send reports at all; one that makes up names gets no further.
REPORT_ORGANIZATIONS_PER_DAY = 200

# A folder that anybody may fill; what is read of it in one run takes some tens of megabytes of memory, for its names.
REPORT_FILES_PER_FOLDER = 100_000
# Of a mailbox; the rest has its turn in the next run.
REPORT_MAILS_PER_RUN = 100_000
# Mails that were read and could not be moved, over several runs
IMAP_UNMOVED = 1_000_000
# Of a mail over IMAP, what is not the mail itself: all else that a server may say before it has answered
IMAP_ANSWER_BYTES = 2 * 1024 * 1024
# What one FETCH asks for: enough to be quick over long distances, and no more than memory is spared for
IMAP_FETCH_BYTES = 4 * 1024 * 1024
IMAP_FETCH_MAILS = 50
# Their sizes are asked for first, of so many at once.
IMAP_SIZES = 500
# Base64 has 76 characters a line; a mail of the largest size has 200,000 lines.
SIGNED_MAIL_LINES = 500_000
# Those of the reporting domain count, and that has one or two; each costs a look-up and some milliseconds.
SIGNATURES_PER_MAIL = 5
SIGNATURE_BYTES = 8 * 1024
# An RSA key of 8192 bits, with room
SIGNATURE_KEY_BYTES = 2048
# For all signatures of a run: a name server that is silent must not hold up the night.
SIGNATURE_SECONDS = 120.0
# Refused inputs that are named
REPORTS_REFUSED_SHOWN = 100
# 130 domains with two senders over 400 days; of larger fleets fewer days are kept.
REPORT_ROWS_KEPT = 100_000
REPORT_STATE_BYTES = 256 * 1024 * 1024
# A year, and what a nightly run may miss of the next
REPORT_DAYS_KEPT = 400
# Of what is shown of a domain: its senders and types of failure, with some of where and why. All are counted.
REPORT_SENDERS_SHOWN = 20
REPORT_TYPES_SHOWN = 12
REPORT_HOSTS_SHOWN = 5
REPORT_REASONS_SHOWN = 3
REPORT_NAMED = 3
# As wide as a table's column bears it; names of organisations, types and reasons are words of strangers.
REPORT_WORD_CHARACTERS = 80
# Of each domain's days, which the page shows as bars: with those of 2,000 domains it has about a megabyte more.
REPORT_DAYS_ON_PAGE = 92
