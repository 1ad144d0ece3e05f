# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever value a remedy contains, our own readers take it: nobody is sent from one mistake to the next."""

from __future__ import annotations

import re

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.dns import judge_sts
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.mx import (
    judge_coverage,
    judge_records,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.reports import judge_tls_rpt
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Evidence, MxHost
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.delegation import questions, with_delegation
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import (
    read_sts,
    read_tls_rpt,
    rua_problem,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import judge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import KEYS, MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Intent, with_mx
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.mx import check_pattern
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import InvalidName, check_host
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import (
    FIELDS,
    Policy,
    parse,
    render,
)

# Names that stand in MX records: right ones, and all that people and generators write there.
HOSTS = [
    "mx1.example.com",
    "MX1.Example.COM",
    "example.com",
    "mx_1.example.com",
    "_mx.example.com",
    "mx_1.com",
    "a.b_c.example.com",
    "192.0.2.1",
    "[192.0.2.1]",
    "2001:db8::1",
    "1.2.3",
    "localhost",
    "mail",
    "*.example.com",
    "*",
    "mx.*.example.com",
    "mx1.example.com.",
    ".example.com",
    "b\u00fccher.example",
    "xn--bcher-kva.example",
    "b\\195\\188cher.example",
    "mta-sts.example.com",
    "-mx.example.com",
    "mx-.example.com",
    "a" * 64 + ".example.com",
    ".".join(["a" * 60] * 5),
    "mx 1.example.com",
    "mx1.example.com,mx2.example.com",
    "postmaster@example.com",
    "mx1..example.com",
    "..",
    ".com",
    ".",
]
URIS = [
    "tls@example.com",
    "mailto:tls@example.com!10m",
    "mailto:tls@example.com!",
    "https://r.example/x!1k",
    "mailto:a!b@example.com",
    "mailto:a,b@example.com",
    "mailto:a@x.example,mailto:b@y.example",
    "mailto:a@x.example;mailto:b@y.example",
    "a@b@c.example",
    "mailto://a@example.com",
    "mailto: a@example.com",
    "<a@example.com>",
    '"mailto:a@example.com"',
    "mailto:<a@example.com>",
    "mailto:a@example.com.",
    "mailto:a b@example.com",
    "mailto:\u00fc@example.com",
    "mailto:a@b\u00fccher.example",
    "a@localhost",
    "mailto:a%@example.com",
    "mailto:a@ex!ample.com",
    "http://r.example/",
    "https:r.example",
    "https:///p",
    "ftp://x.example/",
    "mailto:a@[192.0.2.1]",
    "mailto:a@b_c.example",
    "",
    " ",
    "@",
    "a@",
    "mailto:",
    "x@y z.example",
    "mailto:a@example.com?x=!5",
]
RECORDS = [
    "v=STSv2; id=a;",
    "v=STSv1 ; id=a",
    '"v=STSv1; id=a"',
    "v=STSv1\\; id=a",
    "v=STSv1, id=2026-01-01",
    "v=mta-sts; id=a_b",
    "id=a",
    "v=STSv1; id=2026-01-01",
    "v=STSv1; id=",
    "v=STSv1; id=-",
    f"v=STSv1; id={'a' * 40}",
    "v=STSv1;\u00a0id=a",
    "v=STSv1",
    "v=spf1 -all",
    "v=STSv2; id=\u00fc",
    "v=TLSRPT1; rua=mailto:a@example.com",
    "v=TLSRPTv1 rua=mailto:a@example.com!10m",
    "rua=mailto:a@localhost",
    '"v=TLSRPTv1; rua=mailto:a@example.com,https://r.example/"',
    "v=DMARC1; rua=mailto:a@example.com!10m,mailto:b@example.com",
    *(f"v=TLSRPTv1; rua={uri}" for uri in URIS),
]
LINES = [b"version: STSv1", b"mode: enforce", b"mx: mx1.example.com", b"max_age: 2419200"]
NEAR = [
    b"mode enforce",
    b"mode=enforce",
    b"mode = testing",
    b"Mode: enforce",
    b"max-age: 86400",
    b"maxage: 1",
    b"nmx: a.example",
    b"v: STSv1",
    b"version;: STSv1",
    b"max_age: 99999999",
    b"max_age: 60",
    b"max_age: 1d",
    b"mode: report",
    b"",
    b" mx: a.example",
    b"mx : a.example",
]


def policies():
    for host in HOSTS:
        yield b"\r\n".join([*LINES[:2], f"mx: {host}".encode(), LINES[3]])
    for near in NEAR:
        for place in range(len(LINES) + 1):
            yield b"\r\n".join([*LINES[:place], near, *LINES[place:]])
            yield b"\r\n".join([*LINES[:place], near, *LINES[place + 1 :]])


def lists():
    for host in HOSTS:
        yield [{"domain": host}]
        yield [host]
        yield [{"domain": "example.com", "mx": [host]}]
        yield [{"domain": "example.com", "delegated_to": host}]
    for uri in URIS:
        yield [{"domain": "example.com", "tls_rpt": uri}]
    for key, value in (
        ("modes", "x"),
        ("mode", "x"),
        ("max-age", 1),
        ("max_age", 0),
        ("max_age", "9w9"),
        ("max_age", 10**9),
    ):
        yield [{"domain": "example.com", key: value}]


def found_rrset(name, text):
    status, records = ("OK", ((text.encode(),),)) if text else ("NXDOMAIN", ())
    return Answer(name, "TXT", status, name, records)


def audits():
    for text in ["", *RECORDS]:
        evidence = Evidence(
            "example.com", found_rrset("_mta-sts.example.com", text), found_rrset("_smtp._tls.example.com", text),
            Answer("example.com", "MX", "OK", "example.com"), (),
        )  # fmt: skip
        yield from judge_sts(evidence, None)[1]
        yield from judge_tls_rpt(evidence, None)[1]
    for host in HOSTS:
        mx = MxHost(host.lower(), (Answer(host, "A", "OK", host, ("192.0.2.1",)), Answer(host, "AAAA", "NODATA", host)))
        nothing = Answer("_mta-sts.example.com", "TXT", "NODATA", "_mta-sts.example.com")
        records = Answer("example.com", "MX", "OK", "example.com", ((10, mx.name),))
        yield from judge_records(Evidence("example.com", nothing, nothing, records, (), mx_hosts=(mx,)), "error")
        for patterns in (["mx2.example.com"], ["*.example.com"], ["mta-sts.example.com"], ["*.example.net"]):
            yield from judge_coverage("example.com", patterns, [mx.name], "error")


def intents():
    for host in HOSTS:
        for mx in (None, ("mx9.example.com",)):
            intent = Intent(MailDomain("example.com", "enforce", mx, 86400, None, "present"))
            yield from with_mx(intent, Answer("example.com", "MX", "OK", "example.com", ((10, host.lower()),))).findings
    customer = Intent(
        MailDomain("c.example", "testing", (), 1, ("mailto:a@b.example",), "present", "c.provider.example")
    )
    answers = {question: Answer(*question, "NXDOMAIN", question[0]) for question in questions(customer.domain)}
    for name in ("_mta-sts.c.provider.example", "_smtp._tls.c.provider.example"):
        answers[name, "TXT"] = Answer(name, "TXT", "NXDOMAIN", name)
    yield from with_delegation(customer, answers, ["192.0.2.1"]).delegation


def remedies():
    findings = [finding for data in policies() for finding in parse(data, "example.com").findings]
    findings += [finding for raw in lists() for finding in read_domains(raw)[1]]
    for kind in ("mta_sts", "tls_rpt"):
        findings += [
            finding for text in RECORDS for finding in judge(kind, "example.com", found_rrset("x", text)).findings
        ]
    return sorted({finding.remedy for finding in [*findings, *audits(), *intents()]})


def takes_in_policy(pattern):
    return parse(render(Policy("enforce", 2419200, (pattern,)))).policy is not None


def takes_in_list(**entry):
    return read_domains([{"domain": "example.com", "mx": ["mx1.example.com"], **entry}])[1] == []


def takes_line(name, value):
    lines = [line for line in LINES if not line.startswith(name.encode())]
    return not value or any(
        parse(b"\r\n".join([*lines, f"{name}: {one}".encode()])).policy for one in re.split(r", | or ", value)
    )


def takes_host(name):
    try:
        return bool(check_host(name.lstrip("_").replace("._", ".")))
    except InvalidName:
        return False


def takes_pattern(pattern):
    try:
        return bool(check_pattern(pattern))
    except InvalidName:
        return False


# What values in remedies look like, and who takes them
READERS = {
    "mx in a policy": (r"\bmx: ([^\s,;:]+)", takes_in_policy),
    "mx in a list": (r"\bAdd (\S+) to mx\b", lambda pattern: takes_in_list(mx=[pattern])),
    "a pattern": (r"\bWrite (\*[^\s,]+)", takes_pattern),
    "an _mta-sts record": (
        r"(?:Write|write|Publish) (v=STSv1; id=\S+)",
        lambda text: read_sts([[text.encode()]]).findings == (),
    ),
    "a _smtp._tls record": (
        r"(?:Write|write|Publish) (v=TLSRPTv1; rua=[^\s]+)",
        lambda text: read_tls_rpt([[text.encode()]]).findings == (),
    ),
    "an id": (r"\bWrite id=([^\s:]+):", lambda text: read_sts([[f"v=STSv1; id={text};".encode()]]).findings == ()),
    "a report URI": (r"(?<!rua=)\b((?:mailto|https):[^\s,:]\S*?)(?=[\s:]|$)", lambda uri: rua_problem(uri) is None),
    "a report URI in a list": (
        r"(?<!rua=)\b((?:mailto|https):[^\s,:]\S*?)(?=[\s:]|$)",
        lambda uri: takes_in_list(tls_rpt=[uri]),
    ),
    "a line of a policy": (r"\bWrite (version|mode|mx|max_age): (?!and )([^:;]+)$", takes_line),
    "seconds": (
        r"\bWrite (\d+)\b",
        lambda text: takes_line("max_age", text) and takes_in_list(max_age=int(text)),
    ),
    "a duration": (r"\bWrite (\d+[a-z])\b", lambda text: takes_in_list(max_age=text)),
    "an entry": (r"\bWrite - domain: (\S+)", lambda name: read_domains([{"domain": name}])[1] == []),
    "a key or a field": (r"\bDid you mean ([a-z_]+)\?", lambda name: name in KEYS or name in FIELDS),
    "a CNAME": (r"publish: (\S+)\. CNAME (\S+)\.", lambda name, target: takes_host(name) and takes_host(target)),
}


@pytest.fixture(scope="module")
def all_remedies():
    return remedies()


@pytest.mark.parametrize("kind", READERS)
def test_what_a_remedy_advises_is_taken(all_remedies, kind):
    pattern, takes = READERS[kind]
    values = {groups for remedy in all_remedies for groups in re.findall(pattern, remedy)}
    refused = [value for value in values if not takes(*([value] if isinstance(value, str) else value))]
    assert values, "no remedy has such a value any more: see whether its words have changed"
    assert refused == []


@pytest.mark.parametrize("uri", URIS)
def test_percent_encoding_is_advised_only_where_it_helps(uri):
    problem = rua_problem(uri)
    escape = re.search("Write it as (%..)", problem[1]) if problem else None
    if escape:
        assert rua_problem(re.sub("[,!;]", escape[1], uri)) is None
