# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""lifecycle.from_json: a history file is read, or CorruptHistory; what was read is written and read the same."""

from __future__ import annotations

import json

import atheris
from harness import check_time, fuzz, literals, load, plain

lifecycle = load("_core.policies.history")
WORDS = ["format", "domains", "id", "mode", "max_age", "first", "last", "testing", "enforce", "none", "example.com"]
ENTRY = {"id": "1", "mode": "none", "max_age": 60, "first": 1, "last": None}
SEED = json.dumps({"format": lifecycle.FORMAT, "domains": {"example.com": [ENTRY, {**ENTRY, "last": 2}]}})
NOW = lifecycle.Now(1_800_000_000, 1_800_003_600)


def read(text: str) -> None:
    """Read a text, and use what it says."""
    try:
        history = lifecycle.from_json(text)
    except lifecycle.CorruptHistory:
        return
    kept = {domain: entries for domain, entries in history.items() if entries}
    assert lifecycle.from_json(lifecycle.to_json(history)) == kept
    for entries in kept.values():
        lifecycle.protected_until(entries, NOW)
        lifecycle.serve(entries, "2", "enforce", 60, NOW)


def try_one(data: bytes) -> None:
    """Read text, and JSON of any content."""
    read(data.decode("utf-8", "replace"))
    check_time(data, lambda large: read(large.decode("utf-8", "replace")))
    provider = atheris.FuzzedDataProvider(data)
    entries = [{**ENTRY, provider.PickValueInList(WORDS): plain(provider, WORDS)}, plain(provider, WORDS)]
    domains = {"example.com": entries[: provider.ConsumeIntInRange(0, 2)]}
    domains = domains if provider.ConsumeBool() else {"example.com": plain(provider, WORDS)}
    read(json.dumps({"format": lifecycle.FORMAT, "domains": domains}))


if __name__ == "__main__":
    fuzz(try_one, [SEED.encode(), *literals("_core/policies/test_history.py")])
