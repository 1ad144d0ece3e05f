# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the README.md shows the list's mistakes to be is what the list is refused with."""

from __future__ import annotations

from helpers.snippets import snippets

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains

MISTAKES = [
    {"domain": "example.com", "mx": ["mx1.example.com."]},
    {"domain": "example.org", "mod": "enforce"},
    {"domain": "example.com"},
]


def test_the_mistakes_are_told_in_these_words():
    (shown,) = (one.text for one in snippets() if one.page == "README.md" and "mx1.example.com.' ends" in one.text)
    _read, findings = read_domains(MISTAKES)
    assert shown.splitlines() == [str(finding) for finding in findings]
