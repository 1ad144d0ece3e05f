# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What DNS says about the TXT records of a.test, and an audit's evidence made of it."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Evidence
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer

STS, TLS_RPT, HOST = "_mta-sts.a.test", "_smtp._tls.a.test", "mta-sts.a.test"
REPORTS = "v=TLSRPTv1; rua=mailto:a@a.test"


def txt(name, *texts, status="OK", canonical=None):
    return Answer(
        name, "TXT", status, canonical or name, tuple((text.encode(),) for text in texts), "192.0.2.53 says so"
    )


def nothing(name, canonical=None, status="NXDOMAIN"):
    return txt(name, status=status, canonical=canonical)


def host(canonical=HOST, records=("192.0.2.1",)):
    return (Answer(HOST, "A", "OK", canonical, records), Answer(HOST, "AAAA", "NODATA", canonical))


def evidence(sts=None, tls_rpt=None, **more):
    mx = Answer("a.test", "MX", "OK", "a.test")
    return Evidence("a.test", sts or nothing(STS), tls_rpt or nothing(TLS_RPT), mx, **{"host": (), **more})
