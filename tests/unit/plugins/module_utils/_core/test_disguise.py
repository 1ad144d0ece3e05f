# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is served in place of a policy is named once, whatever it is; a policy, good or bad, is never taken for it."""

from __future__ import annotations

import base64
import gzip
import json
import random
import time
import zlib

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.disguise import OTHER, PAGE, WRAPPED, disguise
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policy import SIZE_LIMIT, Policy, parse

GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 2419200\r\n"
TEXT = GOOD.decode()
LINES = TEXT.splitlines()
NOISE = random.Random(1).randbytes(200)
SCRIPT = b"<script>\n" + b"var a = {b: 1};\n" * 900 + b"</script>\n"

DISGUISES = [
    (b"<!DOCTYPE html>\n<html><body>Hello</body></html>", PAGE, "is a web page, which begins with '<!DOCTYPE html>"),
    (SCRIPT, PAGE, "is a web page, which begins with '<script>"),
    (b"<!-- generated -->\n<p>hello", PAGE, "is a web page, which begins with '<!-- generated -->"),
    (b"\r\n \t\n<HTML>\n", PAGE, "is a web page, which begins with '<HTML>'"),
    (b"\xef\xbb\xbf<html>", PAGE, "is a web page"),
    (b"<?xml version='1.0'?>", PAGE, "is a web page"),
    (b"<?php readfile('policy'); ?>", PAGE, 'is a web page, which begins with "<?php'),
    (b"<pre>" + GOOD + b"</pre>", PAGE, "is a web page, which begins with '<pre>version: STSv1"),
    (b"Warning\n<br />\n<b>Notice</b> in index.php", PAGE, "is a web page, which begins with 'Warning"),
    (GOOD.replace(b"\r\n", b"<br>\r\n"), WRAPPED, "is written in HTML, and begins with 'version: STSv1<br>"),
    (gzip.compress(GOOD), OTHER, "is compressed (gzip)"),
    *((zlib.compress(GOOD, level), OTHER, "is compressed (deflate)") for level in (1, 5, 6, 9)),
    (b"\x28\xb5\x2f\xfd\x20\x10", OTHER, "is compressed (zstd)"),
    (b"\x8b\x06\x80" + NOISE, OTHER, "is no text, perhaps compressed"),  # brotli has no sign of its own
    (b"\x89PNG\r\n\x1a\n" + NOISE, OTHER, "is no text, perhaps compressed"),
    (b"%PDF-1.7\n" + NOISE, OTHER, "is a PDF document"),
    (b"PK\x03\x04" + NOISE, OTHER, "is a ZIP archive, or a document of a word processor"),
    (b"{\\rtf1\\ansi version: STSv1\\par", OTHER, "is a document of a word processor (RTF)"),
    (TEXT.encode("utf-16"), WRAPPED, "is in UTF-16, and begins with 'version: STSv1"),
    (b"\xfe\xff" + TEXT.encode("utf-16-be"), WRAPPED, "is in UTF-16, and begins with 'version: STSv1"),
    (TEXT.encode("utf-16-le"), WRAPPED, "is in UTF-16, and begins with 'version: STSv1"),
    (TEXT.encode("utf-16-be"), WRAPPED, "is in UTF-16, and begins with 'version: STSv1"),
    (TEXT.encode("utf-32"), WRAPPED, "is in UTF-32, and begins with 'version: STSv1"),
    (b'{"version": "STSv1", "mode": "enforce"}', OTHER, 'is JSON, which begins with \'{"version"'),
    (b'[\n  {"error": "not found"}\n]', OTHER, "is JSON"),
    (b"v=STSv1; id=20260101;", OTHER, "is a TXT record, and begins with 'v=STSv1; id=20260101;'"),
    (b'"v=STSv1; id=20260101;"\n', OTHER, "is a TXT record"),
    (b'_mta-sts.example.com. 300 IN TXT "v=STSv1; id=1"', OTHER, "is a TXT record"),
    (b"V = stsv1; id=1", OTHER, "is a TXT record"),
    (b"v=TLSRPTv1; rua=mailto:a@example.com", OTHER, "is a TXT record"),
    (b"", OTHER, "is empty"),
    (b" \r\n\t\n", OTHER, "is empty"),
    (b"\x00\x00", OTHER, "is empty"),
    (b"404 page not found\n", OTHER, "has no field of a policy, and begins with '404 page not found'"),
    (b"OK", OTHER, "has no field of a policy, and begins with 'OK'"),
    (b"It works!\n", OTHER, "has no field of a policy"),
    (b"User-agent: *\nDisallow: /\n", OTHER, "has no field of a policy, and begins with 'User-agent: *"),
    (b"Contact: mailto:a@example.com\n" * 900, OTHER, "has no field of a policy"),
    (b"-----BEGIN CERTIFICATE-----\nMIIB\n", OTHER, "has no field of a policy"),
    (GOOD.replace(b"\r\n", b"\r"), WRAPPED, "has lines that end with CR alone"),
    (" ".join(LINES).encode(), WRAPPED, "has all of its fields on one line, 'version: STSv1 mode: enforce mx"),
    ("; ".join(LINES).encode() + b"\n", WRAPPED, "has all of its fields on one line"),
    (",".join(LINES).encode(), WRAPPED, "has all of its fields on one line"),
    ("\\n".join(LINES).encode() + b"\r\n", WRAPPED, "has line ends that are written as \\n"),
    ("\\r\\n".join(LINES).encode(), WRAPPED, "has line ends that are written as \\n"),
    (json.dumps(TEXT).encode(), WRAPPED, "has line ends that are written as \\n"),
    (base64.b64encode(GOOD), WRAPPED, "is encoded in base64"),
    (TEXT.replace(": ", "=").encode(), WRAPPED, "has = where a colon belongs"),
]


