# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mails with reports in them, in every shape; and mails that are made to be read for ever."""

from __future__ import annotations

import base64
import contextlib
import gzip
import time
import tracemalloc
from email.message import EmailMessage, MIMEPart

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    MAIL_DEPTH,
    MAIL_HEADER_BYTES,
    MAIL_PARTS,
    REPORT_MAIL_BYTES,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.hints import Hints
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.mail import (
    Attachment,
    attachments,
    calls_itself_a_report,
)

JSON = b'{"policies": []}'
GZIP = gzip.compress(JSON, mtime=0)
NAME = "sender.example!example.com!1800489600!1800575999.json.gz"
HINTS = Hints("example.com", "sender.example", 1800489600)
FIELDS = b"TLS-Report-Domain: example.com\nTLS-Report-Submitter: sender.example\n"
MIXED = b"Content-Type: multipart/mixed; boundary=B\n\n"
REMOVE = "Remedy: Remove it, unless you know its sender."


def data_of(mail):
    """The bytes of all attachments."""
    return [attachment.data for attachment in attachments(mail)]


def part(data, kind="application/tlsrpt+gzip", name=NAME, **more):
    """Make a part as the standard library does."""
    made = MIMEPart()
    made.set_content(data, *kind.split("/"), filename=name, **more)
    return made


def message(*parts, kind="report", **fields):
    """Make a mail of a text and these parts."""
    made = EmailMessage()
    for name, value in {"TLS-Report-Domain": "example.com", "TLS-Report-Submitter": "sender.example", **fields}.items():
        made[name] = value
    made.set_content("A report on TLS.\n")
    made.make_mixed()
    for each in parts:
        made.attach(each)
    made.replace_header("Content-Type", made["Content-Type"].replace("multipart/mixed", f"multipart/{kind}"))
    return made.as_bytes()


def nested(depth, inner):
    """Put a part into multiparts in one another."""
    for level in range(depth):
        boundary = b"B%d" % level
        inner = b"Content-Type: multipart/mixed; boundary=%s\n\n--%s\n%s\n--%s--\n" % (
            boundary,
            boundary,
            inner,
            boundary,
        )
    return inner


def refusal(mail):
    with pytest.raises(Refused) as raised:
        attachments(mail)
    return str(raised.value)


@pytest.mark.parametrize("data", [GZIP, JSON], ids=["gzip", "JSON"])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/tlsrpt+gzip", NAME),
        ("application/tlsrpt+json", NAME),
        ("application/gzip", NAME),
        ("application/octet-stream", NAME),
        ("application/x-gzip", "report"),
        ("application/json", "report"),
        ("image/png", "report.JSON"),
    ],
)
def test_a_report_is_found_whatever_it_is_called(kind, name, data):
    (found,) = attachments(message(part(data, kind, name)))
    assert (found.name, found.data) == (name, data)
    assert found.hints == (HINTS if name == NAME else Hints("example.com", "sender.example"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/tlsrpt+gzip", ""),
        ("application/tlsrpt+json", ""),
        ("application/json", ""),
        ("text/json", ""),
        ("application/pdf", "report.json"),
        ("application/pdf", "report.Json.GZ"),
    ],
)
def test_what_is_called_a_report_is_one_whatever_is_in_it(kind, name):
    made = f'Content-Type: {kind}; name="{name}"\n\nnothing of that'.encode()
    assert attachments(made) == [Attachment(name, b"nothing of that", Hints())]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_report_is_found_in_every_transfer_encoding(encoding):
    assert data_of(message(part(JSON, cte=encoding))) == [JSON]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_report_is_found_without_transfer_encoding(end):
    lines = [FIELDS + MIXED + b"--B", b"Content-Type: application/tlsrpt+json", b"", JSON, b"--B--", b""]
    assert data_of(b"\n".join(lines).replace(b"\n", end)) == [JSON]
    lines[1:4] = [b"Content-Transfer-Encoding: binary", b"", GZIP]
    assert data_of(b"\n".join(lines)) == [GZIP]


