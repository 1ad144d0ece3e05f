# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user's list: what it may say, what it means, and how every mistake in it is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import KEYS, MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

DAY = 86400
LABEL = "a" * 61
LONG = ".".join([LABEL] * 3)
LIST = "not a list. Remedy: Write a list of entries, each with the key domain."
PAIRS = "not a dictionary. Remedy: Write key: value pairs."


def only(entry, defaults=None):
    """Return the one domain of a list without mistakes."""
    domains, findings = read_domains([entry], defaults)
    assert [str(finding) for finding in findings] == []
    (domain,) = domains
    return domain


def said(raw, defaults=None):
    """Return every finding as its sentence."""
    return [str(finding) for finding in read_domains(raw, defaults)[1]]


def test_all_but_the_domain_has_a_default():
    assert only({"domain": "example.com"}) == MailDomain("example.com", "testing", None, DAY, None, "present")


@pytest.mark.parametrize(("mode", "max_age"), [("testing", DAY), ("enforce", 28 * DAY), ("none", DAY)])
def test_the_default_of_max_age_follows_the_mode(mode, max_age):
    assert only({"domain": "example.com", "mode": mode}).max_age == max_age


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("domain", "B\u00fccher.Example", "xn--bcher-kva.example"),
        ("max_age", "2w", 14 * DAY),
        ("max_age", "3600", 3600),
        ("max_age", 31557600, 31557600),
        ("max_age", 1, 1),
        ("mx", ["MX1.example.com", "*.b\u00fccher.example"], ("mx1.example.com", "*.xn--bcher-kva.example")),
        ("mx", "mx1.example.com", ("mx1.example.com",)),
        ("mx", None, None),
        ("tls_rpt", ["mailto:tls@example.com"], ("mailto:tls@example.com",)),
        ("tls_rpt", [], ()),
        ("tls_rpt", None, None),
        ("state", "absent", "absent"),
    ],
)
def test_values_are_kept_in_one_form(key, given, kept):
    assert getattr(only({"domain": "example.com", key: given}), key) == kept


