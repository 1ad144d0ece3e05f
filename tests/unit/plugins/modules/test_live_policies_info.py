# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module as Ansible runs it, before a server that somebody has set up by hand."""

from __future__ import annotations

import dns.rcode
import trustme
from helpers.module_process import run_module
from servers.dns_server import answering, having
from servers.https_server import Answer, serve

BY_HAND = "version: STSv1\nmode: enforce\nmx: mx.a.test\nmax_age: 604800\n"
RECORDS = {
    ("mta-sts.a.test", "AAAA"): ["::1"],
    ("_mta-sts.a.test", "TXT"): ['"v=STSv1; id=apr2021"'],
    ("mta-sts.elsewhere.test", "A"): ["127.0.0.1"],
}
SILENT = {f"{name}.silent.test": dns.rcode.SERVFAIL for name in ("mta-sts", "_mta-sts")}


def test_what_senders_get_at_our_addresses(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    with (
        serve(Answer(body=BY_HAND.encode()), authority.issue_cert("mta-sts.a.test"), address="::1") as port,
        answering(having(RECORDS, SILENT)) as (nameserver, _asked),
    ):
        done = run_module(
            "live_policies_info", domains=["a.test", "elsewhere.test", "silent.test"], nameservers=[nameserver],
            policy_host_addresses=["0:0:0:0:0:0:0:1"], ca_path=str(tmp_path / "root.pem"), port=port,
        )  # fmt: skip
    first, second, third = done["results"]
    (policy,) = first.pop("policies")
    assert first == {"domain": "a.test", "record_id": "apr2021", "record_known": True, "served": True}
    assert (policy["mode"], policy["max_age"], policy["addresses"]) == ("enforce", 604800, ["::1"])
    nothing = {"record_id": None, "policies": []}
    assert second == {"domain": "elsewhere.test", "record_known": True, "served": False, **nothing}
    assert third == {"domain": "silent.test", "record_known": False, "served": True, **nothing}
    assert done["live"] == ["a.test", "silent.test"]
    assert done["served"] == [{"domain": "a.test", "policy": BY_HAND}]