@pytest.mark.parametrize(
    "mail",
    [
        FIELDS + b"\n" + JSON,
        FIELDS + b"Content-Type: text/plain\n\n \r\n" + JSON,
        FIELDS
        + b"Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(JSON),
        b"From sender@sender.example Fri Jan 22 03:12:45 2027\n" + FIELDS + b"\n" + JSON,
        FIELDS + MIXED + b"--B\n\n" + JSON + b"\n--B--\n",
        FIELDS + MIXED + b"--B\nContent-Type: text/plain\n\n" + JSON,
        FIELDS + MIXED + b"preamble\n--B \t\n\n" + JSON + b"\n--B--\nepilogue\n--B\n\n{}",
        FIELDS + MIXED + b"--B\n--B\n\n" + JSON + b"\n--B--",
        FIELDS + MIXED + b"--Bee\n\n{}\n--B\n\n" + JSON + b"\n--B--",
        FIELDS + b'Content-Type: multipart/mixed; boundary="a.*(+?)[b"\n\n--a.*(+?)[b\n\n' + JSON + b"\n--a.*(+?)[b--",
        FIELDS + b"Content-Type: multipart/mixed; boundary=\xe9\n\n--\xe9\n\n" + JSON + b"\n--\xe9--",
    ],
)
def test_a_report_is_found_in_a_mail_of_every_shape(mail):
    (found,) = attachments(mail)
    assert found.data.strip() in (JSON, JSON + b"\n")
    assert found.hints == Hints("example.com", "sender.example")


def test_a_boundary_that_begins_as_another_is_told_apart():
    inner = b"Content-Type: multipart/mixed; boundary=BB\n\n--BB\n\n" + JSON + b"\n--BB\n\n{}\n--BB--\n"
    assert data_of(MIXED + b"--B\n" + inner + b"\n--B\n\n{ }\n--B--\n") == [JSON, b"{}", b"{ }"]


def test_all_reports_of_a_mail_are_found():
    assert data_of(message(part(GZIP), part(JSON), part(b"PNG", "image/png", "a.png"))) == [GZIP, JSON]


@pytest.mark.parametrize("encoding", [b"7bit", b"base64"])
def test_a_forwarded_report_is_found(encoding):
    inner = message(part(GZIP))
    body = base64.encodebytes(inner) if encoding == b"base64" else inner
    mail = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: %s\n\n%s" % (encoding, body)
    (found,) = attachments(mail)
    assert (found.data, found.hints) == (GZIP, HINTS)


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\n",
        b"{",
        b"Subject: Hello\n\nHello\n",
        b"Subject: Hello",
        b"From ",
        message(part(gzip.compress(b"<feedback/>"), "application/gzip", "a!b!1!2.xml.gz"), kind="mixed"),
        message(part(b"PK\x03\x04", "application/zip", "a!b!1!2.zip"), kind="mixed"),
        b"Content-Type: multipart/mixed\n\n--B\n\n{}\n--B--",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n\n{}\n----",
        b"Content-Type: multipart/mixed; boundary=B\n\n--C\n\n{}\n--C--",
        b"Content-Type: multipart/mixed; boundary=B\r\r--B\r\r{}\r--B--",
    ],
)
def test_in_a_mail_about_something_else_there_is_none(mail):
    assert attachments(mail) == []


def test_what_is_named_so_is_taken_for_a_report_whatever_it_is():
    mail = message(part(b"nonsense", "application/octet-stream", "report.json.gz"))
    assert attachments(mail) == [Attachment("report.json.gz", b"nonsense", Hints("example.com", "sender.example"))]


@pytest.mark.parametrize(
    ("mail", "does"),
    [
        (b"TLS-Report-Domain: example.com\n\n", True),
        (b"From a\nTLS-Report-Domain: example.com\n\n", True),
        (b"Subject: Report Domain: a.test Submitter: b.test\n\n", True),
        (b"Content-Type: multipart/report; report-type=TLSRPT\n\n", True),
        (b"Content-Type: application/tlsrpt+gzip\n\n", True),
        (b"TLS-Report-Submitter: b.test\n\n", False),
        (b"Subject: about tlsrpt\n\n", False),
        (b"\nTLS-Report-Domain: example.com\n\n", False),
    ],
)
def test_a_mail_calls_itself_a_report_in_its_header(mail, does):
    assert calls_itself_a_report(mail) is does


def test_a_mail_is_so_large():
    mail = b"\n" + JSON
    assert len(attachments(mail + b" " * (REPORT_MAIL_BYTES - len(mail)))) == 1
    said = "the mail has 15,728,641 bytes, more than 15,728,640 (RFC 8460, section 5.3)"
    assert refusal(mail + b" " * (REPORT_MAIL_BYTES + 1 - len(mail))) == f"{said}. {REMOVE}"


