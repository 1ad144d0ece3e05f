# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records at names where nobody looks."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.lookalike import STS, TLS_RPT
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.strays import (
    doubled,
    stray_names,
    stray_records,
)


def answer(name, *texts):
    return Answer(name, "TXT", "OK", name, tuple((text.encode(),) for text in texts))


@pytest.mark.parametrize(
    ("version", "right", "zone_file"),
    [(STS, "_mta-sts.a.test", "_mta-sts.a.test.a.test"), (TLS_RPT, "_smtp._tls.a.test", "_smtp._tls.a.test.a.test")],
)
def test_every_wrong_place_is_a_name_of_the_domain(version, right, zone_file):
    names = stray_names("a.test", version)
    assert all(name == "a.test" or name.endswith(".a.test") for name in names)
    assert {"a.test", zone_file} <= set(names)
    assert right not in names
    assert doubled(right, "a.test") == zone_file


@pytest.mark.parametrize("text", ["v=STSv1; id=1;", "V=stsV1;id=1", " v = STSv1 ; id=1"])
def test_a_text_that_says_the_version_is_a_stray(text):
    assert stray_records([answer("a.test", "v=spf1 -all", text)], STS) == {"a.test": text}
    assert stray_records([answer("a.test", text)], TLS_RPT) == {}


@pytest.mark.parametrize("text", ["", "id=1;", "sts-verification=1", "x v=STSv1;", "v=spf1 include:v=STSv1"])
def test_among_texts_of_all_kinds_less_is_none(text):
    assert stray_records([answer("a.test", text)], STS) == {}


def test_each_place_is_told_with_its_text_in_brief():
    long = "v=STSv1; id=" + "1" * 2000
    answers = [answer("a.test"), answer("_mtasts.a.test", "v=STSv1; id=2;"), answer("mta-sts.a.test", long)]
    found = stray_records(answers, STS)
    assert list(found) == ["_mtasts.a.test", "mta-sts.a.test"]
    assert found["_mtasts.a.test"] == "v=STSv1; id=2;"
    assert len(found["mta-sts.a.test"]) <= 1000