def test_defaults_are_for_every_key_that_an_entry_leaves_out():
    defaults = {"mode": "enforce", "max_age": "1w", "mx": ["mx.example.net"], "tls_rpt": ["https://r.example/"]}
    assert only({"domain": "example.com", "max_age": "2w"}, defaults) == MailDomain(
        "example.com", "enforce", ("mx.example.net",), 14 * DAY, ("https://r.example/",), "present"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mod": "none"}, "mod: no such key. Remedy: Did you mean mode?"),
        ({"maxage": 1}, "maxage: no such key. Remedy: Did you mean max_age?"),
        ({"xyz": 1}, "xyz: no such key. Remedy: Use domain, mode, mx, max_age, tls_rpt, delegated_to, state."),
        (
            {"mode": "report"},
            "mode: 'report' is not one of testing, enforce, none (RFC 8461, section 5). "
            "Remedy: Write one of testing, enforce, none.",
        ),
        ({"mode": None}, "mode: there is no value. Remedy: Leave mode out, or write one of testing, enforce, none."),
        ({"mode": ["none"]}, "mode: ['none'] is not one of testing, enforce, none (RFC 8461, section 5). "
         "Remedy: Write one of testing, enforce, none."),
        ({"state": "gone"}, "state: 'gone' is not one of present, absent. Remedy: Write one of present, absent."),
        ({"state": None}, "state: there is no value. Remedy: Leave state out, or write one of present, absent."),
        (
            {"max_age": "soon"},
            "max_age: 'soon' is not a duration (RFC 8461, section 3.2). "
            "Remedy: Write seconds, or a number with s, m, h, d or w, as in 4w.",
        ),
        (
            {"max_age": "53w"},
            "max_age: 53w is more than 31557600 seconds (one year) (RFC 8461, section 3.2). "
            "Remedy: Write 31557600 or less.",
        ),
        (
            {"max_age": 0},
            "max_age: 0 makes a policy that no sender keeps, and that some reject (RFC 8461, section 3.2). "
            "Remedy: Write 1d or more; mode none switches a policy off.",
        ),
        (
            {"mx": []},
            "mx: the list is empty (RFC 8461, section 3.2). "
            "Remedy: Name the MX hosts, or leave mx out to have them looked up.",
        ),
        (
            {"mx": ["mx1.example.com."]},
            "mx: 'mx1.example.com.' ends in a dot (RFC 8461, section 3.2). Remedy: Write it without the dot.",
        ),
        (
            {"mx": [5]},
            "mx: 5 is not an MX pattern (RFC 8461, section 3.2). Remedy: Write a list of host names.",
        ),
        (
            {"mx": ["mta-sts.example.com"]},
            "mx: 'mta-sts.example.com' is the policy host, which receives no mail (RFC 8461, section 4.1). "
            "Remedy: Name the hosts in the domain's MX records.",
        ),
        (
            {"mx": ["mx.example.com", "MX.example.com"]},
            "mx: 'MX.example.com' is listed twice (RFC 8461, section 3.2). Remedy: Remove one of them.",
        ),
        (
            {"tls_rpt": "tls@example.com"},
            "tls_rpt: 'tls@example.com' is neither a mailto: nor an https: URI (RFC 8460, section 3). "
            "Remedy: Write mailto:tls@example.com.",
        ),
        (
            {"tls_rpt": [5]},
            "tls_rpt: 5 is not a URI (RFC 8460, section 3). Remedy: Write a list of mailto: or https: URIs.",
        ),
        (
            {"delegated_to": "provider.test."},
            "delegated_to: 'provider.test.' ends in a dot (RFC 8461, section 8.2). Remedy: Write it without the dot.",
        ),
        (
            {"delegated_to": True},
            "delegated_to: True is not a name (RFC 8461, section 8.2). "
            "Remedy: Write a name in a zone of yours, as in customer.provider.example.",
        ),
        (
            {"delegated_to": "{domain}"},
            "delegated_to: 'example.com' is the domain itself (RFC 8461, section 8.2). "
            "Remedy: Leave it out, or name a place in a zone of yours.",
        ),
    ],
)  # fmt: skip
def test_one_mistake_is_one_sentence(changes, sentence):
    raw = [{"domain": "example.com", **changes}, {"domain": "example.org"}]
    domains, findings = read_domains(raw)
    assert [str(finding) for finding in findings] == [f"example.com: {sentence}"]
    assert [domain.domain for domain in domains] == ["example.org"]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {},
            "the entry has no domain (RFC 8461, section 3.2). Remedy: Write the policy domain, as in mail addresses.",
        ),
        (
            {"domain": None},
            "the entry has no domain (RFC 8461, section 3.2). Remedy: Write the policy domain, as in mail addresses.",
        ),
        (
            {"domain": 5},
            "5 is an integer, not a name (RFC 8461, section 3.2). Remedy: Write it as text, in quotes if need be.",
        ),
        (
            {"domain": "localhost"},
            "'localhost' is a single label, not a domain (RFC 8461, section 3.2). "
            "Remedy: Write the whole name, as in example.com.",
        ),
        (
            {"domain": "me@example.com"},
            "'me@example.com' is a mail address (RFC 8461, section 3.2). Remedy: Write the domain alone.",
        ),
        (
            {"domain": "192.0.2.1"},
            "'192.0.2.1' is an address, not a name (RFC 8461, section 3.2). Remedy: Write the host's name.",
        ),
        (
            {"domain": "example.com."},
            "'example.com.' ends in a dot (RFC 8461, section 3.2). Remedy: Write it without the dot.",
        ),
        ("example.com", "'example.com' is a string, not a dictionary. Remedy: Write - domain: example.com."),
        (["a"], "['a'] is a list, not a dictionary. Remedy: Write - domain: example.com."),
        (None, "None is null, not a dictionary. Remedy: Write - domain: example.com."),
    ],
)
def test_an_entry_without_a_usable_name_is_told_by_its_place(entry, sentence):
    assert said([{"domain": "example.org"}, entry]) == [f"entry 2: domain: {sentence}"]


