# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a policy host has besides its policies, removed when the last of them has gone: history, lock, empty folders.

Private to this collection.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..._core.finding import Finding, error
from ..files import folder_of, names_in, remove, remove_folder_if_empty
from ..lock import locked
from .store import LOCK_SECONDS, PolicyOutcome, Store

# A folder of that name above the history is ours; any other was somebody's before.
OUR_FOLDER = "mta-sts"


def remains(store: Store) -> bool:
    """Whether there is anything to forget."""
    return os.path.lexists(store.history) or (os.path.isdir(store.root) and not names_in(store.root))


def still_served(store: Store, outcomes: Sequence[PolicyOutcome]) -> list[Finding]:
    """Find policies that stay: of domains that are present, or not in the list at all."""
    going = {outcome.change.domain for outcome in outcomes if outcome.change.after is None}
    refused = {outcome.change.domain for outcome in outcomes if outcome.change.action == "refuse"}
    staying = {outcome.change.domain for outcome in outcomes} - going
    found = {domain for domain in names_in(store.root) if os.path.lexists(store.path(domain))}
    remedy = "Take it down with state: absent first"
    rule = f"its policy is in {store.root}, so what was served is not forgotten yet"
    return [error(domain, "state", rule, "", remedy) for domain in sorted((staying | found - going) - refused)]


def forget(store: Store) -> None:
    """Remove the history with its lock, and then the folders that are empty. Raises OSError."""
    with locked(store.history, LOCK_SECONDS):
        remove(store.history)
        remove(f"{store.history}.lock")
    remove_folder_if_empty(store.root)
    folder = folder_of(store.history)
    if os.path.basename(folder) == OUR_FOLDER:
        remove_folder_if_empty(folder)
