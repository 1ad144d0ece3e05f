# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""certificate_info on real files: what became of the orders, and what there is of a name."""

from __future__ import annotations

import time

import pytest
from helpers.certificate_host import KEY_TYPES, CertificateHost, result
from helpers.certificates import END
from helpers.module_process import run_module

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import ACCOUNT
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.pending import Pending
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.status import (
    WAITING,
    Status,
    write_status,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.store import CertificateStore

HERE, DEAD = ("here.example", "dead.example")


@pytest.fixture
def host(tmp_path):
    return CertificateHost(tmp_path)


def test_info_tells_what_became_of_the_orders(host):
    orders = host.order(result(HERE), result(DEAD, "no"))["domains"]
    host.issue(HERE)
    outcome = host.info(orders)
    assert [(entry["domain"], entry["outcome"], entry["expires"]) for entry in outcome["domains"]] == [
        (HERE, "issued", "1970-04-01T00:00:00Z"),
        (DEAD, "not_ordered", None),
    ]
    assert len(outcome["problems"]) == 1
    assert outcome["problems"][0].startswith("dead.example: certificate: mta-sts.dead.example has no address")


def test_a_full_disk_is_the_reason_whatever_words_are_left(host, monkeypatch):
    orders = host.order(result(HERE))["domains"]
    monkeypatch.setattr(CertificateStore, "is_full", lambda _self: True)
    assert host.info(orders)["problems"] == [
        "here.example: certificate: rsa2048, p256: the disk of the certificate store is full (RFC 8461, section 3.3). "
        "Remedy: Free space on the policy host and run again."
    ]
    host.issue(HERE)
    assert host.info(orders)["problems"] == []


def test_info_in_check_mode_says_due(host):
    orders = host.order(result(HERE), dry=True)["domains"]
    (outcome,) = host.info(orders, dry=True)["domains"]
    assert outcome["outcome"] == "due"


def test_info_shows_everything_about_a_name(host):
    host.issue(HERE)
    (host.root / "state/certs/ca/p256/mta-sts.here.example/failure").write_text("ERROR: busy\n")
    (found,) = host.info(names=["mta-sts.here.example"], now=END - 10)["certificates"]
    assert (found["name"], found["expires"], found["seconds_left"]) == (
        "mta-sts.here.example",
        "1970-04-01T00:00:00Z",
        10,
    )
    assert found["key_types"]["p256"] == {
        "present": True,
        "expires": "1970-04-01T00:00:00Z",
        "seconds_left": 10,
        "issuer": "CN=Test CA",
        "names": ["mta-sts.here.example"],
        "key_type": "p256",
        "served": True,
        "due": True,
        "reason": "less than a third of its lifetime is left",
        "failure": 'dehydrated said: "busy"',
    }


def test_thousands_of_names_take_seconds(host):
    host.issue(HERE)
    for key_type in KEY_TYPES:
        folder = host.root / "state/certs/ca" / key_type
        for number in range(2000):
            (folder / f"mta-sts.n{number}.example").symlink_to("mta-sts.here.example")
    started = time.monotonic()
    found = host.info(names=[f"mta-sts.n{number}.example" for number in range(2000)])["certificates"]
    assert all(entry["key_types"]["p256"]["present"] for entry in found)
    assert time.monotonic() - started < 10


def test_what_the_host_orders_later_is_pending(host):
    orders = host.order(result(HERE))
    pending = {f"mta-sts.{HERE}": {key_type: Pending(1795946400.0, ACCOUNT) for key_type in KEY_TYPES}}
    status = Status(orders["asked"], WAITING, 1795946400.0, pending)
    write_status(host.root / "state/certs/ca", status)
    told = host.info(orders["domains"], asked=orders["asked"])
    (outcome,) = told["domains"]
    assert (outcome["outcome"], outcome["pending_until"], told["problems"]) == ("pending", "2026-11-29T10:00:00Z", [])
    assert outcome["reason"].startswith(
        "RSA: the CA takes the next order of this account at 2026-11-29 10:00 UTC; ECDSA:"
    )
    assert host.info(orders["domains"], asked=str(int(orders["asked"]) + 1))["domains"][0]["outcome"] == "failed"


def test_the_module_waits_for_the_service_on_the_host(host):
    orders = host.order(result(HERE))
    paths = {key: str(host.root / folder) for key, folder in (("state_root", "state"), ("live_root", "live"))}
    options = {
        **paths,
        "ca": "https://ca",
        "key_types": KEY_TYPES,
        "orders": orders["domains"],
        "asked": orders["asked"],
    }
    began = time.monotonic()
    told = run_module("certificate_info", **options, wait=2)
    assert told["domains"][0]["outcome"] == "failed"
    assert time.monotonic() - began > 2
    write_status(host.root / "state/certs/ca", Status(orders["asked"]))
    assert run_module("certificate_info", **options, wait=600)["domains"][0]["reason"].endswith("it was not tried")
