# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evidence of the policy host of a.test, and of visits to its addresses."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Addresses, Evidence
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import Found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import LookedUp

HOST = "mta-sts.a.test"
V4, V6 = "192.0.2.1", "2001:db8::1"


def evidence(host=(), visits=(), status="OK", canonical="_mta-sts.a.test", **more):
    return Evidence(
        "a.test",
        Found(status, canonical),
        Found("NXDOMAIN", "_smtp._tls.a.test"),
        LookedUp("OK"),
        host,
        host_visits=visits,
        **more,
    )


def addresses(*records, status="NODATA", canonical=HOST, detail=""):
    return tuple(Addresses("OK" if one else status, canonical, (one,) if one else (), detail) for one in records)
