# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visit the addresses of policy hosts as senders do, and a little more curiously.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from ..._core.audit.evidence import HostVisit
from ..._core.net.fetch import Fetch
from ..net.https import POLICY_PATH, USER_AGENT, FetchOptions, fetch
from ..patience import Patience, TooLate, persistently

# Some filters let in whoever says it is a browser: only asked for when the plain name was turned away.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FAMILIES = ("rsa", "ecdsa")
NO_FAMILY = "no_family"


def visit(host: str, address: str, options: FetchOptions, patience: Patience) -> HostVisit:
    """Fetch the policy from one address: as senders do, with either key type, once more if refused. Raises TooLate.

    What there is no time for after a first answer is left out.
    """

    def get(attempts: int = 1, family: str | None = None, user_agent: str = USER_AGENT) -> Fetch:
        def look(seconds: float) -> Fetch:
            return fetch(host, address, POLICY_PATH, options, timeout=seconds, family=family, user_agent=user_agent)

        return persistently(look, patience, options.timeout, attempts).without_certificates()

    first = get(options.attempts)
    if first.fault is not None:
        return HostVisit(address, first)
    families: dict[str, Fetch | None] = {}
    browser = None
    try:
        for family in FAMILIES:
            families[family] = _unless_missing(_same(first, get(family=family)))
        if first.status >= HTTPStatus.BAD_REQUEST:
            browser = get(user_agent=BROWSER)
    except TooLate:
        pass
    return HostVisit(address, first, families, browser)


def _unless_missing(one: Fetch) -> Fetch | None:
    """Return None where the server has no certificate of the type asked for."""
    return None if one.fault is not None and one.fault.kind == NO_FAMILY else one


def _same(first: Fetch, again: Fetch) -> Fetch:
    """Keep one copy of a body that came twice, which nearly all do."""
    return replace(again, body=first.body) if again.body == first.body else again
