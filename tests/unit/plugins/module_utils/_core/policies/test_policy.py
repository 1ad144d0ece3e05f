# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of RFC 8461, section 3.2, as tables of cases and as properties."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Finding, error, errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import (
    MAX_AGE_LIMIT,
    MODES,
    SIZE_LIMIT,
    Policy,
    parse,
    render,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.rfc import DURATION, POLICY

GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 2419200\r\n"
READ = Policy("enforce", 2419200, ("mail.example.com", "*.example.net"))


def changed(old, new):
    """Return the good policy with one thing changed."""
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


def said(data):
    """Return severity, field, line and rule of every finding."""
    return [(found.severity, found.field, found.line, found.rule) for found in parse(data, "example.com").findings]


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD[:-2],  # the last line end is optional
        changed(b"mode: enforce", b"mode:enforce"),
        changed(b"mode: enforce", b"mode:\t enforce \t"),
        changed(b"max_age: 2419200", b"max_age: 0002419200"),
    ],
)
def test_what_the_grammar_allows_raises_no_finding(data):
    reading = parse(data)
    assert (reading.policy, reading.lenient, reading.findings) == (READ, READ, ())


@pytest.mark.parametrize("max_age", [MAX_AGE_LIMIT, MAX_AGE_LIMIT - 1])
def test_max_age_may_be_a_year(max_age):
    reading = parse(changed(b"2419200", str(max_age).encode()))
    assert reading.policy == Policy(READ.mode, max_age, READ.mx)
    assert reading.lenient == reading.policy


def test_unknown_fields_are_kept_and_ignored():
    data = GOOD + "x-Note.1_: caf\u00e9 au lait\r\n".encode()
    assert parse(data).policy == Policy(READ.mode, READ.max_age, READ.mx, (("x-Note.1_", "caf\u00e9 au lait"),))
    assert parse(data).findings == ()


@pytest.mark.parametrize("mode", ["none"])
def test_mode_none_needs_no_mx(mode):
    data = f"version: STSv1\r\nmode: {mode}\r\nmax_age: 86400\r\n".encode()
    assert parse(data).policy == Policy(mode, 86400)
    assert parse(data).findings == ()


@pytest.mark.parametrize(
    ("data", "severity", "field", "line", "rule", "remedy"),
    [
        (
            GOOD.replace(b"\r\n", b"\n"),
            "info",
            "policy",
            None,
            "lines end with LF alone, which some checkers refuse",
            "End them with CRLF",
        ),
        (
            b"mode: enforce\r\n" + changed(b"mode: enforce\r\n", b""),
            "warning",
            "version",
            2,
            "version is not on the first line, where some senders want it",
            "Move it up",
        ),
        (
            changed(b"2419200", b"86400"),
            "warning",
            "max_age",
            5,
            "86400 seconds protect little in mode enforce: an attacker only has to wait",
            "Write 1209600 or more",
        ),
        (
            changed(b"2419200", b"0"),
            "warning",
            "max_age",
            5,
            "0 seconds protect little in mode enforce: an attacker only has to wait",
            "Write 1209600 or more",
        ),
        (
            GOOD + b"mode: none\r\n",
            "warning",
            "mode",
            6,
            "mode stands a second time; senders take the one in line 2",
            "Remove one of them",
        ),
        (
            GOOD + b"mode: rubbish\r\n",
            "warning",
            "mode",
            6,
            "mode stands a second time; senders take the one in line 2",
            "Remove one of them",
        ),
        (
            GOOD + b"MX: other.example.com\r\n",
            "warning",
            "MX",
            6,
            "MX is not mx: names of fields are case-sensitive",
            "Write it in lower case",
        ),
        (
            changed(b"*.example.net", b"localhost"),
            "warning",
            "mx",
            4,
            "'localhost' is a single label, which no MX host has for a name",
            "Write the whole name, as in mx1.example.com",
        ),
    ],
)
def test_what_is_valid_and_yet_unwise(data, severity, field, line, rule, remedy):
    (found,) = parse(data, "example.com").findings
    section = DURATION if "protect little" in rule else POLICY
    assert found == Finding(severity, "example.com", field, rule, section, remedy, line)
    assert parse(data).policy is not None
    assert parse(data).policy.mode == "enforce"


