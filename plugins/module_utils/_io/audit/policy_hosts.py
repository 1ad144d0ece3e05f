# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visit the addresses of policy hosts as senders do, and a little more curiously.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..._core.audit.evidence import Fetch, HostVisit
from ..._core.proof import HTTP_OK, Fault
from ..net.https import POLICY_PATH, FetchError, fetch
from ..patience import Patience, TooLate, blame, persistently

# Some filters let in whoever says it is a browser: only asked for when the plain name was turned away.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FAMILIES = ("rsa", "ecdsa")
NO_FAMILY = "no_family"
BAD_REQUEST = 400

# Faults that may be gone a second later
PASSING = {"tcp", "unreachable", "timeout", "tls", "http"}


@dataclass(frozen=True)
class Manner:
    """How to fetch: whom to trust (None: the system's CAs), the port, seconds for one fetch, tries.

    ``allow_private`` lets it be from where the world does not reach.
    """

    ca_path: str | None = None
    port: int = 443
    timeout: float = 60
    attempts: int = 2
    allow_private: bool = False


def visit(host: str, address: str, manner: Manner, patience: Patience) -> HostVisit:
    """Fetch the policy from one address: as senders do, with either key type, once more if refused. Raises TooLate.

    What there is no time for after a first answer is left out.
    """
    fetched = persistently(lambda: _once(host, address, manner, patience), PASSING, manner.attempts)
    if fetched.fault is not None:
        return HostVisit(address, fetched)
    families: dict[str, Fetch | None] = {}
    browser = None
    try:
        for family in FAMILIES:
            families[family] = _same(fetched, _with(family, host, address, manner, patience))
        if fetched.status >= BAD_REQUEST:
            browser = _once(host, address, manner, patience, user_agent=BROWSER)
    except TooLate:
        pass
    return HostVisit(address, fetched, families, browser)


def _with(family: str, host: str, address: str, manner: Manner, patience: Patience) -> Fetch | None:
    """Fetch with certificates of one type only; None where the server has none of it."""
    fetched = _once(host, address, manner, patience, family=family)
    return None if fetched.fault is not None and fetched.fault.kind == NO_FAMILY else fetched


def _once(
    host: str,
    address: str,
    manner: Manner,
    patience: Patience,
    *,
    family: str | None = None,
    user_agent: str | None = None,
) -> Fetch:
    allowed = patience.allow(manner.timeout)
    try:
        response = fetch(
            host,
            address,
            POLICY_PATH,
            ca_path=manner.ca_path,
            timeout=allowed,
            port=manner.port,
            family=family,
            user_agent=user_agent,
            allow_private=manner.allow_private,
        )
    except FetchError as problem:
        return Fetch(fault=blame(Fault(problem.kind, problem.rule, problem.remedy), allowed, manner.timeout))
    return Fetch(
        status=response.status,
        content_type=response.content_type,
        location=response.location,
        body=response.body,
        seconds=response.seconds,
        shown=replace(response.shown, certificate=b""),  # thousands of them would only lie in memory
    )


def _same(first: Fetch, again: Fetch | None) -> Fetch | None:
    """Keep one copy of a body that came twice, which nearly all do."""
    if again is not None and again.status == HTTP_OK and again.body == first.body:
        return replace(again, body=first.body)
    return again
