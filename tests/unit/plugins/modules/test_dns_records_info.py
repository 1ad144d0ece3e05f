# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module dns_records_info, on a real primary and a real secondary."""

from __future__ import annotations

import threading
import time

import pytest
from knot import ALGORITHM, KEY, SECRET, Zone, serve
from module_process import run_module

STS = "v=STSv1; id=2;"
NAME = "_mta-sts.example.com"


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    zones = [
        Zone("example.com", f'_mta-sts TXT "{STS}"\n_smtp._tls TXT old\n_mta-sts.late TXT "v=STSv1; id=1;"'),
        Zone("customer.test", "_mta-sts CNAME _mta-sts.example.com."),
    ]
    with serve(tmp_path_factory.mktemp("knot"), *zones) as servers:
        yield {"port": servers.port, "nameservers": [servers.nameserver]}


def record(name=NAME, value=STS):
    return {"domain": name.partition(".")[2], "name": name, "value": value}


def published(result):
    return [entry["published"] for entry in result["records"]]


def test_it_tells_what_is_published_and_what_is_not(options):
    records = [record(), record("_smtp._tls.example.com", "new"), record("_mta-sts.gone.example.com", None)]
    result = run_module("dns_records_info", records=records, **options)
    assert published(result) == [True, False, True]
    assert (result["changed"], result["problems"]) == (False, [])
    assert result["records"][1]["value"] == "new"
    assert result["records"][0]["zone"] == "example.com"


def test_a_delegated_record_stands_where_its_cname_leads(options):
    result = run_module("dns_records_info", records=[record("_mta-sts.customer.test")], **options)
    assert published(result) == [True]
    assert result["records"][0]["canonical_name"] == NAME
    assert result["zone_lines"] == [f'{NAME}. IN TXT "{STS}"']


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
