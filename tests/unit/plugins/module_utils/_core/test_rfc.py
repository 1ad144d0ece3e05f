# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sections that messages name: spelt alike, and each under one name."""

from __future__ import annotations

import re

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core import rfc

SECTIONS = [value for name, value in vars(rfc).items() if name.isupper()]


def test_every_section_is_spelt_alike():
    assert len(SECTIONS) > 20
    assert [text for text in SECTIONS if not re.fullmatch(r"RFC \d{4}, section \d+(\.\d+)*", text)] == []


def test_no_section_has_two_names():
    assert len(set(SECTIONS)) == len(SECTIONS)
