# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings as the role writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.renewal import write_settings

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import ACCOUNT, SET
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.settings import (
    SUFFIXES,
    read_settings,
    read_suffixes,
)


def test_settings_are_what_the_role_has_written(tmp_path):
    settings = write_settings(tmp_path, hosts=3, rank=1, limits={"orders_per_account": "6 per 24s"})
    assert settings.store.key_types == ("p256", "rsa2048")
    assert (settings.shares[ACCOUNT].capacity, settings.shares[SET].capacity) == (6, 5 / 3)
    assert settings.hook == tmp_path / "etc/hook"
    assert settings.config("p256") == tmp_path / "etc/p256.conf"
    assert settings.names() == ["mta-sts.a.example"]


@pytest.mark.parametrize(("key_types", "wanted"), [(["p256"], "no"), (["rsa2048", "p256"], "yes")])
def test_the_hook_hears_which_family_it_is_about(tmp_path, key_types, wanted):
    told = write_settings(tmp_path, key_types=key_types, challenge="dns-01").environment("p256")
    assert {
        key: told[key] for key in ("CHALLENGETYPE", "STS_FAMILY", "STS_OTHER_FAMILY", "STS_OTHER_FAMILY_WANTED")
    } == {
        "CHALLENGETYPE": "dns-01",
        "STS_FAMILY": "ecdsa",
        "STS_OTHER_FAMILY": "rsa",
        "STS_OTHER_FAMILY_WANTED": wanted,
    }


def test_settings_that_are_none_are_not_guessed(tmp_path):
    (tmp_path / "renew.json").write_text(json.dumps({"store": "x"}))
    with pytest.raises(KeyError):
        read_settings(tmp_path)


def test_the_list_of_the_distribution_is_read_where_it_is(tmp_path):
    assert read_suffixes(Path("/nowhere")).registered("a.b.example.com") == "a.b.example.com"
    (tmp_path / "list").write_text("com\n")
    assert read_suffixes(tmp_path / "list").registered("a.b.example.com") == "example.com"
    assert str(SUFFIXES).startswith("/usr/share/publicsuffix/")
