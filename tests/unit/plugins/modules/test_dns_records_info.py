# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module dns_records_info, on a real primary and a real secondary."""

from __future__ import annotations

import threading
import time

import pytest
from helpers.module_process import run_module
from servers.knot import ALGORITHM, KEY, SECRET, Zone, serve

STS = "v=STSv1; id=2;"
NEW_TLS_RPT = "v=TLSRPTv1; rua=mailto:new@example.com"
NAME = "_mta-sts.example.com"
RECORDS = f"""
_mta-sts TXT "{STS}"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:old@example.com"
_mta-sts.late TXT "v=STSv1; id=1;"
_mta-sts.shared TXT "v=spf1 -all"
_mta-sts.shared TXT "v=STSv1; id=1;"
"""


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    zones = [
        Zone("example.com", RECORDS),
        Zone("customer.test", "_mta-sts CNAME _mta-sts.example.com."),
    ]
    with serve(tmp_path_factory.mktemp("knot"), *zones) as servers:
        yield {"port": servers.port, "nameservers": [servers.nameserver]}


def record(name=NAME, value=STS):
    return {"domain": name.partition(".")[2], "name": name, "value": value}


def published(result):
    return [entry["published"] for entry in result["records"]]


def test_it_tells_what_is_published_and_what_is_not(options):
    records = [record(), record("_smtp._tls.example.com", NEW_TLS_RPT), record("_mta-sts.gone.example.com", None)]
    result = run_module("dns_records_info", records=records, **options)
    assert published(result) == [True, False, True]
    assert (result["changed"], result["problems"]) == (False, [])
    assert result["records"][1]["value"] == NEW_TLS_RPT
    assert result["records"][1]["remove"] == ["v=TLSRPTv1; rua=mailto:old@example.com"]
    assert result["records"][1]["values"] == [NEW_TLS_RPT]
    assert result["records"][0]["zone"] == "example.com"


def test_a_record_that_must_not_be_written_is_a_problem_and_is_not_handed_on(options):
    result = run_module("dns_records_info", records=[record("_mta-sts.customer.test"), record()], **options)
    assert published(result) == [False, True]
    assert result["problems"] == [
        f"customer.test: _mta-sts.customer.test: the name is a CNAME to {NAME}, which no entry of the list refers to "
        "(RFC 8461, section 8.2). Remedy: Remove the CNAME record, or, if it is intended, "
        "write delegated_to: example.com."
    ]
    assert result["zone_lines"] == [f'{NAME}. IN TXT "{STS}"']


def test_what_others_have_at_the_name_is_handed_on_with_ours(options):
    name = "_mta-sts.shared.example.com"
    result = run_module("dns_records_info", records=[record(name)], **options)
    [entry] = result["records"]
    assert (entry["kept"], entry["remove"]) == (["v=spf1 -all"], ["v=STSv1; id=1;"])
    assert entry["values"] == ["v=spf1 -all", STS]
    assert f"shared.example.com: {name}: 'v=spf1 -all' stands there too, and stays. Remedy: " in str(result["warnings"])


def test_a_record_that_does_not_come_in_time_is_a_problem(options):
    start = time.monotonic()
    result = run_module("dns_records_info", records=[record(value="v=STSv1; id=3;")], wait_timeout=1, **options)
    assert published(result) == [False]
    assert "not every name server of example.com has it after 1 s" in result["problems"][0]
    assert time.monotonic() - start >= 1


def test_it_waits_for_a_record_that_somebody_else_publishes(options):
    name = "_mta-sts.late.example.com"
    key = {"key_name": KEY, "key_algorithm": ALGORITHM, "key_secret": SECRET}
    publishing = threading.Timer(
        2, lambda: run_module("dns_records", records=[record(name)], wait_timeout=10, **options, **key)
    )
    publishing.start()
    result = run_module("dns_records_info", records=[record(name)], wait_timeout=20, **options)
    publishing.join()
    assert published(result) == [True]
    assert result["problems"] == []


def test_a_name_whose_zone_is_unknown_is_no_problem_to_who_only_looks(options):
    nowhere = {**options, "nameservers": ["127.0.0.9:9"]}
    looking = run_module("dns_records_info", records=[record()], timeout=0.2, **nowhere)
    assert (published(looking), looking["problems"]) == ([False], [])
    assert looking["zone_lines"] == [f'{NAME}. IN TXT "{STS}"']
    waiting = run_module("dns_records_info", records=[record()], timeout=0.2, wait_timeout=1, **nowhere)
    assert "the zone it is in cannot be found" in waiting["problems"][0]


def test_what_went_wrong_meanwhile_is_a_problem_beside_what_is_published(options):
    result = run_module("dns_records_info", records=[record()], failures=["The provider refused."], **options)
    assert published(result) == [True]
    assert (result["failures"], result["problems"]) == (["The provider refused."], ["The provider refused."])
