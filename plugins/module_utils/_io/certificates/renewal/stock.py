# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host has of each name, what is due of it, and what nginx is to find.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...._core.certificates.certificate import Certificate, Stored, is_good, why_due
from ...._core.certificates.renewal_info import RenewalInfo, is_due
from ...._core.certificates.schedule import Wanted
from ...files import remove
from .settings import Settings

Have = Mapping[tuple[str, str], Stored]
WRITABLE = 0o222
DATE = re.compile(r"([0-9]{1,11})\n?\Z")


def look(settings: Settings) -> dict[tuple[str, str], Stored]:
    """Return what there is of each name and key type."""
    return {
        (name, key_type): stored for name in settings.names() for key_type, stored in settings.store.read(name).items()
    }


def wanted(
    settings: Settings, have: Have, infos: Mapping[str, RenewalInfo], now: float, *, force: bool
) -> list[Wanted]:
    """Return what is due, and put in its place what is not; what cannot be put there is due, too."""
    _close_to_writers(settings.store.live_root)
    good = {name for (name, _key_type), stored in have.items() if is_good(stored, name, int(now))}
    found = []
    for (name, key_type), stored in have.items():
        info = infos.get(stored.certificate.serial) if stored.certificate else None
        due = force or is_due(info, now) or _is_due(settings, name, key_type, stored, now)
        if due or not (stored.served or serve(settings, name, key_type)):
            found.append(_wanted(settings, name, key_type, stored, info, now, bare=name not in good))
    return found


def _wanted(
    settings: Settings, name: str, key_type: str, stored: Stored, info: RenewalInfo | None, now: float, *, bare: bool
) -> Wanted:
    present = stored.certificate
    if present is None or present.names != (name,) or present.key_type != key_type:
        return Wanted(name, key_type, now, bare=bare, failed=_failed(settings, name, key_type))
    asked_for = bool(info and info.renew_at is not None and info.renew_at <= now)
    return Wanted(
        name,
        key_type,
        since=min(present.renew_at, now),
        renewal=True,
        urgent=asked_for or now >= present.urgent_at,
        bare=bare,
        failed=_failed(settings, name, key_type),
    )


def serve(settings: Settings, name: str, key_type: str) -> bool:
    """Have the hook put key and certificate where nginx finds them; say whether it could."""
    folder = settings.store.root / key_type / name
    files = [str(folder / f"{part}.pem") for part in ("privkey", "cert", "fullchain")]
    done = subprocess.run(
        [str(settings.hook), "deploy_cert", name, *files], env=settings.environment(key_type), check=False
    )
    return done.returncode == 0


def issued(settings: Settings, name: str, key_type: str) -> Certificate | None:
    """Return the certificate that was issued last."""
    return settings.store.read(name)[key_type].certificate


def set_date(settings: Settings, name: str, key_type: str) -> None:
    """Note when the certificate that has just been issued is due. Raises OSError."""
    certificate = issued(settings, name, key_type)
    if certificate:
        date = settings.store.root / key_type / name / "renew-at"
        date.write_text(f"{certificate.renew_at}\n", encoding="ascii")


def tidy(settings: Settings, name: str, key_type: str) -> None:
    """Remove what no link points to: former certificates with their keys, and what a failed order left, tokens too."""
    for token in settings.challenge_root.glob("*"):
        if _is_our_file(token):
            remove(str(token))
    for file in (settings.store.root / key_type / name).glob("*-[0-9]*.*"):
        link = file.with_name(f"{file.stem.rsplit('-', 1)[0]}{file.suffix}")
        if not (link.exists() and link.samefile(file)):
            remove(str(file))


def _is_our_file(path: Path) -> bool:
    """Tell a token of ours from what others keep in the same folder."""
    with contextlib.suppress(OSError):
        found = path.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return False


def _is_due(settings: Settings, name: str, key_type: str, stored: Stored, now: float) -> bool:
    """Go by the certificate, and by the date beside it, which is removed or set back to have it renewed."""
    if why_due(stored, name, key_type, int(now)):
        return True
    try:
        text = (settings.store.root / key_type / name / "renew-at").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return True
    date = DATE.match(text)
    return not date or int(date[1]) <= now


def _failed(settings: Settings, name: str, key_type: str) -> float | None:
    """Return when the certificate was last tried in vain."""
    with contextlib.suppress(OSError):
        found = (settings.store.root / key_type / name / "failure").stat()
        return found.st_mtime if found.st_size else None
    return None


def _close_to_writers(live_root: Path) -> None:
    """Nobody may write what nginx reads; earlier releases left that to its owner."""
    for file in _plain_files(live_root):
        with contextlib.suppress(OSError):
            mode = file.stat().st_mode
            if mode & WRITABLE:
                file.chmod(mode & ~WRITABLE & 0o7777)


def _plain_files(folder: Path) -> Iterable[Path]:
    return (file for file in folder.glob("*.pem") if file.is_file() and not file.is_symlink())
