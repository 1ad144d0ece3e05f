# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module policy_info as Ansible runs it: a policy as text, in a file, behind a URL."""

from __future__ import annotations

import json

import pytest
from helpers.module_process import run_module
from servers.https_server import Answer, serve

GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 2419200\r\nx-a: b c\r\n"
FIELDS = {
    "mode": "enforce",
    "max_age": 2419200,
    "mx": ["mx1.example.com", "*.example.net"],
    "extensions": [{"name": "x-a", "value": "b c"}],
}
BAD = "version: STSv1\nmode: Enforce\nmx: mx1.example.com.\nmax_age: 86400\n"
BAD_PROBLEMS = [
    "example.com: mode: line 2: 'Enforce' is not one of testing, enforce, none (RFC 8461, section 3.2). "
    "Remedy: Write one of them, in lower case.",
    "example.com: mx: line 3: 'mx1.example.com.' ends in a dot (RFC 8461, section 3.2). "
    "Remedy: Write it without the dot.",
]
# What senders forgive: a blank line.
SLOPPY = "version: STSv1\n\nmode: none\nmax_age: 86400\n"


def url(port, path="/.well-known/mta-sts.txt"):
    return f"https://localhost:{port}{path}"


def test_a_valid_policy_is_read_from_text():
    result = run_module("policy_info", text=GOOD)
    assert (result["valid"], result["changed"], result["problems"], result["findings"]) == (True, False, [], [])
    assert (result["policy"], result["lenient"]) == (FIELDS, FIELDS)
    assert result["policy_id"] == "f2f1d8e74f4b5be2"


def test_a_file_gives_the_same_as_text(tmp_path):
    path = tmp_path / "mta-sts.txt"
    path.write_bytes(GOOD.encode())
    from_file, from_text = run_module("policy_info", path=str(path)), run_module("policy_info", text=GOOD)
    assert {**from_file, "invocation": None} == {**from_text, "invocation": None}


def test_a_url_gives_the_same_as_text(ca, ca_path):
    with serve(Answer(body=GOOD.encode()), ca.issue_cert("localhost")) as port:
        from_url = run_module("policy_info", allow_private=True, url=url(port), ca_path=ca_path)
    assert {**from_url, "invocation": None} == {**run_module("policy_info", text=GOOD), "invocation": None}


def test_an_invalid_policy_is_a_result():
    result = run_module("policy_info", text=BAD, domain="example.com")
    assert "failed" not in result
    assert (result["valid"], result["policy"], result["problems"]) == (False, None, BAD_PROBLEMS)
    assert [(finding["line"], finding["field"]) for finding in result["findings"]] == [(2, "mode"), (3, "mx")]


def test_strict_makes_an_invalid_policy_a_failure_that_returns_all_the_same():
    result = run_module("policy_info", text=BAD, domain="example.com", strict=True)
    assert result["failed"]
    assert result["msg"] == "\n".join(BAD_PROBLEMS)
    assert result["problems"] == BAD_PROBLEMS
    assert not result["valid"]


def test_strict_lets_a_valid_policy_pass():
    assert "failed" not in run_module("policy_info", text=GOOD, strict=True)


def test_what_senders_forgive_is_told():
    result = run_module("policy_info", text=SLOPPY)
    assert (result["valid"], result["policy"]) == (False, None)
    assert result["lenient"] == {"mode": "none", "max_age": 86400, "mx": [], "extensions": []}


def test_check_mode_reads_as_well():
    result = run_module("policy_info", text=GOOD, check=True)
    assert (result["valid"], result["changed"]) == (True, False)


def test_a_domain_may_be_a_u_label():
    result = run_module("policy_info", text=BAD, domain="b\u00fccher.example")
    assert result["findings"][0]["domain"] == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("answer", "problem", "policy"),
    [
        (
            Answer(404, body=b"no"),
            "policy host: localhost answers with HTTP status 404; senders accept only 200 and follow no redirect "
            "(RFC 8461, section 3.3). Remedy: Serve the policy itself at this address, at exactly "
            "/.well-known/mta-sts.txt.",
            None,
        ),
        (
            Answer(301, {"Location": "https://www.example.com/"}),
            "policy host: localhost answers with HTTP status 301; senders accept only 200 and follow no redirect "
            "(RFC 8461, section 3.3). Remedy: Serve the policy itself at this address, at exactly "
            "/.well-known/mta-sts.txt.",
            None,
        ),
        (
            Answer(200, {"Content-Type": "text/html; charset=utf-8"}, GOOD.encode()),
            "policy host: localhost serves the policy with the media type 'text/html' "
            "instead of text/plain (RFC 8461, section 3.2). "
            "Remedy: Send Content-Type: text/plain.",
            FIELDS,
        ),
    ],
)
def test_what_comes_the_wrong_way_is_invalid(ca, ca_path, answer, problem, policy):
    with serve(answer, ca.issue_cert("localhost")) as port:
        result = run_module("policy_info", allow_private=True, url=url(port), ca_path=ca_path)
    assert "failed" not in result
    assert (result["valid"], result["policy"], result["problems"]) == (False, policy, [problem])


