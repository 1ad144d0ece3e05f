# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The list of mail domains, described once for every module that takes it. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The options domains and defaults."""

    DOCUMENTATION = r"""
options:
  domains:
    description:
      - The mail domains, a dictionary each. All keys but C(domain) may be left out.
      - "C(domain): the policy domain as in mail addresses; a U-label is stored as its A-label."
      - "C(mode): V(testing) (default), V(enforce) or V(none) (RFC 8461, section 5)."
      - "C(mx): a list of MX patterns, each a host name or C(*.) before one, which stands for exactly one left-most
        label (RFC 8461, section 4.1). Left out: the domain's live MX names; without an MX record its own name, if it
        has an address (RFC 5321, section 5.1)."
      - "C(max_age): seconds, or a number with V(s), V(m), V(h), V(d) or V(w); at most 31557600 (RFC 8461, section
        3.2). Default V(1d) in modes testing and none, V(4w) in mode enforce."
      - "C(tls_rpt): a list of C(mailto:) and C(https:) URIs for TLS reports (RFC 8460, section 3). C({domain})
        in them stands for the domain, as A-label. Left out: the record is left alone; an empty list: the record is
        removed."
      - "C(delegated_to): for a customer's domain, a name in a zone of yours. Its records are written there, and its
        owner points C(mta-sts), C(_mta-sts) and C(_smtp._tls) of the domain to the same labels there by CNAME (RFC
        8461, section 8.2). C({domain}) in it stands for the domain."
      - "C(state): V(present) (default) or V(absent)."
    type: list
    elements: raw
    required: true
  defaults:
    description: Defaults for all these keys but C(domain).
    type: dict
    default: {}
"""
