# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""imap_words: folders of any name are written so that they can be read, and what a server says is read or nothing."""

from __future__ import annotations

import base64
import re

import atheris
from harness import check_time, fuzz, literals, load

bounds = load("_core.bounds")
imap_words = load("_core.tls_reports.imap_words")
MANY = 1000
SHIFTED = re.compile(r"&([^-]*)-")


def unshifted(found: re.Match[str]) -> str:
    """Return what stands shifted in modified UTF-7, or the & itself."""
    letters = found[1].replace(",", "/")
    return base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-16-be") if letters else "&"


def write_folder(name: str) -> None:
    """Write the name of a folder: one quoted string, from which it can be read again."""
    written = imap_words.folder(name)
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', written), written
    assert written.isascii(), written
    assert written.isprintable(), written
    assert SHIFTED.sub(unshifted, re.sub(r"\\(.)", r"\1", written[1:-1])) == name


def read_set(text: str) -> None:
    """Read a set of UIDs, as a file has kept it."""
    try:
        uids = imap_words.read_uid_set(text)
    except ValueError:
        return
    assert len(uids) <= bounds.IMAP_UNMOVED
    once = sorted(set(uids[:MANY]))
    assert imap_words.read_uid_set(imap_words.uid_set(once)) == once


def try_one(data: bytes) -> None:
    """Read bytes as a server's words, and as text of ours."""
    assert set(imap_words.numbers(data)) <= {"UID", "RFC822.SIZE"}
    check_time(data, imap_words.numbers)
    text = data.decode("utf-8", "replace")
    write_folder(text)
    check_time(data, lambda large: write_folder(large.decode("utf-8", "replace")))
    read_set(text)
    provider = atheris.FuzzedDataProvider(data)
    sizes = list(enumerate(provider.ConsumeIntListInRange(40, 0, 99), start=1))
    most, room = provider.ConsumeIntInRange(1, 9), provider.ConsumeIntInRange(1, 99)
    chunks = list(imap_words.chunks(sizes, most, room))
    assert [pair for chunk in chunks for pair in chunk] == sizes
    assert all(len(chunk) <= most for chunk in chunks)
    assert all(len(chunk) == 1 or sum(size for _uid, size in chunk) <= room for chunk in chunks)


if __name__ == "__main__":
    fuzz(try_one, literals("_core/tls_reports/test_imap_words.py"))
