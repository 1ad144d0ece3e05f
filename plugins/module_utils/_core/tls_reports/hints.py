# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What surrounds a report and names its domain and its day: header fields, subject, file name (RFC 8460, 5.1 and 5.3).

What the report itself says counts before any of them (section 5.6). Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ..names import InvalidName, check_domain
from .moment import LATEST

_SUBJECT = re.compile(r"Report\s+Domain:\s*(\S{1,300})\s+Submitter:\s*(\S{1,300})", re.IGNORECASE)
# submitter!domain!start!end[!id].json[.gz], and what a browser adds to the name of a second copy
_FILE_NAME = re.compile(r"([^!]{1,253})!([^!]{1,253})!([0-9]{1,12})!([0-9]{1,12})(?![0-9])")
_LONGEST = 2000


@dataclass(frozen=True)
class Hints:
    """The domain reported on, the domain that reports, the start of the range in epoch seconds; "", None: unknown."""

    domain: str = ""
    submitter: str = ""
    start: int | None = None

    def or_else(self, other: Hints) -> Hints:
        """Return these, and the other's where these know nothing."""
        return Hints(
            self.domain or other.domain,
            self.submitter or other.submitter,
            other.start if self.start is None else self.start,
        )


def of_header(field: Callable[[str], str]) -> Hints:
    """Return what a mail's header says; ``field`` gives the text of a field, "" if there is none."""
    own = Hints(name(field("TLS-Report-Domain")), name(field("TLS-Report-Submitter")))
    subject = _SUBJECT.search(field("Subject"))
    return own.or_else(Hints(name(subject[1]), name(subject[2]))) if subject else own


def of_file_name(path: str) -> Hints:
    """Return what a name says that was made as section 5.1 recommends: submitter!domain!start!end!id.json.gz"""
    parts = _FILE_NAME.match(path[-_LONGEST:].rpartition("/")[2])
    if not parts:
        return Hints()
    start = int(parts[3])
    return Hints(name(parts[2]), name(parts[1]), start if start <= LATEST else None)


@lru_cache(maxsize=1000)
def name(text: str) -> str:
    """Return the name of a domain or host as A-labels, "" for what is none."""
    try:
        return check_domain(text.strip().rstrip("."))
    except InvalidName:
        return ""