@pytest.mark.parametrize(
    ("data", "field", "line", "rule", "remedy"),
    [
        (b"", "policy", None, "the file is empty", "Write version, mode, mx and max_age into it"),
        (b"\r\n\r\n", "policy", None, "the file is empty", "Write version, mode, mx and max_age into it"),
        (b"\xef\xbb\xbf" + GOOD, "policy", 1, "the file begins with a byte order mark", "Save the file without BOM"),
        (changed(b"mode", b"\r\nmode"), "policy", 2, "the line is blank", "Remove it"),
        (GOOD + b"\r\n", "policy", 6, "the line is blank", "Remove it"),
        (GOOD + b" \t", "policy", 6, "the line is blank", "Remove it"),
        (
            changed(b"mode", b" mode"),
            "policy",
            2,
            "the line begins with white space",
            "Begin the line with the field's name",
        ),
        (
            changed(b"mode:", b"mode :"),
            "policy",
            2,
            "there is white space between 'mode' and the colon",
            "Put the colon right after the name",
        ),
        (
            changed(b"mode", b"# a comment\r\nmode"),
            "policy",
            2,
            "'# a comment' is not a field: it has no colon",
            "Write name: value, and no comments",
        ),
        (
            changed(b"mode", b"# a: comment\r\nmode"),
            "policy",
            2,
            "'# a' is not a field name",
            "Use 1 to 32 letters, digits, and inner _ - .",
        ),
        (
            GOOD + b"a" * 33 + b": b\r\n",
            "policy",
            6,
            "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not a field name",
            "Use 1 to 32 letters, digits, and inner _ - .",
        ),
        (GOOD + b"note:\r\n", "note", 6, "the value is empty", "Give it a value, or remove the line"),
        (GOOD + b"note: a\tb\r\n", "note", 6, "the value contains a tab", "Write a space instead"),
        (
            GOOD + b"note: a\x00b\r\n",
            "policy",
            6,
            "the line contains the control character '\\x00'",
            "End lines with CRLF, and write printable characters only",
        ),
        (
            GOOD + b"note: a\x7fb\r\n",
            "policy",
            6,
            "the line contains the control character '\\x7f'",
            "End lines with CRLF, and write printable characters only",
        ),
        (
            GOOD + b"note: a\rb\r\n",
            "policy",
            6,
            "the line contains the control character '\\r'",
            "End lines with CRLF, and write printable characters only",
        ),
        (GOOD + b"note: \xff\r\n", "policy", 6, "the bytes are not UTF-8", "Save the file as plain ASCII"),
        (
            changed(b"version: STSv1\r\n", b""),
            "version",
            None,
            "the field is missing",
            "Begin the policy with version: STSv1",
        ),
        (changed(b"STSv1", b"STSv2"), "version", 1, "'STSv2' is not STSv1", "Write version: STSv1"),
        (changed(b"STSv1", b"stsv1"), "version", 1, "'stsv1' is not STSv1", "Write version: STSv1"),
        (
            changed(b"mode: enforce\r\n", b""),
            "mode",
            None,
            "the field is missing",
            "Write mode: testing, enforce or none",
        ),
        (
            changed(b"enforce", b"Enforce"),
            "mode",
            2,
            "'Enforce' is not one of testing, enforce, none",
            "Write one of them, in lower case",
        ),
        (
            changed(b"enforce", b"report"),
            "mode",
            2,
            "'report' is not one of testing, enforce, none",
            "Write one of them, in lower case",
        ),
        (
            changed(b"enforce", b""),
            "mode",
            2,
            "'' is not one of testing, enforce, none",
            "Write one of them, in lower case",
        ),
        (
            changed(b"max_age: 2419200\r\n", b""),
            "max_age",
            None,
            "the field is missing",
            "Write max_age: and the seconds senders may keep the policy",
        ),
        (
            changed(b"2419200", b"4w"),
            "max_age",
            5,
            "'4w' is not a number of 1 to 10 digits",
            "Write seconds, digits only",
        ),
        (
            changed(b"2419200", b"-1"),
            "max_age",
            5,
            "'-1' is not a number of 1 to 10 digits",
            "Write seconds, digits only",
        ),
        (
            changed(b"2419200", b"2419200.0"),
            "max_age",
            5,
            "'2419200.0' is not a number of 1 to 10 digits",
            "Write seconds, digits only",
        ),
        (
            changed(b"2419200", b"1" * 11),
            "max_age",
            5,
            "'11111111111' is not a number of 1 to 10 digits",
            "Write seconds, digits only",
        ),
        (
            changed(b"2419200", "\u0661".encode()),
            "max_age",
            5,
            "'\u0661' is not a number of 1 to 10 digits",
            "Write seconds, digits only",
        ),
        (
            changed(b"2419200", b"31557601"),
            "max_age",
            5,
            "31557601 is more than 31557600 seconds",
            "Write 31557600 (one year) or less",
        ),
        (changed(b"mail.example.com", b""), "mx", 3, "the value is empty", "Write the name of an MX host"),
        (
            changed(b"mail.example.com", b"mail.example.com."),
            "mx",
            3,
            "'mail.example.com.' ends in a dot",
            "Write it without the dot",
        ),
        (
            changed(b"mail.example.com", b"192.0.2.1"),
            "mx",
            3,
            "'192.0.2.1' is an address, not a name",
            "Write the host's name",
        ),
        (
            changed(b"mail.example.com", b"[192.0.2.1]"),
            "mx",
            3,
            "'[192.0.2.1]' is an address, not a name",
            "Write the host's name",
        ),
        (
            changed(b"mail.example.com", b"2001:db8::1"),
            "mx",
            3,
            "'2001:db8::1' is an address, not a name",
            "Write the host's name",
        ),
        (
            changed(b"mail.example.com", b"mx_1.example.com"),
            "mx",
            3,
            "'mx_1.example.com' has the label 'mx_1', which is not made of letters, digits and inner hyphens",
            "Write a host name, as in mx1.example.com",
        ),
        (
            changed(b"mail.example.com", b"*"),
            "mx",
            3,
            "'*' would stand for every host",
            "Write *.example.com, or every name in full",
        ),
        (
            changed(b"mail.example.com", b".example.com"),
            "mx",
            3,
            "'.example.com' begins with a dot",
            "Write *.example.com for one label before it",
        ),
        (
            changed(b"mail.example.com", b"mx.*.example"),
            "mx",
            3,
            "'mx.*.example' has a wildcard elsewhere than as the whole left-most label",
            "Write *.example.com, or every name in full",
        ),
        (
            changed(b"mail.example.com", b"tls@example.com"),
            "mx",
            3,
            "'tls@example.com' is a mail address",
            "Write the domain alone",
        ),
        (
            changed(b"mail.example.com", b"a.example, b.example"),
            "mx",
            3,
            "'a.example, b.example' holds several values",
            "Write one mx: line for each",
        ),
        (
            changed(b"mail.example.com", b"a.example b.example"),
            "mx",
            3,
            "'a.example b.example' holds several values",
            "Write one mx: line for each",
        ),
        (
            changed(b"mail.example.com", "b\u00fccher.example".encode()),
            "mx",
            3,
            "'b\xfccher.example' is a U-label",
            "Write the A-label (xn--...)",
        ),
    ],
)
def test_one_mistake_is_one_error_with_its_line_rule_and_remedy(data, field, line, rule, remedy):
    (found,) = errors(parse(data, "example.com").findings)
    assert found == error("example.com", field, rule, POLICY, remedy, line)
    assert parse(data).policy is None


