# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose signature on the mail of a report counts: that of the reporting domain (RFC 8460, section 3).

That is whom the mail says it is from, and, where it names one, the submitter. Private to this collection.
"""

from __future__ import annotations

import re

# One address alone; with several nobody knows whose mail it is.
_AUTHOR = re.compile(r"[^@<>,]*<?[^@<>,\s]+@([A-Za-z0-9.-]+)>?\s*(?:\([^()@]*\)\s*)?\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
# More digits may be taken for never (RFC 6376, section 3.5).
_EXPIRY = re.compile("[0-9]{1,12}")
# As much as a line of a mail may have; what is longer would be read for ever.
_LONGEST = 998


def author_domain(text: str) -> str:
    """Return the domain of the one address in a From field, "" if there is none, or more than one."""
    found = _AUTHOR.match(" ".join(_QUOTED.sub("", text).split())) if len(text) <= _LONGEST else None
    return found[1].lower().rstrip(".") if found else ""


def tags(signature: str) -> dict[str, str]:
    """Return the tags of a DKIM signature (RFC 6376, section 3.2), each as first written."""
    found: dict[str, str] = {}
    for part in signature.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip(), value.strip())
    return found


def is_aligned(signer: str, author: str, submitter: str) -> bool:
    """Whether a signing domain is that of the author or above it, and related to the submitter if one is named."""
    signer = signer.lower().rstrip(".")
    if not _is_within(author, signer):
        return False
    return not submitter or _is_within(submitter, signer) or _is_within(signer, submitter)


def has_expired(expiry: str, now: int) -> bool:
    """Whether a signature was only good until then: it may have been when the mail came."""
    return _EXPIRY.fullmatch(expiry) is not None and int(expiry) < now


def _is_within(domain: str, other: str) -> bool:
    return bool(domain and other) and f".{domain}".endswith(f".{other}")
