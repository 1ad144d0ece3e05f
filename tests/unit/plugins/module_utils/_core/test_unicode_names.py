# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""International names are shown as people write them, but for those that could deceive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import a_label
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.unicode_names import shown, unicode_name


def encoded(text):
    """Encode any text as a stranger could, whether a registry would take it or not."""
    return f"xn--{text.encode('punycode').decode('ascii')}"


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("b\xfccher", id="German"),
        pytest.param("m\xfcnchen-2", id="digits and a hyphen"),
        pytest.param("\u0142\xf3d\u017a", id="Polish"),
        pytest.param("\u015fi\u015fli", id="Turkish"),
        pytest.param("\u0111\u1ea1t", id="Vietnamese"),
        pytest.param("\u03b5\u03bb\u03bb\u03ac\u03b4\u03b1", id="Greek"),
        pytest.param("\u043f\u0440\u0438\u043c\u0435\u0440", id="Cyrillic"),
        pytest.param("\u4f8b\u3048", id="Japanese"),
        pytest.param("\u4f50\u3005\u6728", id="Japanese with a repeated character"),
        pytest.param("\u30ce\u30fc\u30c8", id="Katakana with a long vowel"),
        pytest.param("\ud55c\uad6d", id="Korean"),
        pytest.param("\u0e44\u0e17\u0e22", id="Thai, with marks"),
        pytest.param("\u0939\u093f\u0928\u094d\u0926\u0940", id="Hindi, with marks"),
    ],
)
def test_a_name_is_shown_as_people_write_it_with_its_a_labels_beside_it(label):
    name = f"mta-sts.{encoded(label)}.example"
    assert unicode_name(name) == f"mta-sts.{label}.example"
    assert shown(name) == f"mta-sts.{label}.example ({name})"


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("stra\xdfe", id="IDNA2003 has another A-label for a sharp s"),
        pytest.param("\u03bb\u03cc\u03b3\u03bf\u03c2", id="and for a final sigma"),
        pytest.param("\u0430\u0440\u0440\u04cf\u0435", id="nothing but letters that look Latin"),
        pytest.param("\u0440\u04431", id="also with digits"),
        pytest.param("\u03bd\u03b9\u03ba\u03b1", id="also in Greek"),
        pytest.param("g\u043e\u043egle", id="two scripts"),
        pytest.param("\u65e5\u672cabc", id="Latin beside Chinese"),
        pytest.param("\u0645\u062b\u0627\u0644", id="a right-to-left script"),
        pytest.param("a\u202eb", id="a character that turns text around"),
        pytest.param("ab\u200dc", id="a zero width joiner"),
        pytest.param("\u1160a", id="an invisible letter"),
        pytest.param("o\u0308l", id="a letter and a mark that are one"),
        pytest.param("\u0e01\u0e48\u0e48", id="marks in a heap"),
        pytest.param("\u0e48\u0e01", id="a mark at the beginning"),
        pytest.param("\u0131\u015f\u0131k", id="a dotless i"),
        pytest.param("a\u01c3", id="a click that looks like an exclamation mark"),
        pytest.param("\ua78ca", id="a sign that looks like a letter"),
        pytest.param("\ufb01x", id="a ligature"),
        pytest.param("1\xb2", id="a superscript"),
        pytest.param("\u0e51\u0e52", id="digits of another script"),
        pytest.param("a\u3002b", id="a full stop of another script"),
        pytest.param("a\nb", id="a line"),
        pytest.param("\x1b[2J", id="an escape"),
        pytest.param("B\xdccher", id="a capital"),
    ],
)
def test_what_could_deceive_or_is_not_certain_is_shown_as_it_is_in_dns(label):
    name = f"mail.{encoded(label)}.example"
    assert unicode_name(name) == shown(name) == name


@pytest.mark.parametrize(
    "name", ["example.com", "*.example.com", "", "xn--", "xn---.example", "xn--a\u00fc.example", "xn--99999999.example"]
)
def test_what_is_no_international_name_stays_as_it_is(name):
    assert shown(name) == name


def test_one_label_that_is_not_to_be_shown_keeps_the_whole_name_as_it_is():
    name = ".".join((encoded("b\u00fccher"), encoded("g\u043e\u043egle"), "example"))
    assert shown(name) == name


@given(st.text(max_size=30))
def test_what_is_shown_is_printable_and_stands_for_the_same_name(text):
    name = f"{encoded(text)}.example" if "\n" not in text else "xn--.example"
    read = unicode_name(name)
    assert read == name or (read.isprintable() and a_label(read) == name)
