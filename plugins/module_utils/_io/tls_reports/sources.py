# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sources as users list them, made ready to be read.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..._core.finding import Refused
from ..._core.tls_reports.period import read_day
from ..._core.tls_reports.state import Marks
from .folder import Folder
from .imap import Imap
from .imap_client import Account
from .maildir import Maildir
from .mbox import Mbox
from .source import Source

FILES: dict[str, Callable[[str, Marks], Source]] = {"folder": Folder, "maildir": Maildir, "mbox": Mbox}
TYPES = (*FILES, "imap")
# Who gives these waits for something to happen.
_OF_IMAP = {
    "since": "Leave it out: of files, what is new is read",
    "move_to": "Leave it out: what was read may be removed, once it is kept in a state",
}


def make_sources(given: Iterable[Mapping[str, Any]], marks: Mapping[str, Marks], now: int) -> list[Source]:
    """Return the sources in their order, each once, with what earlier runs have noted. Raises Refused."""
    sources: dict[str, Source] = {}
    for options in given:
        source = _make(options, {}, now)
        sources.setdefault(source.name, _make(options, marks.get(source.name, {}), now))
    return list(sources.values())


def _make(options: Mapping[str, Any], marks: Marks, now: int) -> Source:
    if options["type"] != "imap":
        return _files(options, marks)
    account = Account(
        options["host"],
        options["user"],
        options["password"],
        options["tls"],
        options["port"],
        options["ca_path"] or None,
        options["validate_certs"],
        options["timeout"],
    )
    since = read_day(options["since"], now)
    return Imap(account, options["folder"], marks, since=since, move_to=options["move_to"] or None)


def _files(options: Mapping[str, Any], marks: Marks) -> Source:
    kind, path = options["type"], options["path"].rstrip("/") or "/"
    for option, remedy in _OF_IMAP.items():
        if options[option]:
            raise Refused(f"{option} of {kind} {path} is not for this type, but for imap", remedy)
    return FILES[kind](path, marks)
