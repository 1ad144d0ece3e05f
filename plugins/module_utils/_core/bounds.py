# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one domain may cost, whatever it publishes and whoever answers for it: each bound by its name, with its reason.

What lies beyond a bound is left out and told as such; nothing is judged by it. Private to this collection.
"""

from __future__ import annotations

# The largest providers have four A and four AAAA records at a host; each costs a connection or several.
ADDRESSES_PER_HOST = 16
# Senders give up earlier: Postfix tries 5 addresses of a delivery (smtp_mx_address_limit), internet.nl looks at 10 MX.
MX_HOSTS_PER_DOMAIN = 20
# As many as the root has, which is as many as fit into an answer of 512 bytes.
NAME_SERVERS_PER_ZONE = 13
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