def test_a_policy_may_be_as_large_as_senders_read():
    note = b"x: " + b"y" * (SIZE_LIMIT - len(GOOD) - 3)
    assert parse(GOOD + note).policy == Policy(READ.mode, READ.max_age, READ.mx, (("x", note[3:].decode()),))
    reading = parse(GOOD + note + b"y", "example.com")
    assert (reading.policy, reading.lenient) == (None, None)
    assert [str(finding) for finding in reading.findings] == [
        "example.com: policy: the policy has 65537 bytes, more than 65536 that senders need to read "
        "(RFC 8461, section 3.3). Remedy: Shorten it: wildcards can stand for many MX hosts."
    ]


@pytest.mark.parametrize(
    ("data", "quoted"),
    [
        (GOOD + b"a" * 40, f"'{'a' * 40}' is not a field: it has no colon"),
        (GOOD + b"a" * 41, f"'{'a' * 40}' is not a field: it has no colon"),
        (GOOD + b"a" * 41 + b": b", f"'{'a' * 40}' is not a field name"),
        (changed(b"2419200", b"1" * 41), f"'{'1' * 40}' is not a number of 1 to 10 digits"),
        (changed(b"mail.example.com", b"a," + b"b" * 59), f"'a,{'b' * 58}' holds several values"),
        (changed(b"mail.example.com", ("\u00fc" * 61).encode()), "'" + "\u00fc" * 60 + "' is a U-label"),
    ],
)
def test_what_is_long_is_quoted_by_its_beginning(data, quoted):
    (found,) = errors(parse(data).findings)
    assert found.rule == quoted


