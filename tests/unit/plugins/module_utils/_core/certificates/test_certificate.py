# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a certificate is to be ordered, and when senders accept it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import (
    FAMILIES,
    Certificate,
    Stored,
    good_until,
    is_good,
    store_folder,
    why_due,
)

HOST = "mta-sts.example.com"
DAY = 86400
QUARTER = Certificate(0, 90 * DAY, "CN=R10", (HOST,), "p256", "f" * 64)

DUE = [
    ("fresh", QUARTER, 0, ""),
    ("a second before the last third", QUARTER, 60 * DAY - 1, ""),
    ("the last third", QUARTER, 60 * DAY, "less than a third of its lifetime is left"),
    ("over", QUARTER, 90 * DAY, "it has expired"),
    ("45 days", replace(QUARTER, not_after=45 * DAY), 30 * DAY - 1, ""),
    ("45 days, due", replace(QUARTER, not_after=45 * DAY), 30 * DAY, "less than a third of its lifetime is left"),
    ("160 hours", replace(QUARTER, not_after=160 * 3600), 80 * 3600 - 1, ""),
    ("160 hours, due", replace(QUARTER, not_after=160 * 3600), 80 * 3600, "less than half of its lifetime is left"),
    ("10 days", replace(QUARTER, not_after=10 * DAY), 10 * DAY * 2 // 3 - 1, ""),
    ("3 days, four tries before the end", replace(QUARTER, not_after=3 * DAY), DAY - 1, ""),
    ("3 days, due", replace(QUARTER, not_after=3 * DAY), DAY, "less than 48 h of its lifetime is left"),
    ("an hour, not from its beginning", replace(QUARTER, not_after=3600), 1199, ""),
    ("not from 1970 on", replace(QUARTER, not_before=10 * DAY, not_after=100 * DAY), 70 * DAY - 1, ""),
    (
        "not from 1970 on, due",
        replace(QUARTER, not_before=10 * DAY, not_after=100 * DAY),
        70 * DAY,
        "less than a third of its lifetime is left",
    ),
    ("missing", None, 0, "there is none"),
    ("another name", replace(QUARTER, names=("mta-sts.example.org",)), 0, "it names mta-sts.example.org"),
    ("one name too many", replace(QUARTER, names=("a.example", HOST)), 0, f"it names a.example, {HOST}"),
    ("no name", replace(QUARTER, names=()), 0, "it names nothing"),
    ("another key", replace(QUARTER, key_type="rsa2048"), 0, "its key is rsa2048"),
]


@pytest.mark.parametrize(("certificate", "now", "reason"), [case[1:] for case in DUE], ids=[case[0] for case in DUE])
def test_why_a_certificate_is_due(certificate, now, reason):
    assert why_due(Stored(certificate, served=True), HOST, "p256", now) == reason


def test_nginx_has_one_file_for_rsa_and_one_for_ecdsa():
    assert FAMILIES == {"rsa2048": "rsa", "rsa3072": "rsa", "rsa4096": "rsa", "p256": "ecdsa", "p384": "ecdsa"}


GOOD = [
    ("within its validity period, served", Stored(QUARTER, served=True), 0, True),
    ("not served", Stored(QUARTER), 0, False),
    ("over", Stored(QUARTER, served=True), 90 * DAY, False),
    ("not yet", Stored(QUARTER, served=True), -1, False),
    ("missing", Stored(), 0, False),
    ("another name", Stored(replace(QUARTER, names=("x.example",)), served=True), 0, False),
]


@pytest.mark.parametrize(("stored", "now", "good"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_what_senders_accept(stored, now, good):
    assert is_good(stored, HOST, now) is good


def test_the_first_certificate_to_end_counts():
    longer = Stored(replace(QUARTER, not_after=100 * DAY), served=True)
    assert good_until({"rsa3072": longer, "p256": Stored(QUARTER, served=True)}, HOST, 0) == 90 * DAY


def test_one_bad_certificate_spoils_the_name():
    assert good_until({"rsa3072": Stored(), "p256": Stored(QUARTER, served=True)}, HOST, 0) is None
    assert good_until({}, HOST, 0) is None


@pytest.mark.parametrize(
    ("ca", "name"),
    [
        ("https://acme-v02.api.letsencrypt.org/directory", "acme-v02.api.letsencrypt.org_directory"),
        ("http://ca.lab.test:14000/dir?eab=1", "ca.lab.test_14000_dir_eab_1"),
        ("https://ca.test/../../etc", "ca.test_.._.._etc"),
    ],
)
def test_each_ca_has_a_folder_of_its_own(ca, name):
    assert store_folder("/state", ca) == f"/state/certs/{name}"
