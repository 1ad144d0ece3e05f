# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Domain names: A-labels, host names, the policy host of a domain (RFC 8461, section 3.2; RFC 5890; RFC 1123).

Private to this collection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from .finding import Refused

NAME_LIMIT = 253
LABEL_LIMIT = 63

_SEPARATORS = re.compile(r"[,;\s]")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")

# IDNA2003 (which Python brings) and IDNA2008 (which registries use) make different names of these.
_DEVIATIONS = {
    "\u00df": "sharp s",
    "\u1e9e": "sharp s",
    "\u03c2": "final sigma",
    "\u200c": "zero width non-joiner",
    "\u200d": "zero width joiner",
}


class InvalidName(Refused):
    """A name that cannot be used."""


def a_label(name: str) -> str:
    """Turn a name of U-labels or A-labels into lower-case A-labels. Raises InvalidName."""
    for character, called in _DEVIATIONS.items():
        if character in name:
            raise InvalidName(
                f"{name!r} contains a {called}, which older and newer rules for international names encode differently",
                "Write the name as A-label (xn--...), as your registry shows it",
            )
    if name.isascii():
        return name.lower()
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidName(
            f"{name!r} has no A-label form", "Write the name as A-label (xn--...), as your registry shows it"
        ) from None


def check_host(name: str) -> str:
    """Return the name as A-labels if it is a host name of two labels or more, each of letters, digits and hyphens.

    Raises InvalidName, among others for addresses, trailing dots, wildcards and underscores.
    """
    name = check_domain(name)
    if "." not in name:
        raise InvalidName(f"{name!r} is a single label, not a domain", "Write the whole name, as in example.com")
    return name


def check_domain(name: str) -> str:
    """Do the same for a Domain of RFC 5321, section 4.1.2, which may be a single label. Raises InvalidName."""
    _check_kind(name)
    name = a_label(name)
    if len(name) > NAME_LIMIT:
        raise InvalidName(f"{name!r} is longer than {NAME_LIMIT} characters", "Use a shorter name")
    labels = name.split(".")
    for label in labels:
        _check_label(name, label)
    if labels[-1].isdigit():
        raise InvalidName(f"{name!r} is an address, not a name", "Write the host's name")
    return name


NAMED = 5  # of many names, in one sentence
POLICY_HOST_PREFIX = "mta-sts."


def policy_host(domain: str) -> str:
    """Return the name of the host that serves the policy of a domain (RFC 8461, section 3.2)."""
    return POLICY_HOST_PREFIX + domain


def policy_domain(host: str) -> str:
    """Return the domain whose policy a host of that name serves."""
    return host[len(POLICY_HOST_PREFIX) :]


def several(names: Sequence[str]) -> str:
    """Return the first of many names and how many more there are, for one sentence."""
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest


def _check_kind(name: str) -> None:
    """Refuse anything but a name, in words that say what it is."""
    if not name:
        raise InvalidName("the name is empty", "Write a name, as in example.com")
    if _SEPARATORS.search(name):
        raise InvalidName(f"{name!r} is not one name", "Write every name as an entry of its own")
    if "@" in name:
        raise InvalidName(f"{name!r} is a mail address", "Write the domain alone")
    if _is_address(name):
        raise InvalidName(f"{name!r} is an address, not a name", "Write the host's name")
    if name.endswith("."):
        raise InvalidName(f"{name!r} ends in a dot", "Write it without the dot")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _check_label(name: str, label: str) -> None:
    if not label:
        raise InvalidName(f"{name!r} has an empty label", "Write one dot between two labels")
    if len(label) > LABEL_LIMIT:
        raise InvalidName(f"{name!r} has a label longer than {LABEL_LIMIT} characters", "Use a shorter label")
    if not _LABEL.match(label):
        raise InvalidName(
            f"{name!r} has the label {label!r}, which is not made of letters, digits and inner hyphens",
            "Write a host name, as in mx1.example.com",
        )