@pytest.mark.parametrize(
    ("mode", "max_age", "remedy"),
    [
        ("testing", 86399, "Write 86400 or more"),
        ("testing", 86400, None),
        ("enforce", 1209599, "Write 1209600 or more"),
        ("enforce", 1209600, None),
        ("none", 0, None),
    ],
)
def test_how_long_a_policy_should_be_kept_at_least_follows_its_mode(mode, max_age, remedy):
    findings = parse(render(Policy(mode, max_age, ("mx.example.com",))), "example.com").findings
    rule = f"{max_age} seconds protect little in mode {mode}: an attacker only has to wait"
    assert [(found.severity, found.line, found.rule, found.remedy) for found in findings] == (
        [("warning", 4, rule, remedy)] if remedy else []
    )


@pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\u2028"])
def test_only_spaces_and_tabs_are_white_space(space):
    """RFC 8461, section 3.2, has WSP of RFC 5234, section B.1."""
    rules = {
        space: f"{space!r} is not a field: it has no colon",
        f"{space}x: y": f"{space + 'x'!r} is not a field name",
        f"x{space}: y": f"{'x' + space!r} is not a field name",
    }
    for line, rule in rules.items():
        (found,) = parse(GOOD + line.encode(), "example.com").findings
        assert (found.line, found.rule) == (6, rule)
    assert parse(GOOD + f"x:{space}y{space}".encode()).policy.extensions == (("x", f"{space}y{space}"),)


def test_of_what_stands_three_times_each_line_but_the_first_is_told():
    rules = [(line, rule) for _severity, _field, line, rule in said(GOOD + b"mode: none\r\nx: 1\r\nmode: none\r\n")]
    assert rules == [(line, "mode stands a second time; senders take the one in line 2") for line in (6, 8)]


def test_fields_without_order_are_told_where_the_version_stands():
    (found,) = parse(b"mode: enforce\r\nmax_age: 2419200\r\nmx: mx.example.com\r\nversion: STSv1").findings
    assert (found.line, found.remedy) == (4, "Move it up")


def test_a_byte_order_mark_is_one_at_the_beginning_alone():
    data = changed(b"mode", b"\xef\xbb\xbfmode")
    (found,) = parse(data).findings
    assert (found.line, found.rule) == (2, "'\\ufeffmode' is not a field name")
    assert found.remedy == "Use 1 to 32 letters, digits, and inner _ - ."


def test_a_domain_need_not_be_named():
    found = [str(finding) for data in (b"", GOOD + b"x" * SIZE_LIMIT, GOOD + b"a:") for finding in parse(data).findings]
    assert [sentence.partition(":")[0] for sentence in found] == ["policy", "policy", "a"]


def test_a_finding_is_a_sentence_with_section_and_remedy():
    (found,) = parse(changed(b"mail.example.com", b"mail.example.com."), "example.com").findings
    assert str(found) == (
        "example.com: mx: line 3: 'mail.example.com.' ends in a dot (RFC 8461, section 3.2). "
        "Remedy: Write it without the dot."
    )


def test_all_mistakes_are_reported_at_once_in_the_order_of_lines():
    data = b"version: 1\r\n\r\nmode : test\r\nmx: \xff\r\nMax_age: 1d\r\n"
    assert [(line, field) for _unused, field, line, _unused in said(data)] == [
        (1, "version"),
        (2, "policy"),
        (3, "policy"),
        (3, "mode"),
        (4, "policy"),
        (4, "mx"),
        (None, "max_age"),
    ]


