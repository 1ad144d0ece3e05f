# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a file is: a report as it is, or a mail. Its name may tell; the endpoint's names are numbers and tell nothing.

Private to this collection.
"""

from __future__ import annotations

from .unpack import GZIP

_REPORTS = (".json", ".gz")
_MAILS = (".eml",)
# Byte order marks of UTF-8 and UTF-16
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 1000


def is_mail(name: str, data: bytes) -> bool:
    """Whether a file is to be read as a mail, and not as a report."""
    name = name.lower()
    if name.endswith(_REPORTS) or name.endswith(_MAILS):
        return name.endswith(_MAILS)
    beginning = data[:_LOOKED_AT].lstrip()
    return not beginning.startswith((GZIP, b"{", *_MARKS))
