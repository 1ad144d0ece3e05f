# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role has written for the program that renews: renew.json, and the list of names beside it.

Private to this collection.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...._core.certificates.certificate import FAMILIES
from ...._core.certificates.limits import Share, read_limits, share
from ...._core.certificates.orders import read_domains_txt
from ...._core.certificates.suffixes import PublicSuffixes
from ..store import CertificateStore

SUFFIXES = Path("/usr/share/publicsuffix/public_suffix_list.dat")
PATIENCE = 7200
OTHER_FAMILY = {"rsa": "ecdsa", "ecdsa": "rsa"}


@dataclass(frozen=True)
class Settings:
    """Where everything is, and what the CA takes; ``patience`` are the seconds of a run that failing names may cost."""

    folder: Path
    state_root: Path
    challenge: str
    challenge_root: Path
    ca: str
    ca_file: str
    store: CertificateStore
    shares: Mapping[str, Share]
    patience: float

    @property
    def hook(self) -> Path:
        """What dehydrated calls, and we do."""
        return self.folder / "hook"

    def config(self, key_type: str) -> Path:
        """Return dehydrated's configuration for a key type."""
        return self.folder / f"{key_type}.conf"

    def environment(self, key_type: str) -> dict[str, str]:
        """Return what the hook needs to know beside its arguments."""
        family = FAMILIES[key_type]
        return {
            **os.environ,
            "CHALLENGETYPE": self.challenge,
            "STS_LIVE": str(self.store.live_root),
            "STS_FAMILY": family,
            "STS_OTHER_FAMILY": OTHER_FAMILY[family],
            "STS_OTHER_FAMILY_WANTED": "yes" if len(self.store.key_types) > 1 else "no",
        }

    def names(self) -> list[str]:
        """Return the names that are to have certificates."""
        return read_domains_txt((self.folder / "domains.txt").read_text(encoding="utf-8"))


def read_settings(folder: Path) -> Settings:
    """Read what the role has written into that folder. Raises OSError, ValueError and KeyError."""
    given: dict[str, Any] = json.loads((folder / "renew.json").read_text(encoding="utf-8"))
    root = Path(given["store"])
    return Settings(
        folder=folder,
        state_root=Path(given["state_root"]),
        challenge=given["challenge"],
        challenge_root=Path(given["challenge_root"]),
        ca=given["ca"],
        ca_file=given["ca_file"],
        store=CertificateStore(root, Path(given["live_root"]), tuple(sorted(given["key_types"]))),
        shares=share(read_limits(given["limits"]), int(given["hosts"]), int(given["rank"])),
        patience=float(given.get("patience", PATIENCE)),
    )


def read_suffixes(path: Path = SUFFIXES) -> PublicSuffixes:
    """Return the public suffix list of the distribution, an empty one where it is not installed."""
    try:
        return PublicSuffixes(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return PublicSuffixes()
