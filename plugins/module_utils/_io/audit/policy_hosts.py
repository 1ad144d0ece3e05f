# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visit the addresses of policy hosts as senders do, and a little more curiously.

Private to this collection.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ..._core.audit.evidence import Fetch, HostVisit
from ..._core.proof import HTTP_OK, Fault
from ..https import POLICY_PATH, FetchError, fetch

# Some filters let in whoever says it is a browser: only asked for when the plain name was turned away.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FAMILIES = ("rsa", "ecdsa")
NO_FAMILY = "no_family"
BAD_REQUEST = 400
PAUSE_SECONDS = 1.0

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


def visit(host: str, address: str, manner: Manner) -> HostVisit:
    """Fetch the policy from one address: as senders do, with either key type, once more if refused. Never raises."""
    fetched = _patiently(host, address, manner)
    if fetched.fault is not None:
        return HostVisit(address, fetched)
    families = {family: _with(family, host, address, manner) for family in FAMILIES}
    browser = _once(host, address, manner, user_agent=BROWSER) if fetched.status >= BAD_REQUEST else None
    return HostVisit(address, fetched, {family: _same(fetched, seen) for family, seen in families.items()}, browser)


def _patiently(host: str, address: str, manner: Manner) -> Fetch:
    fetched = _once(host, address, manner)
    for _unused in range(1, max(1, manner.attempts)):
        if fetched.fault is None or fetched.fault.kind not in PASSING:
            break
        time.sleep(PAUSE_SECONDS)
        fetched = _once(host, address, manner)
    return fetched


def _with(family: str, host: str, address: str, manner: Manner) -> Fetch | None:
    """Fetch with certificates of one type only; None where the server has none of it."""
    fetched = _once(host, address, manner, family=family)
    return None if fetched.fault is not None and fetched.fault.kind == NO_FAMILY else fetched


def _once(
    host: str, address: str, manner: Manner, *, family: str | None = None, user_agent: str | None = None
) -> Fetch:
    try:
        response = fetch(
            host,
            address,
            POLICY_PATH,
            ca_path=manner.ca_path,
            timeout=manner.timeout,
            port=manner.port,
            family=family,
            user_agent=user_agent,
            allow_private=manner.allow_private,
        )
    except FetchError as problem:
        return Fetch(fault=Fault(problem.kind, problem.rule, problem.remedy))
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
