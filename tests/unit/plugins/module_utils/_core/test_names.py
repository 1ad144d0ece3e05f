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
    policy_domain,
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


WHOLE = "Write the whole name, as in example.com"
ALONE = "Write every name as an entry of its own"
HOSTS = "Write the host's name"
DOTS = "Write one dot between two labels"
LIKE = "Write a host name, as in mx1.example.com"
XN = "Write the name as A-label (xn--...), as your registry shows it"
WORD = "which is not made of letters, digits and inner hyphens"
ENCODED = "which older and newer rules for international names encode differently"


@pytest.mark.parametrize(
    ("name", "rule", "remedy"),
    [
        ("", "the name is empty", "Write a name, as in example.com"),
        ("localhost", "'localhost' is a single label, not a domain", WHOLE),
        ("example.com.", "'example.com.' ends in a dot", "Write it without the dot"),
        ("a..example", "'a..example' has an empty label", DOTS),
        (".example", "'.example' has an empty label", DOTS),
        ("tls@example.com", "'tls@example.com' is a mail address", "Write the domain alone"),
        ("a.example,b.example", "'a.example,b.example' is not one name", ALONE),
        ("a.example b.example", "'a.example b.example' is not one name", ALONE),
        ("a.example\n", "'a.example\\n' is not one name", ALONE),
        ("192.0.2.1", "'192.0.2.1' is an address, not a name", HOSTS),
        ("[192.0.2.1]", "'[192.0.2.1]' is an address, not a name", HOSTS),
        ("2001:db8::1", "'2001:db8::1' is an address, not a name", HOSTS),
        ("[2001:db8::1]", "'[2001:db8::1]' is an address, not a name", HOSTS),
        ("192.0.2.1.5", "'192.0.2.1.5' is an address, not a name", HOSTS),
        ("_dmarc.example", f"'_dmarc.example' has the label '_dmarc', {WORD}", LIKE),
        ("-a.example", f"'-a.example' has the label '-a', {WORD}", LIKE),
        ("a-.example", f"'a-.example' has the label 'a-', {WORD}", LIKE),
        ("*.example", f"'*.example' has the label '*', {WORD}", LIKE),
        (f"a{LABEL}.example", f"'a{LABEL}.example' has a label longer than 63 characters", "Use a shorter label"),
        (f"{NAME_253}a", f"'{NAME_253}a' is longer than 253 characters", "Use a shorter name"),
        ("stra\u00dfe.example", f"'stra\u00dfe.example' contains a sharp s, {ENCODED}", XN),
        ("STRA\u1e9eE.example", f"'STRA\u1e9eE.example' contains a sharp s, {ENCODED}", XN),
        ("\u03bb\u03bf\u03c2.example", f"'\u03bb\u03bf\u03c2.example' contains a final sigma, {ENCODED}", XN),
        ("a\u200cb.example", f"'a\\u200cb.example' contains a zero width non-joiner, {ENCODED}", XN),
        ("a\u200db.example", f"'a\\u200db.example' contains a zero width joiner, {ENCODED}", XN),
        ("\udc80.example", "'\\udc80.example' has no A-label form", XN),
        ("\u00fc" * 64 + ".example", "'" + "\u00fc" * 64 + ".example' has no A-label form", XN),
    ],
)
def test_what_is_no_host_name_is_refused_with_what_to_write(name, rule, remedy):
    with pytest.raises(InvalidName) as refused:
        check_host(name)
    assert (refused.value.rule, refused.value.remedy) == (rule, remedy)
    assert str(refused.value) == f"{rule}. Remedy: {remedy}."


def test_a_domain_of_the_grammar_may_be_one_label():
    assert check_domain("Localhost") == "localhost"


def test_an_a_label_is_not_judged_as_a_host():
    assert a_label("_Mta-Sts.b\u00fccher.example") == "_mta-sts.xn--bcher-kva.example"


def test_the_policy_host_is_one_label_more():
    assert policy_host("example.com") == "mta-sts.example.com"
    assert policy_domain("mta-sts.example.com") == "example.com"
