# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sources as users list them."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.sources import TYPES, make_sources

NOW = 1800489600


def given(kind, **options):
    defaults = dict.fromkeys(("path", "host", "port", "user", "password", "since", "move_to", "ca_path"))
    return {
        **defaults,
        "type": kind,
        "tls": "implicit",
        "folder": "INBOX",
        "validate_certs": True,
        "timeout": 60,
        **options,
    }


IMAP = given("imap", host="imap.example.com", user="tlsrpt", password="secret")


def test_each_type_makes_a_source_of_its_own():
    sources = make_sources([*(given(kind, path="/a/") for kind in TYPES if kind != "imap"), IMAP], {}, NOW)
    assert [source.name for source in sources] == [
        "folder /a", "Maildir /a", "mbox /a", "imap tlsrpt at imap.example.com port 993, INBOX",
    ]  # fmt: skip


def test_a_source_gets_its_marks_and_is_read_once():
    marks = {"folder /a": {"x": "1 2"}, "folder /b": {}}
    sources = make_sources([given("folder", path="/a"), given("folder", path="/a/")], marks, NOW)
    assert [source.marks for source in sources] == [{"x": "1 2"}]


def test_folders_of_one_account_are_several_sources():
    assert len(make_sources([IMAP, {**IMAP, "folder": "Reports"}, {**IMAP, "port": 1993}], {}, NOW)) == 3


def test_a_day_that_is_none_is_refused():
    with pytest.raises(Refused, match="'soon' is no day"):
        make_sources([{**IMAP, "since": "soon"}], {}, NOW)


@pytest.mark.parametrize("kind", ["folder", "maildir", "mbox"])
@pytest.mark.parametrize("option", ["since", "move_to"])
def test_what_only_imap_can_do_is_refused_of_others_rather_than_left_out(kind, option):
    assert len(make_sources([given(kind, path="/a", **{option: ""})], {}, NOW)) == 1
    with pytest.raises(
        Refused, match=rf"{option} of {kind} /a is not for this type, but for imap\. Remedy: Leave it out"
    ):
        make_sources([given(kind, path="/a", **{option: "4w"})], {}, NOW)


def test_empty_words_are_none():
    (source,) = make_sources([{**IMAP, "since": "", "move_to": "", "ca_path": ""}], {}, NOW)
    assert source.unmoved == 0
