# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module external_certificate_info on real files, as an unprivileged user sees them."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import pytest
from helpers.certificates import pem_pair
from helpers.module_process import run_module

DAY = 86400
USER = "nobody"


@pytest.fixture
def live():
    """A folder that anybody may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def put(live, name="mta-sts.a.test", names="mta-sts.a.test", start=-DAY, end=90 * DAY, key_type="p256"):
    now = int(time.time())
    key, certificate = pem_pair(names, key_type, now + start, now + end)
    folder = live / name
    folder.mkdir(exist_ok=True)
    (folder / "privkey.pem").write_bytes(key)
    (folder / "fullchain.pem").write_bytes(certificate)
    return folder


def look(live, *domains, pattern="{host}", user=USER):
    pair = {"certificate": f"{live}/{pattern}/fullchain.pem", "key": f"{live}/{pattern}/privkey.pem"}
    return run_module("external_certificate_info", domains=list(domains), certificates=[pair], user=user)


def test_certificates_that_will_do(live):
    put(live)
    result = look(live, {"domain": "a.test"})
    assert (result["changed"], result["problems"]) == (False, [])
    assert result["domains"][0]["outcome"] == "kept"
    assert result["domains"][0]["expires"] > time.strftime("%Y-%m-%d")


def test_one_wildcard_certificate_for_one_label_only(live):
    put(live, "all", "*.a.test")
    result = look(live, {"domain": "a.test"}, {"domain": "b.a.test"}, pattern="all")
    assert [entry["outcome"] for entry in result["domains"]] == ["kept", "failed"]
    assert "names *.a.test, not mta-sts.b.a.test" in result["problems"][0]


def test_a_folder_by_domain(live):
    put(live, "a.test")
    assert look(live, {"domain": "a.test"}, pattern="{domain}")["problems"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"names": "www.a.test"}, "names www.a.test, not mta-sts.a.test"),
        ({"end": -1}, "expired on"),
        ({"start": DAY}, "is not valid before"),
    ],
)
def test_a_certificate_that_will_not_do_is_named_with_its_remedy(live, changes, words):
    put(live, **changes)
    result = look(live, {"domain": "a.test"}, {"domain": "gone.test", "state": "absent"})
    assert [entry["domain"] for entry in result["domains"]] == ["a.test"]
    assert words in result["problems"][0]
    assert "RFC 8461, section 3.3" in result["problems"][0]
    assert "Remedy: " in result["problems"][0]


def test_one_domain_without_certificate_is_its_own_trouble(live):
    put(live)
    result = look(live, {"domain": "a.test"}, {"domain": "b.test"})
    assert [entry["outcome"] for entry in result["domains"]] == ["kept", "failed"]
    assert "mta-sts.b.test/fullchain.pem: no such file or directory" in result["problems"][0]


def test_a_file_that_holds_none(live):
    (put(live) / "fullchain.pem").write_text("")
    assert "it holds no certificate" in look(live, {"domain": "a.test"})["problems"][0]


def test_a_key_of_another_certificate(live):
    folder = put(live)
    (folder / "privkey.pem").write_bytes(pem_pair("other.test", "p384")[0])
    assert "it is not the key of" in look(live, {"domain": "a.test"})["problems"][0]


def test_files_that_nginx_may_not_read_as_certbot_leaves_them(live):
    put(live).chmod(0o700)
    result = look(live, {"domain": "a.test"})
    assert f"{USER}, whom nginx runs as, may not read it" in result["problems"][0]
    assert look(live, {"domain": "a.test"}, user="root")["problems"] == []


def test_an_unknown_user_is_named(live):
    put(live)
    result = look(live, {"domain": "a.test"}, user="nobody-of-that-name")
    assert result["failed"] is True
    assert "there is no user nobody-of-that-name" in result["msg"]