@pytest.mark.parametrize(("body", "kind", "is_"), DISGUISES, ids=[repr(body[:24]) for body, *_unused in DISGUISES])
def test_a_disguise_is_named_once_with_its_remedy(body, kind, is_):
    found = disguise(body)
    assert (found.kind, found.is_[: len(is_)]) == (kind, is_)
    (finding,) = parse(body, "example.com").findings
    assert (finding.severity, finding.field, finding.line) == ("error", "policy", None)
    assert finding.rule == f"the file {found.is_}"
    assert "text/plain" not in finding.remedy
    assert parse(body).policy is None


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (gzip.compress(GOOD), "Serve the file as it is: senders ask for no compression, and many undo none"),
        (TEXT.encode("utf-16"), "Save it as plain ASCII, one field a line, and serve that"),
        (b"v=STSv1; id=1", "Leave that in DNS, and serve the policy, which begins with version: STSv1"),
        (GOOD.replace(b"\r\n", b"\r"), "End them with CRLF"),
        (" ".join(LINES).encode(), "Write one field a line, and end lines with CRLF"),
        (SCRIPT, "Serve the policy itself at exactly /.well-known/mta-sts.txt"),
    ],
)
def test_the_remedy_follows_the_disguise(body, remedy):
    assert disguise(body).remedy == remedy


def test_forgiving_senders_read_what_ends_with_cr():
    policy = Policy("enforce", 2419200, ("mail.example.com", "*.example.net"))
    assert parse(GOOD.replace(b"\r\n", b"\r")).lenient == policy


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        GOOD.replace(b"\r\n", b"\n"),
        GOOD.replace(b"\r\n", b"\r\n\r\n"),
        b"\xef\xbb\xbf" + GOOD,
        b"# a comment\r\n" + GOOD,
        b"x-note: <html> {json} v=STSv1\r\n" + GOOD,
        b"note: caf\xe9\r\n" + GOOD,
        b"note: a\x00b\r\n" + GOOD,
        GOOD + "\u65e5\u672c: \u8a9e".encode() * 200,
        b"Version: STSv1\r\nMode: enforce",
        b"mode: enforce",
        b"\r\n" + GOOD,
    ],
    ids=repr,
)
def test_a_policy_is_no_disguise_however_bad_it_is(body):
    assert disguise(body) is None


@pytest.mark.parametrize("piece", [b"<", b"v", b" v=", b"mx: ", b"\\n", b"{[", b"\x00\x01", b"\xff", b"a", b"mx", b" "])
def test_the_largest_body_is_looked_at_in_linear_time(piece):
    def duration(size):
        start = time.process_time()
        disguise((piece * size)[:size])
        return time.process_time() - start

    assert duration(SIZE_LIMIT) < 16 * duration(SIZE_LIMIT // 8) + 0.3