def test_the_way_and_the_policy_are_judged_both(ca, ca_path):
    with serve(Answer(200, {}, BAD.encode()), ca.issue_cert("localhost")) as port:
        result = run_module("policy_info", allow_private=True, url=url(port), ca_path=ca_path, domain="example.com")
    assert result["problems"][0].startswith("example.com: policy host: localhost serves the policy with no media type")
    assert result["problems"][1:] == BAD_PROBLEMS


def test_an_untrusted_certificate_is_a_finding(ca):
    with serve(Answer(body=GOOD.encode()), ca.issue_cert("localhost")) as port:
        result = run_module("policy_info", allow_private=True, url=url(port))
    assert (result["valid"], result["policy"], result["policy_id"]) == (False, None, None)
    assert f"the certificate at localhost port {port} for localhost" in result["problems"][0]


def test_the_domain_is_taken_from_the_url():
    result = run_module("policy_info", url="https://mta-sts.nothing.invalid/.well-known/mta-sts.txt")
    assert [finding["domain"] for finding in result["findings"]] == ["nothing.invalid"]
    assert result["problems"][0].startswith(
        "nothing.invalid: policy host: mta-sts.nothing.invalid cannot be resolved: "
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of the following is required: text, path, url"),
        ({"text": "a", "path": "b"}, "parameters are mutually exclusive: text|path|url"),
        (
            {"text": GOOD, "domain": "example"},
            "domain: 'example' is a single label, not a domain. Remedy: Write the whole name, as in example.com.",
        ),
        (
            {"path": "/nothing/here"},
            "path: there is no file /nothing/here. Remedy: Name a file of the machine the module runs on.",
        ),
        ({"path": "/"}, "path: / cannot be read: Is a directory. Remedy: Name a file that the module may read."),
        (
            {"url": "http://mta-sts.example.com/"},
            "url: 'http://mta-sts.example.com/' is not an https: URL of a host (RFC 8461, section 3.3). "
            "Remedy: Write https://host/path, as in https://mta-sts.example.com/.well-known/mta-sts.txt.",
        ),
        (
            {"url": "https://mta-sts.example.com:port/"},
            "url: 'https://mta-sts.example.com:port/' is not a URL: ",
        ),
        ({"url": "https://192.0.2.1/"}, "url: 'https://192.0.2.1/': '192.0.2.1' is an address, not a name. "),
        (
            {"url": "https://example.com/a b"},
            "url: 'https://example.com/a b' contains characters that no URL may have. Remedy: Percent-encode them.",
        ),
    ],
)
def test_an_option_that_cannot_be_used_is_a_failure(options, message):
    result = run_module("policy_info", **options)
    assert result["failed"]
    assert result["msg"].startswith(message)


def test_of_thousands_of_bad_lines_the_first_are_told_and_the_others_counted():
    result = run_module("policy_info", text=GOOD + "x\n" * 30000, domain="example.com")
    of_lines = [finding for finding in result["findings"] if finding["line"] is not None]
    first = GOOD.count("\n") + 1
    assert [finding["line"] for finding in of_lines] == list(range(first, first + 10))
    assert any("and 29,990 more of this kind" in problem for problem in result["problems"])
    result.pop("invocation", None)  # before ansible-core 2.20 it has the text once more
    assert len(json.dumps(result)) < 20_000


def test_of_a_policy_of_thousands_of_patterns_the_first_are_shown():
    lines = "".join(f"mx: a{number}.test\n" for number in range(3500))
    result = run_module("policy_info", text=f"version: STSv1\nmode: enforce\nmax_age: 2419200\n{lines}")
    assert result["policy"]["mx"] == [f"a{number}.test" for number in range(100)]
    assert result["valid"]


def test_a_url_that_leads_inward_is_not_fetched(ca, ca_path):
    answer = Answer(body=GOOD.encode())
    with serve(answer, ca.issue_cert("localhost")) as port:
        result = run_module("policy_info", url=url(port), ca_path=ca_path)
    assert (result["valid"], result["policy_id"], answer.requests) == (False, None, [])
    assert "localhost resolves to " in result["problems"][0]
    assert "option allow_private" in result["problems"][0]
