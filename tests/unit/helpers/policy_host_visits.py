# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evidence of the policy host of a.test, and of visits to its addresses."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Evidence
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer

HOST = "mta-sts.a.test"
V4, V6 = "192.0.2.1", "2001:db8::1"


def evidence(host=(), visits=(), status="OK", canonical="_mta-sts.a.test", **more):
    return Evidence(
        "a.test",
        Answer("_mta-sts.a.test", "TXT", status, canonical),
        Answer("_smtp._tls.a.test", "TXT", "NXDOMAIN", "_smtp._tls.a.test"),
        Answer("a.test", "MX", "OK", "a.test"),
        host,
        host_visits=visits,
        **more,
    )


def addresses(*records, status="NODATA", canonical=HOST, detail=""):
    return tuple(
        Answer(HOST, rdtype, "OK" if one else status, canonical, (one,) if one else (), detail)
        for rdtype, one in zip(("A", "AAAA"), records)
    )
