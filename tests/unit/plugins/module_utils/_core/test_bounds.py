# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The worst that a domain may publish takes less than a second of processor time, and is not talked about at length."""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import time

import dns.exception
import dns.message
import dns.name
import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.mx import judge_coverage
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    Evidence,
    HostVisit,
    LeftOut,
    MxHost,
    MxVisit,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.judge import JudgeOptions, judge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import read_sts, read_tls_rpt
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import judge as judge_published
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Intent, with_mx
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.mx import uncovered, unused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import parse
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.exchange import make_question, read_answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there, remove_tree

# It is a second at most on a machine of today; slow and busy ones may take longer.
ALLOWED = 3.0
LARGEST = 65536
LONG = ".".join(["m" * 55] * 4)
HEAD = b"version: STSv1\nmode: enforce\nmax_age: 2419200\n"


@contextlib.contextmanager
def within_a_second():
    began = time.process_time()
    yield
    assert time.process_time() - began < ALLOWED


def filled(lines, size=LARGEST, head=b""):
    """Return lines as many as fit."""
    data = head
    for line in lines:
        if len(data) + len(line) > size:
            break
        data += line
    return data


POLICIES = {
    "short bad lines": filled(b"x\n" for _unused in range(LARGEST)),
    "bad lines behind good ones": filled((b"x\n" for _unused in range(LARGEST)), head=HEAD + b"mx: mx.a.test\n"),
    "blank lines": b"\n" * LARGEST,
    "no text": b"\xff\n" * (LARGEST // 2),
    "fields without value": filled((b"a%d:\n" % number for number in range(LARGEST)), head=HEAD),
    "the same field": filled((b"mode: x\n" for _unused in range(LARGEST)), head=HEAD),
    "short patterns": filled((b"mx: a%d\n" % number for number in range(LARGEST)), head=HEAD),
    "long patterns": filled((b"mx: %s%05d.fleet.test\n" % (LONG.encode(), number) for number in range(999)), head=HEAD),
    "one line": b"x" * LARGEST,
    "spaces": b" " * LARGEST,
    "colons": b":" * LARGEST,
}
RRSETS = {
    "many records": tuple((b"v=STSv1; id=%d;" % number,) for number in range(4000)),
    "many others": ((b"v=STSv1; id=1;",), *((b"%d" % number,) for number in range(4000))),
    "many fields": ((b"v=STSv1; id=1;" + b"a=b;" * 16000,),),
    "many semicolons": ((b"v=STSv1; id=1" + b";" * 65000,),),
    "many spaces": ((b"v=STSv1" + b" " * 65000,),),
    "many strings": ((b"v=STSv1; id=1;", *(b"" for _unused in range(65000))),),
    "many URIs": ((b"v=TLSRPTv1; rua=" + b",".join(b"mailto:a@b%d.test" % number for number in range(3000)),),),
    "one URI": ((b"v=TLSRPTv1; rua=mailto:" + b"a" * 65000 + b"@b.test",),),
    "escapes": ((b"v=TLSRPTv1; rua=mailto:" + b"%41" * 20000 + b"!@b.test",),),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_read_in_a_second(name):
    with within_a_second():
        parse(POLICIES[name], "a.test")


@pytest.mark.parametrize("name", RRSETS)
def test_records_are_read_in_a_second_and_told_in_brief(name):
    found = Answer("_mta-sts.a.test", "TXT", "OK", "_mta-sts.a.test", RRSETS[name])
    for kind, read in (("mta_sts", read_sts), ("tls_rpt", read_tls_rpt)):
        with within_a_second():
            read(found.records, "a.test")
        with within_a_second():
            plain = judge_published(kind, "a.test", found).as_dict()
        assert len(plain["findings"]) <= 33
        assert len(json.dumps(plain)) < 150_000


@pytest.mark.parametrize(("count", "shown"), [(100, 100), (101, 100)])
def test_a_hundred_records_and_report_uris_are_shown(count, shown):
    records = Answer(
        "_mta-sts.a.test",
        "TXT",
        "OK",
        "_mta-sts.a.test",
        tuple((b"v=STSv1; id=%d;" % number,) for number in range(count)),
    )
    assert len(judge_published("mta_sts", "a.test", records).as_dict()["texts"]) == shown
    uris = b"v=TLSRPTv1; rua=" + b",".join(b"mailto:a@b%d.test" % number for number in range(count))
    reports = Answer("_smtp._tls.a.test", "TXT", "OK", "_smtp._tls.a.test", ((uris,),))
    assert len(judge_published("tls_rpt", "a.test", reports).as_dict()["rua"]) == shown


@pytest.mark.parametrize(("count", "shown"), [(4, 4), (5, 4)])
def test_four_strings_of_a_record_are_shown(count, shown):
    found = Answer("_mta-sts.a.test", "TXT", "OK", "_mta-sts.a.test", ((b"v=STSv1; id=1;", *[b""] * (count - 1)),))
    assert [len(strings) for strings in judge_published("mta_sts", "a.test", found).as_dict()["strings"]] == [shown]


@pytest.mark.parametrize(("others", "check"), [(9, "mx_typo"), (10, "mx_uncovered")])
def test_an_mx_is_compared_letter_by_letter_with_ten_patterns(others, check):
    patterns = [*(f"{number}zzzzzz.a.test" for number in range(others)), "mailbox1.a.test"]
    (finding,) = judge_coverage("a.test", patterns, ["mailbox2.a.test"], "error")
    assert finding.check == check


def test_patterns_are_compared_with_mx_hosts_in_a_second():
    hosts = [f"{LONG}{number:02}xyz.fleet.test" for number in range(40)]
    patterns = parse(POLICIES["long patterns"]).policy.mx
    with within_a_second():
        findings = judge_coverage("a.test", patterns, hosts, "error")
    assert [finding.subject for finding in findings] == hosts


def test_patterns_are_matched_with_mx_hosts_in_a_second():
    hosts = [f"{number}.test" for number in range(4000)]
    patterns = parse(POLICIES["short patterns"]).policy.mx
    with within_a_second():
        assert (uncovered(patterns, hosts), unused(patterns, hosts)) == (hosts, list(patterns))


def test_the_policy_of_a_domain_with_thousands_of_mx_records_is_not_made_of_them():
    answer = Answer("a.test", "MX", "OK", "a.test", tuple((10, f"mx{number}.a.test") for number in range(3000)))
    intent = with_mx(Intent(MailDomain("a.test", "enforce", None, 86400, None, "present")), answer)
    assert [str(finding) for finding in intent.findings] == [
        "a.test: mx: the domain has 3,000 MX records, too many for a policy (RFC 8461, section 4.1). "
        "Remedy: List mx: wildcards can stand for many MX hosts."
    ]


def worst_evidence(policy):
    """All that a domain may have of everything, each wrong in words as long as can be."""
    fault = Fault("tls_name", "n" * LARGEST, "r" * LARGEST)
    fetched = Fetch("192.0.2.1", 200, "x" * LARGEST, "", policy, 99, TlsInfo("TLSv1.3", -(10**12)))
    visits = tuple(HostVisit(f"192.0.2.{number}", fetched, {"rsa": Fetch(fault=fault)}) for number in range(16))
    hosts = tuple(
        MxHost(
            f"{LONG}{number:02}.test",
            (
                Answer(LONG, "A", "OK", LONG, tuple(f"192.0.2.{last}" for last in range(16))),
                Answer(LONG, "AAAA", "NODATA", LONG),
            ),
            tuple(MxVisit(f"192.0.2.{last}", fault=fault, without_sni=fault) for last in range(16)),
            ("3 1 1 00",) * 100,
            tlsa_matches=False,
            left_out=(LeftOut("mx_bounds", LONG, "addresses", 16, 4000, ("192.0.2.77",) * 3),),
        )
        for number in range(20)
    )
    return Evidence(
        domain="a.test",
        sts=Answer("_mta-sts.a.test", "TXT", "OK", "_mta-sts.a.test", RRSETS["many others"]),
        tls_rpt=Answer("_smtp._tls.a.test", "TXT", "OK", "_smtp._tls.a.test", RRSETS["many URIs"]),
        mx=Answer("a.test", "MX", "OK", "a.test", tuple((10, host.name) for host in hosts)),
        host=(Answer("mta-sts.a.test", "A", "OK", "mta-sts.a.test", tuple(visit.address for visit in visits)),),
        servers={f"ns{number}.a.test": "x" * 1000 + str(number) for number in range(208)},
        host_visits=visits,
        mx_hosts=hosts,
        endpoints={f"mailto:a@b{number}.test": fault for number in range(10)},
        caa=("c" * LARGEST,) * 10,
    )


@pytest.mark.parametrize("name", POLICIES)
def test_the_worst_domain_is_judged_in_a_second_and_told_in_brief(name):
    evidence = worst_evidence(POLICIES[name])
    with within_a_second():
        verdict, past = judge(evidence, JudgeOptions(1))
    plain = verdict.as_dict()
    checks = [finding.check for finding in verdict.findings]
    assert max(map(checks.count, checks)) <= 11
    assert len(json.dumps(plain)) + len(json.dumps(verdict.sentences)) < 300_000
    assert len(json.dumps([vars(entry) for entry in past])) < 1000


def test_what_is_more_than_ten_of_a_check_is_counted():
    evidence = worst_evidence(POLICIES["bad lines behind good ones"])
    verdict, _unused = judge(evidence, JudgeOptions(1))
    of_lines = [finding for finding in verdict.findings if finding.check == "policy_syntax"]
    assert len(of_lines) == 11
    assert (of_lines[-1].subject, of_lines[-1].remedy) == ("a.test", "Fix those listed first, then check again")
    assert re.fullmatch(r"and 32,\d{3} more of this kind", of_lines[-1].seen)


def winding(size):
    """An answer of that size whose owners' names all lead through a chain of pointers that is as long as can be."""
    question = make_question("a.test", "TXT", recurse=True)
    end = question.wire.index(b"\x00\x00\x10\x00\x01") + 5
    start = end + 2 + 10
    links = min(size // 4, 8000)  # a pointer has 14 bits
    chain = b"".join(struct.pack("!H", 0xC000 + (12 if not at else start + 2 * at - 2)) for at in range(links))
    first = b"\xc0\x0c" + struct.pack("!HHIH", 10, 1, 60, len(chain)) + chain
    last = struct.pack("!H", 0xC000 + start + 2 * (links - 1))
    count = (size - start - len(chain)) // 12
    others = (last + struct.pack("!HHIH", 10, 1, 60, 0)) * count
    head = question.wire[:2] + struct.pack("!5H", 0x8400, 1, count + 1, 0, 0)
    return head + question.wire[12:end] + first + others, question


@pytest.mark.parametrize("size", [8192, 65535])
def test_an_answer_that_is_made_to_keep_readers_busy_is_given_up(size):
    message, question = winding(size)
    with within_a_second(), contextlib.suppress(dns.exception.DNSException):
        read_answer(message, question)


@pytest.mark.parametrize(("size", "words"), [(8192, "extra junk"), (8193, "8193 bytes, of which more than 8192")])
def test_an_answer_is_read_to_a_size_by_releases_that_follow_pointers_without_end(size, words, monkeypatch):
    monkeypatch.delattr(dns.name, "PointerChainTooLong", raising=False)
    question = make_question("a.test", "TXT", recurse=True)
    response = dns.message.make_response(dns.message.from_wire(question.wire)).to_wire()
    with pytest.raises(dns.exception.FormError, match=words):
        read_answer(response + bytes(size - len(response)), question)


def test_a_file_of_a_host_is_read_to_a_size(tmp_path):
    file, most = tmp_path / "large", 64 * 1024 * 1024
    file.touch()
    os.truncate(file, most)
    assert len(read_if_there(str(file))) == most
    os.truncate(file, most + 1)
    with pytest.raises(OSError, match=f"is larger than {most} bytes"):
        read_if_there(str(file))


@pytest.mark.parametrize(("deep", "is_removed"), [(16, True), (17, False)])
def test_folders_are_removed_to_a_depth(tmp_path, deep, is_removed):
    top = tmp_path / "0"
    top.joinpath(*map(str, range(1, deep))).mkdir(parents=True)
    with contextlib.nullcontext() if is_removed else pytest.raises(OSError, match="more than 16 deep"):
        remove_tree(str(top))
    assert top.exists() is not is_removed


@pytest.mark.parametrize("moment", [-(10**18), 10**18])
def test_no_moment_is_beyond_words(moment):
    assert iso_time(moment).endswith("Z")
