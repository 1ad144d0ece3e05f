# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An mbox of any bytes gives the same mails in one run as in two, between which it grew; no byte of it is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import atheris
from harness import check_time, fuzz, literals, load

mbox = load("_io.tls_reports.mbox")
source = load("_io.tls_reports.source")
BOX = Path(tempfile.mkdtemp(prefix="fuzz-mbox-")) / "mbox"
BEGINNING = b"From "


def read(data: bytes, marks: dict[str, str]) -> tuple[list[bytes], dict[str, str]]:
    """Return the mails that are new in an mbox, and how far it was read."""
    BOX.write_bytes(data)
    box = mbox.Mbox(str(BOX), marks)
    try:
        found = [item.data for item in box.items()]
    except source.Unreadable:
        assert data[: len(BEGINNING)] not in (b"", BEGINNING)
        assert box.marks == marks
        return [], marks
    assert int(box.marks.get("position", 0)) <= len(data)
    return found, box.marks


def try_one(data: bytes) -> None:
    """Read bytes as an mbox at once, again, and in two runs."""
    for box in (data, BEGINNING + data, BEGINNING + data + b"\n\n"):
        whole, marks = read(box, {})
        if box.endswith(b"\n\n") and box.startswith(BEGINNING):
            assert int(marks["position"]) == len(box)
        assert read(box, marks) == ([], marks)
        cut = atheris.FuzzedDataProvider(data).ConsumeIntInRange(0, len(box))
        first, marks = read(box[:cut], {})
        second, _marks = read(box, marks)
        if second != whole:  # which is to read it anew, where a mail was cut at a blank line
            assert first + second == whole, (first, second, whole)
    check_time(data, lambda large: read(BEGINNING + large, {}))


if __name__ == "__main__":
    fuzz(try_one, literals("_io/tls_reports/test_mbox.py"))
