# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody has seen is not there."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    Evidence,
    HostVisit,
    MxHost,
    MxVisit,
    TlsProbe,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch


def test_a_server_that_was_not_met_has_shown_nothing():
    assert TlsProbe() == TlsProbe(None, ())
    assert HostVisit("192.0.2.1", Fetch()) == HostVisit("192.0.2.1", Fetch(), {}, None)
    assert MxVisit("192.0.2.1") == MxVisit("192.0.2.1", None, None, None)
    assert MxHost("mx.test", ()) == MxHost("mx.test", (), (), (), None, None, (), ())


def test_a_domain_of_which_nobody_has_looked_at_more_has_no_more():
    nothing = Answer("_mta-sts.a.test", "TXT", "NXDOMAIN", "_mta-sts.a.test")
    seen = Evidence("a.test", nothing, nothing, Answer("a.test", "MX", "NXDOMAIN", "a.test"), ())
    assert (seen.wildcard, seen.host_stray, seen.caa, seen.left_out, seen.late) == (False, "", (), (), ())
    assert (seen.host_visits, seen.mx_hosts) == ((), ())
    mappings = (seen.strays, seen.tls_rpt_strays, seen.servers, seen.tls_rpt_servers, seen.tls_probes)
    assert (*mappings, seen.private_servers, seen.endpoints) == ({},) * 7


def test_an_mx_is_known_by_the_name_at_the_end_of_its_cnames():
    v4 = Answer("mx.test", "A", "OK", "one.test", ("192.0.2.1",))
    v6 = Answer("mx.test", "AAAA", "NODATA", "other.test")
    assert MxHost("mx.test", (v4, v6)).canonical == "one.test"
