# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records at names where nobody looks for them.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..finding import bounded
from .answer import Answer
from .lookalike import STS, TLS_RPT
from .rrsets import texts

# Where records are put by mistake, seen in the field; {0} is the domain.
# The doubled one comes of a name that lacks its last dot in the zone file.
_NAMES = {
    STS: ("{0}", "_mta_sts.{0}", "mta-sts.{0}", "_mta-sts.mta-sts.{0}", "_mtasts.{0}", "_mta-sts.{0}.{0}"),
    TLS_RPT: (
        "_smtp-tlsrpt.{0}", "_tls._smtp.{0}", "_smtp._tcp.{0}", "_smtp-tls.{0}", "_smtp_tls.{0}", "{0}",
        "_smtp._tls.{0}.{0}",
    ),
}  # fmt: skip


def stray_names(domain: str, version: str) -> list[str]:
    """Return the names at which records of that version are found by mistake."""
    return [name.format(domain) for name in _NAMES[version]]


def stray_records(answers: Iterable[Answer], version: str) -> dict[str, str]:
    """Return the texts that are records of that version, by the name they stand at.

    Texts of all kinds stand at these names, a domain's own above all. So a text counts that says the version, with
    whatever spaces and case; lookalike takes more than that for a record, and is for the right name.
    """
    return {
        answer.name: bounded(text)
        for answer in answers
        for text in texts(answer.records)
        if text.lower().replace(" ", "").startswith(version.lower())
    }


def doubled(name: str, domain: str) -> str:
    """Return where a record stands whose name lacks its last dot in the zone file."""
    return f"{name}.{domain}"