def test_a_field_in_the_wrong_case_is_named_where_the_right_one_is_missing():
    (missing,) = said(changed(b"mode", b"Mode"))
    assert missing == ("error", "mode", None, "the field is missing; Mode in line 2 is a different field")


@pytest.mark.parametrize(
    ("field", "near"),
    [
        ("version", ["Version", "versoin", "vers1on", "ver-sion", "v"]),
        ("mode", ["Mode", "MODE", "modes", "mod", "m0de"]),
        ("mx", ["MX", "Mx", "nmx", "mx1", "mxs", "mx-"]),
        ("max_age", ["max-age", "maxage", "MaxAge", "max.age", "max_aeg", "Max_Age", "max_ages"]),
    ],
)
def test_a_near_miss_is_told_once_with_what_was_probably_meant(field, near):
    alone = GOOD.replace(b"mx: *.example.net\r\n", b"")
    for name in near:
        data = alone.replace(f"{field}:".encode(), f"{name}:".encode())
        line = {"version": 1, "mode": 2, "mx": 3, "max_age": 4}[field]
        (missing,) = parse(data).findings
        assert (missing.severity, missing.field) == ("error", field)
        assert missing.rule == f"the field is missing; {name} in line {line} is a different field"
        assert missing.remedy == f"Write {field} there, exactly so"
        (beside,) = parse(alone + f"{name}: x\r\n".encode()).findings
        assert (beside.severity, beside.field, beside.line) == ("warning", name, 5)
        assert field in beside.remedy or "lower case" in beside.remedy


@pytest.mark.parametrize(
    "name", ["note", "x-mode-note", "description", "comment", "policy", "a", "id", "map", "nox", "x"]
)
def test_what_is_near_no_field_is_left_alone(name):
    assert said(GOOD + f"{name}: x\r\n".encode()) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "remedy"),
    [
        ("version:", "version;:", "'version;' is not a field name", "Did you mean version? Write version:"),
        ("mode: enforce", "mode enforce", "'mode enforce' is not a field: it has no colon", "Write mode: enforce"),
        ("mode: enforce", "mode = enforce", "'mode = enforce' is not a field: it has no colon", "Write mode: enforce"),
        ("max_age: 2419200", "max age: 2419200", "'max age' is not a field name", "Use 1 to 32 letters, digits"),
        (
            "mode: enforce",
            "mode\uff1a enforce",
            "'mode\uff1a enforce' is not a field: it has no colon",
            "Write mode: enforce",
        ),
    ],
)
def test_a_misspelt_line_is_no_missing_field_as_well(old, new, rule, remedy):
    found = parse(changed(old.encode(), new.encode())).findings
    assert (found[0].rule, found[0].remedy[: len(remedy)]) == (rule, remedy)
    assert [finding.field for finding in found[1:]] == (["max_age"] if "max age" in new else [])


def test_mx_is_needed_unless_the_mode_is_none():
    data = b"version: STSv1\r\nmode: testing\r\nmax_age: 86400\r\n"
    assert said(data) == [("error", "mx", None, "the field is missing")]


@pytest.mark.parametrize(
    ("data", "lenient"),
    [
        (b"\xef\xbb\xbf" + GOOD, READ),
        (GOOD.replace(b"\r\n", b"\r\n\r\n"), READ),
        (GOOD.replace(b"\r\n", b"\r"), READ),
        (changed(b"mode:", b" mode :"), READ),
        (changed(b"mode", b"# comment\r\nmode"), READ),
        (
            changed(b"mail.example.com", b"mail_1.example.com"),
            Policy("enforce", 2419200, ("mail_1.example.com", "*.example.net")),
        ),
        (GOOD + b"mode: none\r\n", READ),
        (changed(b"enforce", b"Enforce"), None),
        (changed(b"version: STSv1\r\n", b""), None),
        (changed(b"2419200", b"31557601"), None),
        (changed(b"2419200", b"4w"), None),
        (b"version: STSv1\nmode: testing\nmax_age: 86400\n", None),
        (b"<html>", None),
        (b"\xef\xbb\xbf" + GOOD + b"mode: none\r\nmx:\r\nmax_age: 1\r\n", READ),
        (b"\xef\xbb\xbf" + changed(b"2419200", b"31557600"), Policy("enforce", 31557600, READ.mx)),
        (b"\xef\xbb\xbfversion: STSv1\nmode: none\nmax_age: 86400\n", Policy("none", 86400)),
        (b"\xef\xbb\xbf" + changed(b"max_age: 2419200\r\n", b""), None),
        (b"\xef\xbb\xbf" + changed(b"mode: enforce\r\n", b""), None),
        (changed(b"STSv1", b"STSv2"), None),
    ],
)
def test_what_forgiving_senders_would_make_of_it(data, lenient):
    assert parse(data).lenient == lenient


