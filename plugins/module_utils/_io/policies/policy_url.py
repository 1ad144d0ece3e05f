# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch a policy from a URL and say what would keep senders from accepting it.

Private to this collection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..._core.finding import Finding, Refused, error
from ..._core.names import InvalidName, check_domain, policy_host
from ..._core.proof import unfit
from ..._core.rfc import FETCHING
from ..net.https import HTTPS_PORT, FetchOptions, fetch

POLICY_HOST_PREFIX = policy_host("")
_VISIBLE = re.compile(r"[\x21-\x7e]+\Z")


class InvalidURL(Refused):
    """Something no policy can be fetched from."""


@dataclass(frozen=True)
class PolicyURL:
    """Where to fetch; ``domain`` is the policy domain whose policy host it is, "" when it is not a policy host."""

    host: str
    port: int
    path: str
    domain: str


@dataclass(frozen=True)
class Fetched:
    """The policy's bytes, None when there are none to judge, and what is wrong with the way they came."""

    data: bytes | None
    findings: tuple[Finding, ...]


def read_url(text: str) -> PolicyURL:
    """Take a URL apart. Raises InvalidURL."""
    try:
        parts = urlsplit(text)
        port = parts.port or HTTPS_PORT
    except ValueError as problem:
        raise InvalidURL(f"{text!r} is not a URL: {problem}", "Write https://host/path") from None
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        remedy = "Write https://host/path, as in https://mta-sts.example.com/.well-known/mta-sts.txt"
        raise InvalidURL(f"{text!r} is not an https: URL of a host ({FETCHING})", remedy)
    try:
        host = check_domain(parts.hostname)
    except InvalidName as problem:
        raise InvalidURL(f"{text!r}: {problem.rule}", problem.remedy) from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _VISIBLE.match(path):
        raise InvalidURL(f"{text!r} contains characters that no URL may have", "Percent-encode them")
    domain = host[len(POLICY_HOST_PREFIX) :] if host.startswith(POLICY_HOST_PREFIX) else ""
    return PolicyURL(host, port, path, domain)


def fetch_policy(
    url: PolicyURL, domain: str, ca_path: str | None, timeout: float, allow_private: bool = False
) -> Fetched:
    """Fetch as a sender does, from any one address of the host. Never raises."""
    options = FetchOptions(ca_path, url.port, timeout, allow_private=allow_private)
    got = fetch(url.host, None, url.path, options)
    if got.fault is not None:
        return Fetched(None, (error(domain, "policy host", got.fault.rule, "", got.fault.remedy),))
    return Fetched(got.body if got.ok else None, tuple(unfit(domain, got)))
