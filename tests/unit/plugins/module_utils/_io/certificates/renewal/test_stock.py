# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is due of what a host has."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from helpers.certificates import issue
from helpers.renewal import write_program, write_settings

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.renewal_info import RenewalInfo
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.stock import (
    look,
    serve,
    set_date,
    tidy,
    wanted,
)

NAME = "mta-sts.a.example"
DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def host(tmp_path):
    """A host with both certificates, both fresh."""
    settings = write_settings(tmp_path)
    write_program(settings.hook, f'echo "$*" >>{tmp_path}/hooked')
    now = int(time.time())
    for key_type in ("rsa2048", "p256"):
        issue(tmp_path / "certs", tmp_path / "live", NAME, key_type, start=now, end=now + 90 * 86400)
        set_date(settings, NAME, key_type)
    return settings


def due(settings, infos=None, now=None, **more):
    return wanted(settings, look(settings), infos or {}, now or time.time(), **{"force": False, **more})


def test_what_is_fresh_and_served_is_left_alone(host):
    assert due(host) == []
    assert [one.renewal for one in due(host, force=True)] == [True, True]


@pytest.mark.parametrize(("days", "urgent"), [(61, False), (80, True)])
def test_what_nears_its_end_is_due_and_then_urgent(host, days, urgent):
    found = due(host, now=time.time() + days * DAY)
    assert [(one.renewal, one.urgent, one.bare) for one in found] == [(True, urgent, False)] * 2


def test_a_name_without_anything_is_bare_and_no_renewal(tmp_path):
    assert [(one.key_type, one.renewal, one.bare, one.failed) for one in due(write_settings(tmp_path))] == [
        ("p256", False, True, None),
        ("rsa2048", False, True, None),
    ]


def test_a_window_of_the_ca_that_is_over_makes_it_due(host):
    serial = look(host)[NAME, "p256"].certificate.serial
    (one,) = due(host, {serial: RenewalInfo(time.time() - 9, 0)})
    assert (one.key_type, one.renewal, one.urgent) == ("p256", True, True)
    assert due(host, {serial: RenewalInfo(time.time() + 9 * DAY, 0)}) == []


def test_what_was_tried_in_vain_says_when(host, tmp_path):
    folder = tmp_path / "certs/p256" / NAME
    (folder / "renew-at").unlink()
    (folder / "failure").write_text("ERROR")
    assert [one.failed for one in due(host)] == [(folder / "failure").stat().st_mtime]


def test_what_is_not_served_is_put_there_by_the_hook(host, tmp_path):
    (tmp_path / "live" / f"{NAME}.ecdsa.pem").unlink()
    assert due(host) == []
    assert (tmp_path / "hooked").read_text().startswith(f"deploy_cert {NAME} {tmp_path}/certs/p256/{NAME}/privkey.pem")
    write_program(host.hook, "exit 1")
    assert not serve(host, NAME, "p256")
    assert [one.key_type for one in due(host)] == ["p256"]


def test_nobody_may_write_what_nginx_reads(host, tmp_path):
    served = tmp_path / "live" / f"{NAME}.ecdsa.pem"
    served.chmod(0o660)
    due(host)
    assert served.stat().st_mode & 0o777 == 0o440


def test_what_no_link_points_to_goes(host, tmp_path):
    folder = tmp_path / "certs/p256" / NAME
    for name in ("cert-1.pem", "cert-2.pem", "cert-2.csr"):
        (folder / name).touch()
    (folder / "cert.pem").symlink_to("cert-1.pem")
    (tmp_path / "tokens/token").touch()
    tidy(host, NAME, "p256")
    assert sorted(path.name for path in folder.glob("cert*")) == ["cert-1.pem", "cert.pem"]
    assert not list((tmp_path / "tokens").iterdir())