def test_all_mistakes_of_all_entries_at_once():
    raw = [
        {"domain": "a.example", "mode": "x", "max_age": "y", "mx": ["z", "*"]},
        {"domain": "-"},
        {"domain": "b.example"},
    ]
    assert said(raw) == [
        "a.example: mode: 'x' is not one of testing, enforce, none (RFC 8461, section 5). "
        "Remedy: Write one of testing, enforce, none.",
        "a.example: max_age: 'y' is not a duration (RFC 8461, section 3.2). "
        "Remedy: Write seconds, or a number with s, m, h, d or w, as in 4w.",
        "a.example: mx: 'z' is a single label, not a domain (RFC 8461, section 3.2). "
        "Remedy: Write the whole name, as in example.com.",
        "a.example: mx: '*' would stand for every host (RFC 8461, section 3.2). "
        "Remedy: Write *.example.com, or every name in full.",
        "entry 2: domain: '-' has the label '-', which is not made of letters, digits and inner hyphens "
        "(RFC 8461, section 3.2). Remedy: Write a host name, as in mx1.example.com.",
    ]
    assert [domain.domain for domain in read_domains(raw)[0]] == ["b.example"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["a.example", "b.example", "A.Example"], "a.example: domain: listed twice: entries 1 and 3."),
        (
            ["b\u00fccher.example", "xn--bcher-kva.example"],
            "xn--bcher-kva.example: domain: listed twice: entries 1 and 2.",
        ),
        (["a.example"] * 3, "a.example: domain: listed 3 times: entries 1, 2 and 3."),
    ],
)
def test_a_domain_listed_twice(names, sentence):
    (found,) = said([{"domain": name} for name in names])
    assert found == f"{sentence} Remedy: Remove all but one of them."


def test_a_domain_listed_twice_is_seen_although_one_entry_is_wrong():
    found = said([{"domain": "a.example", "mode": "x"}, {"domain": "a.example"}])
    assert any("listed twice: entries 1 and 2" in sentence for sentence in found)


def test_a_mistake_in_the_defaults_is_said_once():
    found = said(
        [{"domain": "a.example"}, {"domain": "b.example"}], {"max_age": "soon", "domain": "x", "mode": "enforce"}
    )
    assert found == [
        "defaults: domain: no such key. Remedy: Use mode, mx, max_age, tls_rpt, delegated_to, state.",
        "defaults: max_age: 'soon' is not a duration (RFC 8461, section 3.2). "
        "Remedy: Write seconds, or a number with s, m, h, d or w, as in 4w.",
    ]


@pytest.mark.parametrize(
    ("raw", "defaults", "sentences"),
    [
        ({"domain": "x"}, None, [f"domains: the list of domains is a dictionary, {LIST}"]),
        ("x", None, [f"domains: the list of domains is a string, {LIST}"]),
        (None, None, [f"domains: the list of domains is null, {LIST}"]),
        ([], ["x"], [f"defaults: the defaults are a list, {PAIRS}"]),
        (
            "x",
            "x",
            [f"defaults: the defaults are a string, {PAIRS}", f"domains: the list of domains is a string, {LIST}"],
        ),
    ],
)
def test_what_is_no_list_and_no_dictionary(raw, defaults, sentences):
    assert said(raw, defaults) == sentences
    assert read_domains(raw, defaults)[0] == []


