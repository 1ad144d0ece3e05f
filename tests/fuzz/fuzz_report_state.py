# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an earlier run has left, as bytes of anybody: state and figures are read, or refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import atheris
from harness import check_time, fuzz, load, plain

bounds = load("_core.bounds")
days = load("_core.tls_reports.days")
outdated = load("_core.tls_reports.outdated")
overview = load("_core.tls_reports.overview")
reported = load("_core.audit.reported")
rows = load("_core.tls_reports.rows")
state = load("_core.tls_reports.state")

HOST = {"mx": "mx.example.com", "address": "192.0.2.1", "sessions": 1}
POLICY = ["version: STSv1", "mode: testing", "mx: mx.example.com", "max_age: 86400"]
RESULT = {"type": "validation-failure", "sessions": 1, "hosts": [HOST], "reasons": [{"reason": "no", "sessions": 1}]}
ROW = {
    "domain": "example.com", "day": "2027-01-21", "organization": "Sender", "policy_type": "sts", "succeeded": 1,
    "failed": 1, "results": [RESULT], "policies": [{"id": None, "lines": POLICY, "sessions": 2}], "dkim": {"pass": 1},
    "reports": ["0123456789abcdef"],
}  # fmt: skip
HEAD = {"format": state.FORMAT, "marks": {"mbox /a": {"position": "1", "fingerprint": "2"}}}
TYPE = {"type": "validation-failure", "sessions": 1, "last_day": "2027-01-21", "senders": ["Sender"],
        "sender_count": 1, "hosts": [HOST]}  # fmt: skip
FIGURES: dict[str, Any] = {
    "since": "2027-01-01", "until": "2027-01-30", "problems": [],
    "domains": [{"domain": "example.com", "last_day": "2027-01-21", "types": [TYPE]}],
}  # fmt: skip
WORDS = [*ROW, *RESULT, *HOST, *TYPE, *FIGURES, "lines", "format", "marks", "pass", "none", "2027-01-22", "0001-01-01"]
NOW = 1_800_489_600


def read_state(text: str) -> None:
    """Read a state, and go on from it."""
    try:
        found = state.from_text(text)
    except state.CorruptState:
        return
    kept = [rows.to_plain(row) for row in days.Days(found.rows)]
    again = state.from_text(state.to_text(found))
    assert [rows.to_plain(row) for row in days.Days(again.rows)] == kept
    assert again.marks == {source: noted for source, noted in found.marks.items() if noted}
    state.summary(found)
    state.bounded_rows(found.rows)
    outdated.outdated(found.rows)
    overview.result_types(found.rows)


def read_figures(data: Any) -> None:
    """Read figures, and ask them what the audit asks."""
    try:
        known = reported.from_figures(data)
    except reported.UnreadableFigures:
        return
    for one in known.values():
        one.covers_silence(NOW)
        one.is_silent(NOW)
        one.recent_failures(NOW)


def read_json(text: str) -> None:
    """Read a text as figures, where it is JSON at all, which whoever calls has seen to."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    read_figures(data)


def changed(data: Any, provider: atheris.FuzzedDataProvider) -> Any:
    """Return data in which some place, however deep, has something else."""
    if isinstance(data, dict) and data and provider.ConsumeIntInRange(0, 3):
        key = provider.PickValueInList(sorted(data))
        return {**data, key: changed(data[key], provider)}
    if isinstance(data, list) and data and provider.ConsumeIntInRange(0, 3):
        place = provider.ConsumeIntInRange(0, len(data) - 1)
        return [*data[:place], changed(data[place], provider), *data[place + 1 :]]
    return plain(provider, WORDS)


def try_one(data: bytes) -> None:
    """Read text, and what was written with something else in some of its places."""
    text = data.decode("utf-8", "replace")
    for read in (read_state, read_json):
        read(text)
        check_time(data, lambda large, read=read: read(large.decode("utf-8", "replace")))
    provider = atheris.FuzzedDataProvider(data)
    lines = [HEAD, ROW, {**ROW, "day": "2027-01-22"}]
    place = provider.ConsumeIntInRange(0, 2)
    lines[place] = changed(lines[place], provider)
    read_state("".join(f"{json.dumps(line)}\n" for line in lines))
    read_figures(changed(FIGURES, provider))


if __name__ == "__main__":
    whole = "".join(f"{json.dumps(line)}\n" for line in (HEAD, ROW))
    fuzz(try_one, [whole.encode(), json.dumps(FIGURES).encode(), bytes(range(256)), b"\x05\x01\x07\x02" * 20])