@pytest.mark.parametrize("where", [b"", MIXED + b"--B\n"], ids=["mail", "part"])
def test_a_header_is_so_long(where):
    end = b"\n\n" + JSON
    filler = b"X: " + b"x" * (MAIL_HEADER_BYTES - 5)
    assert data_of(where + filler + end) == [JSON]
    said = "a header has more than 262,144 bytes (RFC 8460, section 5.3)"
    assert refusal(where + filler + b"x" + end) == f"{said}. {REMOVE}"
    assert refusal(where + b"X: x\n" * MAIL_HEADER_BYTES) == f"{said}. {REMOVE}"


def test_a_short_mail_may_be_all_header():
    assert attachments(b"X: " + b"x" * (MAIL_HEADER_BYTES - 3)) == []


def test_a_mail_has_so_many_parts():
    inner = b"--B\n\n{}\n"
    assert len(attachments(MIXED + inner * (MAIL_PARTS - 1))) == MAIL_PARTS - 1
    said = "it has more than 50 parts (RFC 8460, section 5.3)"
    assert refusal(MIXED + inner * MAIL_PARTS) == f"{said}. {REMOVE}"
    twigs = b"".join(b"--B\n" + nested(1, b"\n{}") for _unused in range(MAIL_PARTS // 2))
    assert refusal(MIXED + twigs) == f"{said}. {REMOVE}"


def test_parts_are_so_deep():
    assert data_of(nested(MAIL_DEPTH, b"\n" + JSON)) == [JSON]
    said = "it has parts within parts, more than 5 deep (RFC 8460, section 5.3)"
    assert refusal(nested(MAIL_DEPTH + 1, b"\n" + JSON)) == f"{said}. {REMOVE}"
    mails = b"Content-Type: message/rfc822\n\n"
    assert data_of(mails * MAIL_DEPTH + b"\n" + JSON) == [JSON]
    assert refusal(mails * (MAIL_DEPTH + 1) + b"\n" + JSON) == f"{said}. {REMOVE}"


# It is half a second at most on a machine of today; slow and busy ones may take longer.
ALLOWED = 3.0
LARGE = REPORT_MAIL_BYTES // 3


def whole(piece, head=MIXED):
    """A large mail of one piece over and over."""
    return (head + piece * (LARGE // len(piece)))[:LARGE]


BASE64 = b"Content-Transfer-Encoding: base64\n"
WORST = {
    "boundaries": whole(b"--B\n"),
    "almost boundaries": whole(b"\n--B-"),
    "boundaries with blanks": whole(b"\n--B" + b" " * 1000 + b"x"),
    "line ends": whole(b"\r\n"),
    "bare CR": whole(b"\r"),
    "bare CR before a boundary": whole(b"\r\r\n--B\r"),
    "hyphens": whole(b"-"),
    "zeros": whole(b"\0", b"\n"),
    "opening braces": whole(b"{", b"\n"),
    "base64": whole(b"e30K", BASE64 + b"\n"),
    "padding": whole(b"=", BASE64 + b"\n"),
    "padded pieces": whole(b"eA==", BASE64 + b"\n"),
    "quoted-printable": whole(b"=7B", b"Content-Transfer-Encoding: quoted-printable\n\n"),
    "forwarded base64": whole(b"e30K", b"Content-Type: message/rfc822\n" + BASE64 + b"\n"),
    "large headers": whole(MIXED[:-1] + b"X:\n" * 80000 + b"\n--B\n"),
    "fields that matter": whole(b"Content-Type: a;\n" * 15000 + b"\n--B\n"),
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_mail_is_read_or_refused_in_no_time(name):
    began = time.process_time()
    with contextlib.suppress(Refused):
        attachments(WORST[name])
        calls_itself_a_report(WORST[name])
    assert time.process_time() - began < ALLOWED


@pytest.mark.parametrize("name", WORST)
def test_the_worst_mail_takes_a_few_times_its_size(name):
    mail = WORST[name][: LARGE // 10]
    tracemalloc.start()
    with contextlib.suppress(Refused):
        attachments(mail)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(mail)


PIECES = [
    FIELDS, MIXED, b"--B\n", b"--B--\n", b"\n", b"\r\n", b"\r", BASE64, JSON, GZIP, base64.b64encode(GZIP),
    b"Content-Type: message/rfc822\n\n", b"Content-Type: application/tlsrpt+json\n", b"\0", b"From ", b" ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=20).map(b"".join))
def test_any_bytes_are_a_mail_or_refused(mail):
    with contextlib.suppress(Refused):
        for attachment in attachments(mail):
            assert len(attachment.data) <= len(mail)
        calls_itself_a_report(mail)
