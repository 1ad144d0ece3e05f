# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter hands on what hosts have registered."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.filter.adoption_report import adoption_report

OTHER = {
    "domain": "a.example", "policy_host": "mta-sts.a.example", "port": 443, "file": "/etc/nginx/conf.d/sts.conf",
    "line": 9, "stays": True, "alone": True, "certificates": [], "ready": False,
}  # fmt: skip


def test_before_and_after_senders_were_asked():
    hosts = [{"inventory_hostname": "one", "__sts_vhost_nginx": {"others": [OTHER]}}, {"inventory_hostname": "two"}]
    assert adoption_report(hosts, {}, []) == {
        "domains": ["a.example"],
        "lines": ["a.example: on one /etc/nginx/conf.d/sts.conf:9 answers on port 443."],
    }
    assert adoption_report(hosts, {"skipped": True}, [])["domains"] == ["a.example"]


def test_nothing_there():
    assert adoption_report([], {}, []) == {"domains": [], "lines": []}
