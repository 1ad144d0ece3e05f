# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask dehydrated, which asks the CA.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...._core.certificates.dehydrated import NO_NONCE
from ...files import remove
from .settings import Settings
from .signals import say

BAD_NONCE = "urn:ietf:params:acme:error:badNonce"
TRIES = 10
TIMED_OUT = 124  # timeout(1)

# What acts on the terminal of whoever reads it: the words are the CA's, too.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


@dataclass(frozen=True)
class Asked:
    """Whether it went well, and what was said."""

    well: bool
    words: str

    @property
    def is_gone(self) -> bool:
        """Whether the CA cannot be reached, or takes no nonce: it would be waited for at every other name, too."""
        gone = "Problem connecting to server" in self.words or BAD_NONCE in self.words
        return not self.well and (gone or NO_NONCE.search(self.words) is not None)


def register(settings: Settings, key_type: str) -> Asked:
    """Make the account, or see that it is there."""
    _forget_half_accounts(settings.state_root / "accounts")
    asked = _ask(settings.config(key_type), "2m", ["--register", "--accept-terms"], lambda: None)
    return _note(asked, settings.store.root / "failure")


def order(settings: Settings, name: str, key_type: str, before: Callable[[], None], *, new_key: bool) -> Asked:
    """Order one certificate, whether or not dehydrated thinks it is due; ``before`` is called before each try."""
    folder = settings.store.root / key_type / name
    folder.mkdir(parents=True, exist_ok=True)
    asked = _ask(settings.config(key_type), "15m", ["--cron", "--force", "--domain", name], before, new_key=new_key)
    return _note(asked, folder / "failure")


def _ask(config: Path, longest: str, what: list[str], before: Callable[[], None], *, new_key: bool = True) -> Asked:
    """Ask again when a nonce is refused: that is no failure but an invitation (RFC 8555, section 6.5).

    dehydrated 0.7.0 gives up at any of the dozen nonces that one certificate takes; 0.7.2 asks again by itself, without
    end: that takes all the time.
    """
    words = ""
    for _unused in range(TRIES):
        before()
        done = subprocess.run(
            ["timeout", longest, "dehydrated", "--config", str(config), *what],
            env={**os.environ, "STS_NEW_KEY": "yes" if new_key else "no"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        words = plain(done.stdout)
        if done.returncode == 0:
            return Asked(True, words)
        if done.returncode == TIMED_OUT or BAD_NONCE not in words:
            break
    return Asked(False, words)


def plain(said: bytes) -> str:
    """Return what was said as text that does nothing to a terminal, with one line break at its end."""
    text = said.decode("utf-8", "replace").replace("\r", "")
    return _CONTROLS.sub("?", text).rstrip("\n") + "\n"


def _note(asked: Asked, failure: Path) -> Asked:
    """Print the words, and keep those of a failure until it is over."""
    if asked.well:
        remove(str(failure))
    else:
        failure.parent.mkdir(parents=True, exist_ok=True)
        failure.write_text(asked.words, encoding="utf-8")
    say(asked.words, wrong=not asked.well)
    return asked


def _forget_half_accounts(accounts: Path) -> None:
    """Remove what a registration that was killed leaves: it would count as an account, though the CA knows of none."""
    for folder in accounts.glob("*"):
        answer = folder / "registration_info.json"
        with contextlib.suppress(OSError):
            if not answer.exists() or answer.stat().st_size == 0:
                remove(str(answer))
                remove(str(folder / "account_key.pem"))
