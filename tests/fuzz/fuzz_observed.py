# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""observed.from_plain: any state is read, or UnreadablePast; what was read is written, and then read alike."""

from __future__ import annotations

import atheris
from harness import fuzz, load, plain

observed = load("_core.audit.past")
ENTRY = {
    "record_id": "1", "policy_id": "1", "mode": "none", "max_age": 60, "first": 1, "last": 2, "mode_since": 1,
}  # fmt: skip
WORDS = [*ENTRY, "testing", "enforce", "none", "example.com"]


def try_one(data: bytes) -> None:
    """Read a state file's content, and go on from it."""
    provider = atheris.FuzzedDataProvider(data)
    entries = [{**ENTRY, provider.PickValueInList(WORDS): plain(provider, WORDS)}, ENTRY]
    raw = {"example.com": entries} if provider.ConsumeBool() else plain(provider, WORDS)
    try:
        pasts = observed.from_plain(raw)
    except observed.UnreadablePast:
        return
    assert observed.from_plain(observed.to_plain(pasts)) == {domain: past for domain, past in pasts.items() if past}
    for past in pasts.values():
        observed.held_until(past)
        observed.observe(past, observed.Observed(**ENTRY))


if __name__ == "__main__":
    fuzz(try_one, [bytes(range(256)), bytes(64), b"\x05\x01\x07\x02" * 20])
