# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder of an IMAP account: read without leaving a trace in it, unless what was read is to be moved.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import imaplib
from collections.abc import Iterator, Sequence
from typing import Callable

from ..._core.bounds import (
    IMAP_FETCH_BYTES,
    IMAP_FETCH_MAILS,
    IMAP_SIZES,
    REPORT_MAIL_BYTES,
    REPORT_MAILS_PER_RUN,
)
from ..._core.finding import Refused
from ..._core.tls_reports import imap_words
from ..._core.tls_reports.state import Marks
from ..net.connection import Failed
from .imap_client import Account, Client, failure
from .source import Item, Unreadable

VALIDITY, LAST, UNMOVED = "uidvalidity", "uid", "unmoved"
_SEARCHED_AT_ONCE = 50_000  # imaplib reads lines of a million bytes, and so many numbers fit into one


class Imap:
    """All mails of one folder, or those received on a day and later."""

    def __init__(
        self, account: Account, folder: str, marks: Marks, *, since: str | None = None, move_to: str | None = None
    ) -> None:
        """Begin with what an earlier run has noted: the last UID read, and those that are still to be moved."""
        self.name = f"imap {account.user} at {account.where}, {folder}"
        self._validity, self._last, self._unmoved = _read(marks)
        self._account = account
        self._folder = folder
        self._since = since
        self._move_to = move_to

    @property
    def marks(self) -> Marks:
        """How far it was read, for the next run."""
        unmoved = {UNMOVED: imap_words.uid_set(self._unmoved)} if self._unmoved else {}
        return {VALIDITY: self._validity, LAST: str(self._last), **unmoved} if self._validity else {}

    def items(self) -> Iterator[Item]:
        """Give new mails in the order of their arrival. Raises Unreadable."""
        with self._talking() as (client, _abilities):
            count, validity = client.open_folder(self._folder, writing=False)
            self._check(validity)
            uids = self._search(client, count)
            now = uids[:REPORT_MAILS_PER_RUN]
            for place in range(0, len(now), IMAP_SIZES):
                yield from self._fetch(client, now[place : place + IMAP_SIZES])
        if len(uids) > len(now):
            rule = f"it has {len(uids):,} mails that are new, of which {len(now):,} were read"
            raise Unreadable(rule, "Run again for the others, or name a day in since")

    @property
    def unmoved(self) -> int:
        """How many mails were read as reports and are still to be moved."""
        return len(self._unmoved) if self._move_to else 0

    def move(self) -> None:
        """Move what was read as a report. Raises Unreadable."""
        with self._talking() as (client, abilities):
            way = _mover(client, abilities)
            _count, validity = client.open_folder(self._folder, writing=True)
            self._check(validity)
            while self._unmoved:
                way(imap_words.uid_set(self._unmoved[:IMAP_SIZES]), imap_words.folder(self._move_to or ""))
                self._unmoved = self._unmoved[IMAP_SIZES:]

    def _check(self, validity: str) -> None:
        """Forget all numbers where the server has given new ones (RFC 3501, section 2.3.1.1)."""
        if self._validity != validity:
            self._validity, self._last, self._unmoved = validity, 0, []

    @contextlib.contextmanager
    def _talking(self) -> Iterator[tuple[Client, frozenset[str]]]:
        try:
            with Client(self._account) as client:
                yield client, client.log_in()
        except (Failed, OSError, ValueError, imaplib.IMAP4.error) as problem:
            raise failure(self._account, problem) from problem

    def _search(self, client: Client, count: int) -> list[int]:
        """Return the new UIDs, in their order."""
        words = ["UID", f"{self._last + 1}:*", *(["SINCE", imap_words.day(self._since)] if self._since else [])]
        found: set[int] = set()
        for first in range(1, count + 1, _SEARCHED_AT_ONCE):
            of_these = f"{first}:{min(count, first + _SEARCHED_AT_ONCE - 1)}"
            for line in client.ask("SEARCH", of_these, *words):
                found.update(map(int, line.split()) if isinstance(line, bytes) else ())
        return sorted(uid for uid in found if uid > self._last)  # "5:*" is the last mail where there is none behind it

    def _fetch(self, client: Client, uids: Sequence[int]) -> Iterator[Item]:
        """Ask how large they are, then for those that are not too large, and note what has been taken."""
        sizes = _sizes(client, uids)
        for chunk in imap_words.chunks(sorted(sizes.items()), IMAP_FETCH_MAILS, IMAP_FETCH_BYTES):
            mails = _mails(client, {uid: size for uid, size in chunk if size <= REPORT_MAIL_BYTES})
            for uid, size in chunk:
                if size > REPORT_MAIL_BYTES:
                    rule = f"it has {size:,} bytes, more than {REPORT_MAIL_BYTES:,}"
                    yield Item(f"UID {uid}", refusal=Refused(rule, "Remove it, unless you know its sender"))
                elif uid in mails:
                    item = Item(f"UID {uid}", mails.pop(uid))
                    yield item
                    if item.is_report and self._move_to:
                        self._unmoved.append(uid)
                self._last = uid


def _read(marks: Marks) -> tuple[str, int, list[int]]:
    """Return UIDVALIDITY, the last UID read, and those that are still to be moved."""
    try:
        return marks[VALIDITY], int(marks[LAST]), imap_words.read_uid_set(marks.get(UNMOVED, ""))
    except (KeyError, ValueError):
        return "", 0, []


def _sizes(client: Client, uids: Sequence[int]) -> dict[int, int]:
    """Return the bytes of each mail; one that was removed meanwhile has none."""
    wanted, sizes = set(uids), {}
    for part in client.ask("FETCH", imap_words.uid_set(uids), "(UID RFC822.SIZE)"):
        said = imap_words.numbers(part) if isinstance(part, bytes) else {}
        if said.get("UID") in wanted and "RFC822.SIZE" in said:
            sizes[said["UID"]] = said["RFC822.SIZE"]
    return sizes


def _mails(client: Client, sizes: dict[int, int]) -> dict[int, bytes]:
    """Return the mails themselves, unmarked as they were."""
    if not sizes:
        return {}
    words = (imap_words.uid_set(sizes), "(UID BODY.PEEK[])")
    parts = client.ask("FETCH", *words, size=sum(sizes.values()))
    mails = {}
    for place, part in enumerate(parts):
        if not isinstance(part, tuple):
            continue
        behind = parts[place + 1] if place + 1 < len(parts) else b""
        said = {**imap_words.numbers(behind if isinstance(behind, bytes) else b""), **imap_words.numbers(part[0])}
        if said.get("UID") in sizes:
            mails[said["UID"]] = part[1]
    return mails


def _mover(client: Client, abilities: frozenset[str]) -> Callable[[str, str], None]:
    """Return how mails are moved there. Raises Unreadable where nothing but all deleted mails can be removed."""
    if "MOVE" in abilities:
        return lambda uids, folder: _ask(client, ("MOVE", uids, folder))
    if "UIDPLUS" not in abilities:
        rule = "the server has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315), so its mails cannot be moved one by one"
        raise Unreadable(rule, "Leave out move_to, and have a rule of the mail server sort the reports")

    removing = (("STORE", "+FLAGS.SILENT", r"(\Deleted)"), ("EXPUNGE",))
    return lambda uids, folder: _ask(
        client, ("COPY", uids, folder), *((command, uids, *words) for command, *words in removing)
    )


def _ask(client: Client, *commands: Sequence[str]) -> None:
    for command in commands:
        client.ask(*command)
