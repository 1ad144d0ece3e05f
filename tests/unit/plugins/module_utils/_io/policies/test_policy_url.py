# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy from a URL: what is a URL of a policy, and what is wrong with the way it came."""

from __future__ import annotations

import pytest
import trustme
from servers.https_server import Answer, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies import policy_url
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.policy_url import (
    InvalidURL,
    PolicyURL,
    read_url,
)

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
PATH = "/.well-known/mta-sts.txt"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"https://mta-sts.example.com{PATH}", PolicyURL("mta-sts.example.com", 443, PATH, "example.com")),
        (f"https://MTA-STS.Example.COM{PATH}", PolicyURL("mta-sts.example.com", 443, PATH, "example.com")),
        ("https://mta-sts.example.com:8443", PolicyURL("mta-sts.example.com", 8443, "/", "example.com")),
        ("https://www.example.com/a?b=c#d", PolicyURL("www.example.com", 443, "/a?b=c", "")),
        ("https://mta-sts.b\u00fccher.test/", PolicyURL("mta-sts.xn--bcher-kva.test", 443, "/", "xn--bcher-kva.test")),
        ("https://localhost/", PolicyURL("localhost", 443, "/", "")),
    ],
)
def test_a_url_is_taken_apart(text, url):
    assert read_url(text) == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "http://mta-sts.example.com/",
            "is not an https: URL of a host (RFC 8461, section 3.3). Remedy: Write https://",
        ),
        ("https:///path", "is not an https: URL of a host"),
        ("https://user@example.com/", "is not an https: URL of a host"),
        ("mta-sts.example.com", "is not an https: URL of a host"),
        ("https://example.com:port/", "is not a URL: "),
        ("https://[::1/", "is not a URL: "),
        ("https://192.0.2.1/", "is an address, not a name"),
        ("https://example.com/a b", "contains characters that no URL may have. Remedy: Percent-encode them."),
        ("https://example.com/\u00fc", "contains characters that no URL may have"),
    ],
)
def test_what_is_no_url_of_a_policy_is_refused_with_its_remedy(text, words):
    with pytest.raises(InvalidURL) as raised:
        read_url(text)
    assert words in str(raised.value)
    assert "Remedy: " in str(raised.value)


@pytest.fixture
def fetch(tmp_path):
    """Return a function that fetches a policy from a host that gives this answer."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "root.pem")

    def fetch(answer, *, ca_path=str(tmp_path / "root.pem"), allow_private=True):
        with serve(answer, authority.issue_cert("localhost")) as port:
            url = PolicyURL("localhost", port, PATH, "")
            fetched = policy_url.fetch_policy(url, "example.com", ca_path, 5, allow_private)
        return fetched.data, [str(finding) for finding in fetched.findings]

    return fetch


def test_a_policy_that_comes_as_it_should(fetch):
    assert fetch(Answer(body=POLICY)) == (POLICY, [])


@pytest.mark.parametrize(
    ("answer", "data", "words"),
    [
        (Answer(404, body=b"no"), None, "localhost answers with HTTP status 404; senders accept only 200"),
        (
            Answer(301, {"Location": "https://a.test/"}),
            None,
            "localhost answers with HTTP status 301; senders accept only 200",
        ),
        (
            Answer(200, {"Content-Type": "text/html"}, POLICY),
            POLICY,
            "localhost serves the policy with the media type 'text/html'",
        ),
    ],
)
def test_what_is_wrong_with_the_way_is_found_and_the_policy_kept_if_there_is_one(fetch, answer, data, words):
    policy, (sentence,) = fetch(answer)
    assert policy == data
    assert sentence.startswith(f"example.com: policy host: {words}")


def test_a_host_that_nobody_trusts_gives_a_finding_and_no_policy(fetch):
    policy, (sentence,) = fetch(Answer(body=POLICY), ca_path=None)
    assert policy is None
    assert sentence.startswith("example.com: policy host: the certificate at localhost port ")


def test_a_host_inside_is_left_alone_unless_that_is_allowed(fetch):
    answer = Answer(body=POLICY)
    policy, (sentence,) = fetch(answer, allow_private=False)
    assert (policy, answer.requests) == (None, [])
    assert sentence.startswith("example.com: policy host: localhost resolves to ")