@pytest.mark.parametrize(
    ("length", "changes", "sentence"),
    [
        (244, {}, None),
        (
            245,
            {},
            f"domain: '_mta-sts.{LONG}.{'b' * 59}', the record's name, is longer than 253 characters "
            "(RFC 8461, section 3.2). Remedy: Remove the domain: it cannot have MTA-STS.",
        ),
        (
            246,
            {},
            f"domain: 'mta-sts.{LONG}.{'b' * 60}', the policy host, is longer than 253 characters "
            "(RFC 8461, section 3.2). Remedy: Remove the domain: it cannot have MTA-STS.",
        ),
        (242, {"tls_rpt": ["mailto:a@x.example"]}, None),
        (
            243,
            {"tls_rpt": ["mailto:a@x.example"]},
            f"tls_rpt: '_smtp._tls.{LONG}.{'b' * 57}', the record's name, is longer than 253 characters "
            "(RFC 8460, section 3). Remedy: Leave tls_rpt out for this domain.",
        ),
        (243, {"tls_rpt": []}, None),
        (240, {"delegated_to": "{domain}.x"}, None),
        (
            241,
            {"delegated_to": "{domain}.x"},
            f"delegated_to: '_smtp._tls.{LONG}.{'b' * 55}.x', the name of a record there, is longer than 253 "
            "characters (RFC 8461, section 8.2). Remedy: Choose a shorter name.",
        ),
    ],
)
def test_names_that_would_be_too_long_for_dns(length, changes, sentence):
    name = f"{LONG}.{'b' * (length - len(LONG) - 1)}"
    assert len(name) == length
    assert said([{"domain": name, **changes}]) == ([] if sentence is None else [f"{name}: {sentence}"])


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"state": "gone", "max_age": 0},
            [
                "state: 'gone' is not one of present, absent. Remedy: Write one of present, absent.",
                "max_age: 0 makes a policy that no sender keeps, and that some reject (RFC 8461, section 3.2). "
                "Remedy: Write 1d or more; mode none switches a policy off.",
            ],
        ),
        (
            {"mode": "x", "mx": []},
            [
                "mode: 'x' is not one of testing, enforce, none (RFC 8461, section 5). "
                "Remedy: Write one of testing, enforce, none.",
                "mx: the list is empty (RFC 8461, section 3.2). "
                "Remedy: Name the MX hosts, or leave mx out to have them looked up.",
            ],
        ),
        (
            {"mx": (5, "*", 6)},
            [
                "mx: 5 is not an MX pattern (RFC 8461, section 3.2). Remedy: Write a list of host names.",
                "mx: '*' would stand for every host (RFC 8461, section 3.2). "
                "Remedy: Write *.example.com, or every name in full.",
                "mx: 6 is not an MX pattern (RFC 8461, section 3.2). Remedy: Write a list of host names.",
            ],
        ),
        ({5: 1}, ["5: no such key. Remedy: Use domain, mode, mx, max_age, tls_rpt, delegated_to, state."]),
        (
            {"tls_rpt": ["mailto:a@{name}", {"{": 1}]},
            [
                "tls_rpt: 'mailto:a@{name}' contains characters that no URI may have (RFC 8460, section 3). "
                "Remedy: {domain} is the only placeholder.",
                "tls_rpt: {'{': 1} is not a URI (RFC 8460, section 3). Remedy: {domain} is the only placeholder.",
            ],
        ),
    ],
)
def test_several_mistakes_of_an_entry_are_as_many_sentences(changes, sentences):
    assert said([{"domain": "example.com", **changes}]) == [f"example.com: {sentence}" for sentence in sentences]


def test_defaults_are_judged_as_entries_are():
    defaults = {"mode": None, "mx": [], "max_age": 0, "tls_rpt": 5, "delegated_to": "{domain}."}
    assert said([], defaults) == [
        "defaults: mode: there is no value. Remedy: Leave mode out, or write one of testing, enforce, none.",
        "defaults: max_age: 0 makes a policy that no sender keeps, and that some reject (RFC 8461, section 3.2). "
        "Remedy: Write 1d or more; mode none switches a policy off.",
        "defaults: mx: the list is empty (RFC 8461, section 3.2). "
        "Remedy: Name the MX hosts, or leave mx out to have them looked up.",
        "defaults: tls_rpt: 5 is not a URI (RFC 8460, section 3). Remedy: Write a list of mailto: or https: URIs.",
        "defaults: delegated_to: 'example.com.' ends in a dot (RFC 8461, section 8.2). "
        "Remedy: Write it without the dot.",
    ]
    (domain,) = read_domains([{"domain": "example.com"}], {"mode": "enforce", "max_age": 0})[0]
    assert domain == MailDomain("example.com", "testing", None, DAY, None, "present", None)


def test_white_space_around_names_is_left_out():
    entry = {"domain": " example.com ", "mx": [" mx.example.com\t"], "delegated_to": " x.example "}
    domain = only(entry)
    assert (domain.domain, domain.mx, domain.delegated_to) == ("example.com", ("mx.example.com",), "x.example")


def test_an_absent_domain_is_not_present():
    assert only({"domain": "example.com"}).present
    assert not only({"domain": "example.com", "state": "absent"}).present


def test_a_domain_without_patterns_has_a_policy_of_mode_none():
    assert only({"domain": "example.com", "mode": "none"}).policy() == Policy("none", DAY, ())


def test_mode_none_needs_no_mx_and_an_absent_domain_needs_nothing():
    assert only({"domain": "example.com", "mode": "none"}).policy_text() == (
        b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
    )
    assert not only({"domain": "example.com", "mode": "none", "mx": []}).needs_mx
    assert not only({"domain": "example.com", "state": "absent", "mx": [], "max_age": 0}).needs_mx


