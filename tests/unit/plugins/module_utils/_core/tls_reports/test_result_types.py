# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every type of failure has a meaning and something to do about it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import remedy_sentence
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.result_types import (
    OF_THE_POLICY,
    RESULT_TYPES,
    UNKNOWN,
    ResultType,
    result_type,
)

# RFC 8460, section 6.6
REGISTERED = [
    "starttls-not-supported",
    "certificate-host-mismatch",
    "certificate-expired",
    "tlsa-invalid",
    "dnssec-invalid",
    "dane-required",
    "certificate-not-trusted",
    "sts-policy-invalid",
    "sts-webpki-invalid",
    "validation-failure",
    "sts-policy-fetch-error",
]
KNOWN = {"CA", "DANE", "DNSKEY", "DNSSEC", "DS", "MTA", "MX", "RFC", "SMTP", "STARTTLS", "STS", "TLSA"}


def test_all_types_of_the_registry_are_there():
    assert sorted(one.name for one in RESULT_TYPES) == sorted(REGISTERED)


@pytest.mark.parametrize("name", REGISTERED)
def test_a_type_is_known_by_its_name(name):
    assert result_type(name).as_dict() == {
        "name": name,
        "meaning": result_type(name).meaning,
        "remedy": result_type(name).remedy,
    }


@pytest.mark.parametrize("one", [*RESULT_TYPES, UNKNOWN], ids=lambda one: one.name or "unknown")
def test_meaning_and_remedy_are_sentences(one):
    assert (one.meaning[0] + one.remedy[0]).isupper()
    assert not one.meaning.endswith(".")
    assert remedy_sentence(one.remedy).endswith(".")


@pytest.mark.parametrize("one", [*RESULT_TYPES, UNKNOWN], ids=lambda one: one.name or "unknown")
def test_capitals_stand_for_what_people_know(one):
    assert set(re.findall(r"\w*[A-Z]{2,}\w*", f"{one.meaning} {one.remedy}")) <= KNOWN


@pytest.mark.parametrize("name", ["", "other", "Certificate-Expired", "sts-policy-fetch-error "])
def test_of_any_other_what_can_be_said_is_said(name):
    assert result_type(name) == UNKNOWN == ResultType("", UNKNOWN.meaning, UNKNOWN.remedy)


def test_types_of_the_policy_are_those_of_sts():
    assert {name for name in REGISTERED if name.startswith("sts-")} == OF_THE_POLICY
