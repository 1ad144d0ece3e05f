# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is a host name, and how what is none is refused."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import (
    InvalidName,
    a_label,
    check_domain,
    check_host,
    policy_host,
)

LABEL = "a" * 63
NAME_253 = ".".join([LABEL, LABEL, LABEL, "a" * 61])


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "example.com"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("\u4f8b\u3048.example", "xn--r8jz45g.example"),
        ("1and1.example", "1and1.example"),
        ("a-b.example", "a-b.example"),
        (f"{LABEL}.example", f"{LABEL}.example"),
        (NAME_253, NAME_253),
    ],
)
def test_a_host_name_becomes_its_a_labels(name, same):
    assert check_host(name) == same


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "the name is empty"),
        ("localhost", "'localhost' is a single label, not a domain"),
        ("example.com.", "'example.com.' ends in a dot"),
        ("a..example", "'a..example' has an empty label"),
        (".example", "'.example' has an empty label"),
        ("tls@example.com", "'tls@example.com' is a mail address"),
        ("a.example,b.example", "'a.example,b.example' is not one name"),
        ("a.example b.example", "'a.example b.example' is not one name"),
        ("a.example\n", "'a.example\\n' is not one name"),
        ("192.0.2.1", "'192.0.2.1' is an address, not a name"),
        ("[192.0.2.1]", "'[192.0.2.1]' is an address, not a name"),
        ("2001:db8::1", "'2001:db8::1' is an address, not a name"),
        ("192.0.2.1.5", "'192.0.2.1.5' is an address, not a name"),
        ("_dmarc.example", "has the label '_dmarc', which is not made of letters, digits and inner hyphens"),
        ("-a.example", "has the label '-a'"),
        ("a-.example", "has the label 'a-'"),
        ("*.example", "has the label '*'"),
        (f"a{LABEL}.example", "has a label longer than 63 characters"),
        (f"{NAME_253}a", "is longer than 253 characters"),
        ("stra\u00dfe.example", "contains a sharp s, which older and newer rules"),
        ("STRA\u1e9eE.example", "contains a sharp s, which older and newer rules"),
        ("\u03b2\u03cc\u03bb\u03bf\u03c2.example", "contains a final sigma"),
        ("a\u200db.example", "contains a zero width joiner"),
        ("\udc80.example", "has no A-label form"),
        ("\u00fc" * 64 + ".example", "has no A-label form"),
    ],
)
def test_what_is_no_host_name_is_refused_in_words(name, rule):
    with pytest.raises(InvalidName) as refused:
        check_host(name)
    assert rule in refused.value.rule
    assert refused.value.remedy


def test_a_domain_of_the_grammar_may_be_one_label():
    assert check_domain("Localhost") == "localhost"


def test_an_a_label_is_not_judged_as_a_host():
    assert a_label("_Mta-Sts.b\u00fccher.example") == "_mta-sts.xn--bcher-kva.example"


def test_the_policy_host_is_one_label_more():
    assert policy_host("example.com") == "mta-sts.example.com"
