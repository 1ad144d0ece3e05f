# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as JSON: all that it says of the domains, the same way each time."""

from __future__ import annotations

import json

from helpers.audits import HOSTILE, broken, healthy, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.as_json import KEYS, as_json


def test_it_has_all_that_was_seen_and_nothing_of_the_run():
    audit = returned(healthy("plain.example"), broken())
    text = as_json({**audit, "changed": False, "observed": {}, "summary": {}})
    assert json.loads(text) == {key: json.loads(json.dumps(audit[key])) for key in KEYS}
    assert sorted(json.loads(text)) == list(KEYS)
    assert text.startswith('{\n    "audited_at": "')
    assert text.endswith("\n}\n")


def test_what_strangers_wrote_is_plain_text_in_it():
    text = as_json(returned(healthy("plain.example", patterns=(HOSTILE,))))
    assert text.isascii()
    assert json.loads(text)["results"][0]["patterns"] == [HOSTILE]
