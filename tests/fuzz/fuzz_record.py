# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""record.read_sts and record.read_tls_rpt: what is valid, forgiving senders read alike; rendered, it is read again."""

from __future__ import annotations

from harness import check_findings, check_time, fuzz, literals, load

record = load("_core.dns.record")
BETWEEN_RECORDS, BETWEEN_STRINGS = b"\x1e", b"\x1f"


def rrset(data: bytes) -> list[list[bytes]]:
    """Make TXT records of bytes, each of character-strings."""
    return [text.split(BETWEEN_STRINGS) for text in data.split(BETWEEN_RECORDS)]


def try_one(data: bytes) -> None:
    """Read TXT records as both kinds."""
    for read in (record.read_sts, record.read_tls_rpt):
        reading = read(rrset(data), "example.com")
        check_findings(reading.findings)
        check_time(data, lambda large, read=read: read(rrset(large), "example.com"))
        if reading.record is None:
            continue
        assert reading.lenient == reading.record
        bare = (
            record.render_sts(reading.record.id)
            if read is record.read_sts
            else record.render_tls_rpt(reading.record.rua)
        )
        again = read([record.character_strings(bare)], "example.com")
        assert again.findings == ()
        assert vars(again.record) == {**vars(reading.record), "extensions": ()}


if __name__ == "__main__":
    cases = literals("_core/dns/test_record.py")
    fuzz(try_one, [*cases, BETWEEN_RECORDS.join(cases[:3]), BETWEEN_STRINGS.join(cases[:3])])
