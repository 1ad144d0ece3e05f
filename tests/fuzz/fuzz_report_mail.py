# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Around a report: header fields, transfer encodings, file names, times, signers of any bytes are read, or nothing."""

from __future__ import annotations

import base64
import binascii

import atheris
from harness import check_time, fuzz, literals, load

hints = load("_core.tls_reports.hints")
kind = load("_core.tls_reports.kind")
mail_header = load("_core.tls_reports.mail_header")
moment = load("_core.tls_reports.moment")
names = load("_core.names")
signers = load("_core.tls_reports.signers")
transfer_encoding = load("_core.tls_reports.transfer_encoding")

FOLDER = "_core/tls_reports"
TESTS = ("mail_header", "transfer_encoding", "hints", "moment", "signers", "kind")
ENCODINGS = ("base64", "quoted-printable", "8bit", "x-uuencode")


def check_hints(said: hints.Hints) -> None:
    """What surrounds a report names domains that there may be, and times of the calendar."""
    assert all(not name or names.check_domain(name) == name for name in (said.domain, said.submitter))
    assert said.start is None or moment.is_day(moment.utc_day(said.start))


def read_header(data: bytes) -> None:
    """Read bytes as the header of a mail."""
    header = mail_header.Header(memoryview(data))
    for name in ("Subject", "TLS-Report-Domain"):
        assert "\n" not in header.words(name)
    assert len(header.file_name.split()) < 2
    assert isinstance(header.boundary, bytes)
    assert "/" in header.media_type
    check_hints(hints.of_header(header.words))
    check_hints(hints.of_file_name(header.file_name))
    decode(data, header.transfer_encoding)


def decode(data: bytes, encoding: str) -> None:
    """Undo a transfer encoding, which makes nothing longer."""
    assert len(transfer_encoding.decode(memoryview(data), encoding)) <= len(data)


def read_text(text: str) -> None:
    """Read a text as what stands in a report, in a file's name or in a signature."""
    start = moment.epoch_seconds(text)
    assert start is None or moment.is_day(moment.utc_day(start))
    check_hints(hints.of_file_name(text))
    author = signers.author_domain(text)
    found = signers.tags(text)
    signers.is_aligned(found.get("d", text), author, text)
    signers.has_expired(found.get("x", text), moment.LATEST)


def try_one(data: bytes) -> None:
    """Read bytes in every way; what was encoded is decoded, wherever its lines end."""
    text = data.decode("utf-8", "replace")
    read_header(data)
    check_time(data, read_header)
    read_text(text)
    check_time(data, lambda large: read_text(large.decode("utf-8", "replace")))
    kind.is_mail(text, data)
    for encoding in ENCODINGS:
        decode(data, encoding)
        check_time(data, lambda large, encoding=encoding: decode(large, encoding))
    provider = atheris.FuzzedDataProvider(data)
    width, end = provider.ConsumeIntInRange(1, 80), provider.PickValueInList([b"\n", b"\r\n", b" \r\n", b"\t"])
    encoded = base64.b64encode(data)
    if provider.ConsumeBool():
        encoded = encoded.rstrip(b"=")
    lines = end.join(encoded[place : place + width] for place in range(0, len(encoded), width))
    assert transfer_encoding.decode(memoryview(lines), " Base64 ") == data
    assert transfer_encoding.decode(memoryview(binascii.b2a_qp(data, istext=False)), "Quoted-Printable") == data


if __name__ == "__main__":
    cases = [case for test in TESTS for case in literals(f"{FOLDER}/test_{test}.py")]
    fuzz(try_one, [case for case in cases if len(case) < 4096])