def test_rendering_is_crlf_with_version_first():
    policy = Policy("testing", 86400, ("mx1.example.com", "*.example.net"), (("note", "hello"),))
    assert render(policy).split(b"\r\n") == [
        b"version: STSv1",
        b"mode: testing",
        b"mx: mx1.example.com",
        b"mx: *.example.net",
        b"max_age: 86400",
        b"note: hello",
        b"",
    ]


label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
name = st.builds(
    lambda labels, top: ".".join([*labels, top]),
    st.lists(label, min_size=1, max_size=3),
    st.sampled_from(["example", "test"]),
)
pattern = st.builds(lambda star, host: star + host, st.sampled_from(["", "*."]), name)
visible = st.characters(min_codepoint=0x21, exclude_categories=["Cs"], exclude_characters="\x7f")
extension = st.tuples(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", fullmatch=True).filter(
        lambda field: field not in {"version", "mode", "max_age", "mx"}
    ),
    st.text(visible | st.just(" "), min_size=1)
    .map(str.strip)
    .filter(lambda value: value.strip(" \t") != "" and "\x7f" not in value),
)
policies = st.builds(
    Policy,
    mode=st.sampled_from(MODES),
    max_age=st.integers(0, MAX_AGE_LIMIT),
    mx=st.lists(pattern, min_size=1, max_size=5).map(tuple),
    extensions=st.lists(extension, max_size=3, unique_by=lambda field: field[0]).map(tuple),
)


@given(policies)
def test_render_then_parse_is_the_identity(policy):
    reading = parse(render(policy))
    assert errors(reading.findings) == []
    assert reading.policy == policy


WORDS = (
    b"version mode max_age mx : STSv1 testing 86400 *. mx.example \xff \x00 \xef\xbb\xbf , @ xn-- \xc3\xbc .".split()
)
near_policies = st.lists(
    st.sampled_from([*WORDS, b": ", b" ", b"\t", b"\r", b"\n", b"\r\n"]),
    max_size=40,
).map(b"".join)


@st.composite
def mutated_policies(draw):
    """Return a valid policy with some of its bytes replaced, inserted or taken out."""
    data = render(draw(policies))
    for _unused in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 9)) :]
    return data


@given(st.binary(max_size=2000) | near_policies | mutated_policies())
def test_no_bytes_make_it_raise(data):
    reading = parse(data, "example.com")
    assert (reading.policy is None) == bool(errors(reading.findings))
    assert all(found.rule and found.section and found.remedy for found in reading.findings)
    assert {found.severity for found in reading.findings} <= {"error", "warning", "info"}
    assert {found.domain for found in reading.findings} <= {"example.com"}
    if reading.policy:
        assert parse(render(reading.policy)).policy == reading.policy


WORST = [
    b"\n",
    b"a:b\n",
    b"mx:a\n",
    b":",
    b" ",
    b"mx:" + b"a." * 100 + b"\n",
    b"\xff",
    b"\xc3\xbc",
    b"mode: \t",
    b"\r",
    b"*",
    b"az",
]


@pytest.mark.parametrize("piece", WORST, ids=repr)
def test_the_largest_policy_is_read_in_linear_time(piece):
    def duration(size):
        data = (piece * (size // len(piece) + 1))[:size]
        start = time.process_time()
        parse(b"x: " + data[3:])
        return time.process_time() - start

    assert duration(SIZE_LIMIT) < 16 * duration(SIZE_LIMIT // 8) + 0.5