@pytest.mark.parametrize(
    ("entry", "default", "place"),
    [
        ({}, None, None),
        ({"delegated_to": "Customer.provider.example"}, None, "customer.provider.example"),
        ({}, "{domain}.mta-sts.provider.example", "example.com.mta-sts.provider.example"),
        ({"delegated_to": ""}, "provider.example", None),
    ],
)
def test_where_the_records_of_a_customer_are_written(entry, default, place):
    domain = only({"domain": "example.com", **entry}, {"delegated_to": default})
    assert (domain.delegated_to, domain.records_at) == (place, place or "example.com")


@pytest.mark.parametrize(
    ("entry", "default", "uris"),
    [
        ({"tls_rpt": "mailto:tlsrpt@{domain}"}, None, ("mailto:tlsrpt@xn--bcher-kva.example",)),
        ({}, ["mailto:tlsrpt@{domain}"], ("mailto:tlsrpt@xn--bcher-kva.example",)),
        ({}, "https://r.example/{domain}", ("https://r.example/xn--bcher-kva.example",)),
        ({}, ["mailto:tlsrpt+{domain}@provider.example", "https://r.example/?d={domain}"],
         ("mailto:tlsrpt+xn--bcher-kva.example@provider.example", "https://r.example/?d=xn--bcher-kva.example")),
        ({"tls_rpt": []}, ["mailto:tlsrpt@{domain}"], ()),
        ({"tls_rpt": ["mailto:a@b.example"]}, ["mailto:tlsrpt@{domain}"], ("mailto:a@b.example",)),
    ],
)  # fmt: skip
def test_the_domain_may_stand_in_report_uris(entry, default, uris):
    domain = only({"domain": "b\u00fccher.example", **entry}, {"tls_rpt": default})
    assert domain.tls_rpt == uris
    assert only(domain.as_dict(), {"tls_rpt": default}) == domain


@pytest.mark.parametrize("uri", ["mailto:tlsrpt@{Domain}", "mailto:tlsrpt@{name}", "mailto:{{domain}@x.example"])
def test_other_placeholders_are_told_as_such(uri):
    for raw, defaults in (([{"domain": "example.com", "tls_rpt": uri}], None), ([], {"tls_rpt": uri})):
        (found,) = read_domains(raw, defaults)[1]
        assert found.remedy == "{domain} is the only placeholder"


@pytest.mark.parametrize(("entry", "named"), [("example.com.", False), ("a b", False), ("example.org", True)])
def test_a_bare_name_is_advised_as_an_entry_only_where_it_would_be_taken(entry, named):
    (found,) = read_domains([entry])[1]
    assert found.remedy == f"Write - domain: {entry if named else 'example.com'}"


def test_a_domain_knows_its_policy():
    domain = only({"domain": "example.com"})
    assert domain.needs_mx
    assert domain.policy_host == "mta-sts.example.com"
    domain = domain.with_mx(["mx1.example.com"])
    assert not domain.needs_mx
    assert domain.policy_text() == b"version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmax_age: 86400\r\n"
    assert domain.policy_id() == policy_id(domain.policy_text())


@pytest.mark.parametrize(
    "entry",
    [
        {"domain": "example.com"},
        {"domain": "example.com", "mode": "none", "mx": [], "tls_rpt": []},
        {"domain": "example.com", "mode": "enforce", "mx": ["*.example.com"], "tls_rpt": ["https://r.example/"]},
        {"domain": "example.com", "state": "absent", "mx": []},
        {"domain": "example.com", "delegated_to": "{domain}.provider.example"},
    ],
)
def test_a_complete_entry_reads_as_itself(entry):
    domain = only(entry)
    assert only(domain.as_dict(), {"mode": "enforce", "max_age": "3d"}) == domain


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
entries = st.fixed_dictionaries({}, optional=dict.fromkeys((*KEYS, "other"), anything))


@given(anything | st.lists(entries | anything, max_size=4), anything | entries)
def test_nothing_makes_it_raise(raw, defaults):
    domains, findings = read_domains(raw, defaults)
    assert all(str(finding) for finding in findings)
    assert all(isinstance(domain, MailDomain) for domain in domains)
