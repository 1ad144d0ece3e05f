# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs that were killed have put into DNS goes, for names that are ordered no more, too.

Private to this collection.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from .settings import Settings


def clean_up(settings: Settings, seconds: float, stopped: Callable[[], bool] = lambda: False) -> None:
    """Have the hook remove the record of each note that was left, for so many seconds at most."""
    end = time.monotonic() + seconds
    for note in sorted((settings.state_root / "challenges").glob("*")):
        if stopped() or time.monotonic() >= end:
            return
        subprocess.run(
            [str(settings.hook), "clean_challenge", note.name, "-", "-"],
            env=settings.environment(settings.store.key_types[-1]), check=False,
        )  # fmt: skip
