# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is served in place of a policy is named once, whatever it is; a policy, good or bad, is never taken for it."""

from __future__ import annotations

import base64
import gzip
import json
import time
import zlib

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.disguise import (
    OTHER,
    PAGE,
    WRAPPED,
    Disguise,
    disguise,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import SIZE_LIMIT, Policy, parse

GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 2419200\r\n"
TEXT = GOOD.decode()
LINES = TEXT.splitlines()
NOISE = bytes(range(256))
SCRIPT = b"<script>\n" + b"var a = {b: 1};\n" * 900 + b"</script>\n"

SERVE = "Serve the policy itself at exactly /.well-known/mta-sts.txt"
PLAIN = "Save it as plain ASCII, one field per line, and serve that"
UNCOMPRESSED = "Serve the file as it is: senders do not ask for compression, and many cannot undo it"

RECORD = "Leave that in DNS, and serve the policy, which begins with version: STSv1"

DISGUISES = [
    (
        b"<!DOCTYPE html>\n<html><body>Hello</body></html>",
        PAGE,
        "is a web page, which begins with '<!DOCTYPE html>\\n<html><body>Hello</body>'",
        SERVE,
    ),
    (SCRIPT, PAGE, "is a web page, which begins with '<script>\\nvar a = {b: 1};\\nvar a = {b: 1};'", SERVE),
    (b"<!-- generated -->\n<p>hello", PAGE, "is a web page, which begins with '<!-- generated -->\\n<p>hello'", SERVE),
    (b"\r\n \t\n<HTML>\n", PAGE, "is a web page, which begins with '<HTML>'", SERVE),
    (b"\xef\xbb\xbf<html>", PAGE, "is a web page, which begins with '<html>'", SERVE),
    (b"<?xml version='1.0'?>", PAGE, "is a web page, which begins with \"<?xml version='1.0'?>\"", SERVE),
    (b"<?php readfile('policy'); ?>", PAGE, "is a web page, which begins with \"<?php readfile('policy'); ?>\"", SERVE),
    (
        b"<pre>" + GOOD + b"</pre>",
        PAGE,
        "is a web page, which begins with '<pre>version: STSv1\\r\\nmode: enforce\\r\\nmx:'",
        SERVE,
    ),
    (
        b"Warning\n<br />\n<b>Notice</b> in index.php",
        PAGE,
        "is a web page, which begins with 'Warning\\n<br />\\n<b>Notice</b> in index.ph'",
        SERVE,
    ),
    (
        GOOD.replace(b"\r\n", b"<br>\r\n"),
        WRAPPED,
        "is written in HTML, and begins with 'version: STSv1<br>\\r\\nmode: enforce<br>\\r\\nm'",
        PLAIN,
    ),
    (gzip.compress(GOOD), OTHER, "is compressed (gzip)", UNCOMPRESSED),
    *((zlib.compress(GOOD, level), OTHER, "is compressed (deflate)", UNCOMPRESSED) for level in (1, 5, 6, 9)),
    (b"\x28\xb5\x2f\xfd\x20\x10", OTHER, "is compressed (zstd)", UNCOMPRESSED),
    # brotli has no sign of its own
    (
        b"\x8b\x06\x80\xf5v",
        OTHER,
        r"is not text, perhaps compressed: it begins with '\\x8b\x06\\x80\\xf5v'",
        UNCOMPRESSED,
    ),
    (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00",
        OTHER,
        r"is not text, perhaps compressed: it begins with '\\x89PNG\r\n\x1a\n\x00\x00\x00'",
        UNCOMPRESSED,
    ),
    (b"BZh91AY", OTHER, "is compressed (bzip2)", UNCOMPRESSED),
    (b"\xfd7zXZ\x00\x00", OTHER, "is compressed (xz)", UNCOMPRESSED),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", OTHER, "is a word processor document", PLAIN),
    (b"%PDF-1.7\n" + NOISE, OTHER, "is a PDF document", PLAIN),
    (b"PK\x03\x04" + NOISE, OTHER, "is a ZIP archive, or a word processor document", PLAIN),
    (b"{\\rtf1\\ansi version: STSv1\\par", OTHER, "is a word processor document (RTF)", PLAIN),
    (
        TEXT.encode("utf-16"),
        WRAPPED,
        "is in UTF-16, and begins with 'version: STSv1\\r\\nmode: enforce\\r\\nmx: mail.'",
        PLAIN,
    ),
    (
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        WRAPPED,
        "is in UTF-16, and begins with 'version: STSv1\\r\\nmode: enforce\\r\\nmx: mail.'",
        PLAIN,
    ),
    (
        TEXT.encode("utf-16-le"),
        WRAPPED,
        "is in UTF-16, and begins with 'version: STSv1\\r\\nmode: enforce\\r\\nmx: mail.'",
        PLAIN,
    ),
    (
        TEXT.encode("utf-16-be"),
        WRAPPED,
        "is in UTF-16, and begins with 'version: STSv1\\r\\nmode: enforce\\r\\nmx: mail.'",
        PLAIN,
    ),
    (
        TEXT.encode("utf-32"),
        WRAPPED,
        "is in UTF-32, and begins with 'version: STSv1\\r\\nmode: enforce\\r\\nmx: mail.'",
        PLAIN,
    ),
    (
        b'{"version": "STSv1", "mode": "enforce"}',
        OTHER,
        'is JSON, which begins with \'{"version": "STSv1", "mode": "enforce"}\'',
        SERVE,
    ),
    (
        b'[\n  {"error": "not found"}\n]',
        OTHER,
        'is JSON, which begins with \'[\\n  {"error": "not found"}\\n]\'',
        SERVE,
    ),
    (
        b"v=STSv1; id=20260101;",
        OTHER,
        "is a TXT record, and begins with 'v=STSv1; id=20260101;'",
        RECORD,
    ),
    (
        b'"v=STSv1; id=20260101;"\n',
        OTHER,
        "is a TXT record, and begins with '\"v=STSv1; id=20260101;\"'",
        RECORD,
    ),
    (
        b'_mta-sts.example.com. 300 IN TXT "v=STSv1; id=1"',
        OTHER,
        "is a TXT record, and begins with '_mta-sts.example.com. 300 IN TXT \"v=STSv'",
        RECORD,
    ),
    (
        b"V = stsv1; id=1",
        OTHER,
        "is a TXT record, and begins with 'V = stsv1; id=1'",
        RECORD,
    ),
    (
        b"v=TLSRPTv1; rua=mailto:a@example.com",
        OTHER,
        "is a TXT record, and begins with 'v=TLSRPTv1; rua=mailto:a@example.com'",
        RECORD,
    ),
    (b"", OTHER, "is empty", "Write version, mode, mx and max_age into it"),
    (b" \r\n\t\n", OTHER, "is empty", "Write version, mode, mx and max_age into it"),
    (b"\x00\x00", OTHER, "is empty", "Write version, mode, mx and max_age into it"),
    (b"404 page not found\n", OTHER, "contains no policy field, and begins with '404 page not found'", SERVE),
    (b"OK", OTHER, "contains no policy field, and begins with 'OK'", SERVE),
    (b"It works!\n", OTHER, "contains no policy field, and begins with 'It works!'", SERVE),
    (
        b"User-agent: *\nDisallow: /\n",
        OTHER,
        "contains no policy field, and begins with 'User-agent: *\\nDisallow: /'",
        SERVE,
    ),
    (
        b"Contact: mailto:a@example.com\n" * 900,
        OTHER,
        "contains no policy field, and begins with 'Contact: mailto:a@example.com\\nContact: m'",
        SERVE,
    ),
    (
        b"-----BEGIN CERTIFICATE-----\nMIIB\n",
        OTHER,
        "contains no policy field, and begins with '-----BEGIN CERTIFICATE-----\\nMIIB'",
        SERVE,
    ),
    (GOOD.replace(b"\r\n", b"\r"), WRAPPED, "has lines that end with CR alone", "End them with CRLF"),
    (
        " ".join(LINES).encode(),
        WRAPPED,
        "has all of its fields on one line, 'version: STSv1 mode: enforce mx: mail.ex'",
        "Write one field per line, and end lines with CRLF",
    ),
    (
        "; ".join(LINES).encode() + b"\n",
        WRAPPED,
        "has all of its fields on one line, 'version: STSv1; mode: enforce; mx: mail.'",
        "Write one field per line, and end lines with CRLF",
    ),
    (
        ",".join(LINES).encode(),
        WRAPPED,
        "has all of its fields on one line, 'version: STSv1,mode: enforce,mx: mail.ex'",
        "Write one field per line, and end lines with CRLF",
    ),
    (
        "\\n".join(LINES).encode() + b"\r\n",
        WRAPPED,
        "has line ends written as \\n, and begins with 'version: STSv1\\\\nmode: enforce\\\\nmx: mail.'",
        "Write real line ends, CRLF, one field per line",
    ),
    (
        "\\r\\n".join(LINES).encode(),
        WRAPPED,
        "has line ends written as \\n, and begins with 'version: STSv1\\\\r\\\\nmode: enforce\\\\r\\\\nmx: m'",
        "Write real line ends, CRLF, one field per line",
    ),
    (
        json.dumps(TEXT).encode(),
        WRAPPED,
        "has line ends written as \\n, and begins with '\"version: STSv1\\\\r\\\\nmode: enforce\\\\r\\\\nmx:'",
        "Write real line ends, CRLF, one field per line",
    ),
    (base64.b64encode(GOOD), WRAPPED, "is encoded in base64", "Decode it, and serve that"),
    (
        TEXT.replace(": ", "=").encode(),
        WRAPPED,
        "has = where a colon belongs",
        "Write name: value, as in version: STSv1",
    ),
]


@pytest.mark.parametrize(
    ("body", "kind", "is_", "remedy"), DISGUISES, ids=[repr(body[:24]) for body, *_unused in DISGUISES]
)
def test_a_disguise_is_named_once_with_its_remedy(body, kind, is_, remedy):
    assert disguise(body) == Disguise(kind, is_, remedy)
    (finding,) = parse(body, "example.com").findings
    assert finding == error("example.com", "policy", f"the file {is_}", "RFC 8461, section 3.2", remedy)
    assert "text/plain" not in finding.remedy
    assert parse(body).policy is None


EDGES = [
    ("\ufeffversion".encode("utf-32-be"), "is in UTF-32, and begins with 'version'", PLAIN),
    (b"m\x00x\x00", "is in UTF-16, and begins with 'mx'", PLAIN),
    (b"\x00m\x00x", "is in UTF-16, and begins with 'mx'", PLAIN),
    ("versions\u65e5".encode("utf-16-be"), "is in UTF-16, and begins with 'versions\u65e5'", PLAIN),
    ("versions\u65e5".encode("utf-16-le"), "is in UTF-16, and begins with 'versions\u65e5'", PLAIN),
    (b"\xff\xfem\x00\x00\xd8", "is in UTF-16, and begins with 'm\ufffd'", PLAIN),
    (b"\xfe\xff\x00m\xd8\x00", "is in UTF-16, and begins with 'm\ufffd'", PLAIN),
    (b"\xff\xfe\x00\x00m\x00\x00\x00\x00", "is in UTF-32, and begins with 'm\ufffd'", PLAIN),
    (b"m\x00x\x00\x00\xd8", "is not text, perhaps compressed: it begins with 'm\\x00x\\x00\\x00\\\\xd8'", UNCOMPRESSED),
    (b"m\x00x\x00" * 4 + b"\x00\xd8", "is in UTF-16, and begins with 'mxmxmxmx\ufffd'", PLAIN),
    (b"\x00m\x00x" * 4 + b"\xd8\x00", "is in UTF-16, and begins with 'mxmxmxmx\ufffd'", PLAIN),
    (b"m\x00", "is not text, perhaps compressed: it begins with 'm\\x00'", UNCOMPRESSED),
    (b"\xffaaa", "is not text, perhaps compressed: it begins with '\\\\xffaaa'", UNCOMPRESSED),
    (b"\xffaaaa", "contains no policy field, and begins with '\\\\xffaaaa'", SERVE),
    (b"\x0c", "contains no policy field, and begins with ''", SERVE),
    (b"\x0c{}", "contains no policy field, and begins with '{}'", SERVE),
    (b"{}", "is JSON, which begins with '{}'", SERVE),
    (b"[true]", "is JSON, which begins with '[true]'", SERVE),
    (b"[ null]", "is JSON, which begins with '[ null]'", SERVE),
    (b" \r\n[1]", "is JSON, which begins with '[1]'", SERVE),
    (b"[error]", "contains no policy field, and begins with '[error]'", SERVE),
    (b"a" * 40, f"contains no policy field, and begins with '{'a' * 40}'", SERVE),
    (b"a" * 41, f"contains no policy field, and begins with '{'a' * 40}'", SERVE),
    (b"a" * 4093 + b"<br>", f"is a web page, which begins with '{'a' * 40}'", SERVE),
    (b"a" * 4094 + b"<br>", f"contains no policy field, and begins with '{'a' * 40}'", SERVE),
    (b"a" * 4089 + b"\nmode = ", "has = where a colon belongs", "Write name: value, as in version: STSv1"),
    (b"a" * 4090 + b"\nmode = ", f"contains no policy field, and begins with '{'a' * 40}'", SERVE),
    (b"a\rb", "contains no policy field, and begins with 'a\\rb'", SERVE),
    (b"mode: none\rmx: a.example\r\n", None, None),
    (b"mode: none\r", None, None),
    (b"mode: none Mode: testing", None, None),
    (b"mode: none\nversion: STSv1 mx: a.example", None, None),
    (b"mode: none\nversion: STSv1\\nmx: a.example", None, None),
    (b"mode: none\nnote: <br>", None, None),
    (b"X-Note: <br>\nmode: none", None, None),
    (b"note: none\nmode: <br>", None, None),
    (b"# a comment\n" * 400 + b"mode: none", None, None),
    (b"\xff\xff\xff\nmode: none", None, None),
]


@pytest.mark.parametrize(("body", "is_", "remedy"), EDGES, ids=[repr(body[:24]) for body, *_unused in EDGES])
def test_where_one_disguise_ends_and_another_begins(body, is_, remedy):
    found = disguise(body)
    assert (found and found.is_, found and found.remedy) == (is_, remedy)


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
