# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which names exist, and which are made up: against an answering machine that does as RFC 4592 says."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.wildcard import (
    beside,
    parents,
    source,
    woken,
)

ZONE = "example.com"


def answers(**zone):
    """Return a server that answers from these records as RFC 4592, section 3.3.1, has it."""
    records = {name.replace("__", ".").replace("star", "*"): value for name, value in zone.items()}

    def exists(name):
        return name == ZONE or any(owner == name or owner.endswith(f".{name}") for owner in records)

    def ask(name):
        if exists(name):
            return records.get(name, ())
        encloser = name
        while not exists(encloser):
            encloser = encloser.partition(".")[2]
        return records.get(f"*.{encloser}", ())

    return ask


@pytest.mark.parametrize(
    ("zone", "name", "expected"),
    [
        ({}, "a.example.com", None),
        ({"a__example__com": ("x",)}, "a.example.com", None),
        ({"star__example__com": ("x",)}, "a.example.com", "*.example.com"),
        ({"star__example__com": ("x",)}, "deep.in.a.example.com", "*.example.com"),
        ({"star__example__com": ("x",), "b__a__example__com": ("y",)}, "a.example.com", None),
        ({"star__example__com": ("x",), "a__example__com": ("x",)}, "a.example.com", None),
        ({"star__example__com": ("x",), "star__a__example__com": ("y",)}, "b.a.example.com", "*.a.example.com"),
        ({"a__example__com": ("x",), "star__a__example__com": ("x",)}, "a.example.com", None),
        ({"a__example__com": ("x",), "star__example__com": ("y",)}, "a.example.com", None),
        ({"star__sub__example__com": ("x",)}, "a.sub.example.com", "*.sub.example.com"),
    ],
)
def test_the_wildcard_that_makes_a_name_up_is_found(zone, name, expected):
    ask = answers(**zone)
    assert source(name, ZONE, ask(name), ask) == expected


def test_nothing_is_asked_about_a_name_where_nothing_stands():
    assert source("a.example.com", ZONE, (), pytest.fail) is None


def test_the_name_that_nobody_made_says_so_to_whoever_reads_the_queries():
    assert beside("_mta-sts.example.com") == "_nobody-made-this._mta-sts.example.com"


def test_parents_end_with_the_zone():
    assert list(parents("a.b.example.com", ZONE)) == ["b.example.com", "example.com"]
    assert list(parents(ZONE, ZONE)) == []
    assert list(parents("a.b.c", "")) == ["b.c", "c"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_mta-sts.example.com", []),
        ("_mta-sts.sub.example.com", ["sub.example.com"]),
        ("_smtp._tls.sub.example.com", ["sub.example.com"]),
        ("_mta-sts.a.b.example.com", ["a.b.example.com", "b.example.com"]),
    ],
)
def test_a_record_makes_the_names_between_it_and_its_zone_exist(name, expected):
    assert woken(name, ZONE) == expected
