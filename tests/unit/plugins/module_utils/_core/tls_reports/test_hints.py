# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the surroundings of a report say of it: header fields, subject, file name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.hints import (
    Hints,
    name,
    of_file_name,
    of_header,
)

NAME = "sender.example!example.com!1800489600!1800575999"
ALL = Hints("example.com", "sender.example", 1800489600)
SUBJECT = "Report Domain: example.com Submitter: sender.example Report-ID: <1@sender.example>"


def header(**fields):
    """The hints of a header of these fields."""
    return of_header(lambda field: fields.get(field.replace("-", "_"), ""))


@pytest.mark.parametrize(
    "path",
    [
        f"{NAME}.json",
        f"{NAME}.json.gz",
        f"{NAME}!001.json.gz",
        f"{NAME}!a-b_c.d.json.gz",
        f"{NAME} (1).json",
        f"/var/lib/reports/{NAME}.json",
        f"a!b!1!2/{NAME}.json",
        NAME,
        "SENDER.example.!Example.COM!1800489600!1",
    ],
)
def test_a_file_name_says_all(path):
    assert of_file_name(path) == ALL


@pytest.mark.parametrize(
    ("path", "hints"),
    [
        ("", Hints()),
        ("report.json", Hints()),
        ("0000000017", Hints()),
        ("a!b!c!d", Hints()),
        ("sender.example!example.com!1800489600", Hints()),
        ("sender.example!example.com!1800489600!1800575999123", Hints()),
        (f"{NAME}/report.json", Hints()),
        ("not a name!example.com!1800489600!1", Hints("example.com", "", 1800489600)),
        ("sender.example!192.0.2.1!1800489600!1", Hints("", "sender.example", 1800489600)),
        ("sender.example!example.com!253402300799!1", Hints("example.com", "sender.example", 253402300799)),
        ("sender.example!example.com!253402300800!1", Hints("example.com", "sender.example")),
    ],
)
def test_a_file_name_says_some_or_nothing(path, hints):
    assert of_file_name(path) == hints


@pytest.mark.parametrize(
    ("fields", "hints"),
    [
        ({}, Hints()),
        ({"TLS_Report_Domain": "Example.com."}, Hints("example.com")),
        ({"TLS_Report_Domain": "m\u00fcnchen.test"}, Hints("xn--mnchen-3ya.test")),
        ({"TLS_Report_Domain": "a@b.test", "TLS_Report_Submitter": "b.test"}, Hints("", "b.test")),
        ({"Subject": SUBJECT}, Hints("example.com", "sender.example")),
        ({"Subject": f"[list] {SUBJECT.lower()}"}, Hints("example.com", "sender.example")),
        ({"Subject": SUBJECT, "TLS_Report_Domain": "b.test"}, Hints("b.test", "sender.example")),
        ({"Subject": "Report Domain: a.test"}, Hints()),
    ],
)
def test_a_header_names_domain_and_submitter(fields, hints):
    assert header(**fields) == hints


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Hints(), ALL),
        (Hints("example.com"), Hints("b.test", "sender.example", 1800489600)),
        (Hints("", "sender.example", 1800489600), Hints("example.com", "b.test", 0)),
        (Hints(start=1800489600), Hints("example.com", "sender.example")),
    ],
)
def test_hints_make_up_for_one_another(first, then):
    assert first.or_else(then) == ALL


def test_the_first_second_of_all_is_a_start():
    assert Hints(start=0).or_else(Hints(start=5)).start == 0


@pytest.mark.parametrize("piece", ["Report ", "Report Domain: a ", "a!", "/", "!", "1!", " ", "Report Domain:"])
def test_hints_are_read_in_linear_time(piece):
    text = piece * (2**20 // len(piece))
    began = time.process_time()
    header(Subject=text)
    of_file_name(text)
    assert time.process_time() - began < 1


@given(st.text())
def test_any_text_is_a_name_or_none(text):
    assert name(text) == name(name(text))
    of_file_name(text)
    header(Subject=text, TLS_Report_Domain=text)
