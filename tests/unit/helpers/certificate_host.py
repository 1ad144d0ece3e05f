# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy host in a folder, whose certificates are ordered and looked at by the modules as Ansible calls them."""

from __future__ import annotations

from helpers.certificates import issue

from ansible_collections.postmaster.mta_sts.plugins.modules import certificate_info, certificate_orders

KEY_TYPES = ["rsa2048", "p256"]


def result(domain, leads_here="yes", state="present"):
    """Return what domains_info says of a domain, as far as certificates need it."""
    return {
        "domain": domain,
        "policy_host": f"mta-sts.{domain}",
        "state": state,
        "leads_here": leads_here,
        "policy_host_addresses": ["192.0.2.1"] if leads_here == "yes" else [],
    }


class CertificateHost:
    """Its store, its live folder and its policies."""

    def __init__(self, root):
        self.root = root
        self._paths = {
            "domains_txt": str(root / "etc/domains.txt"),
            "state_root": str(root / "state"),
            "ca": "https://ca",
            "live_root": str(root / "live"),
            "policy_root": str(root / "www"),
        }

    def order(self, *results, dry=False, now=0, **more):
        """Run certificate_orders."""
        given = {**self._paths, "results": list(results), "addresses": ["192.0.2.1"], "key_types": KEY_TYPES}
        more = {
            "names": [],
            "limits": {},
            "hosts": 1,
            "port_80_of_others": [],
            "challenge": "http-01",
            "policies": None,
            "served": [],
            "state": "present",
            **more,
        }
        return certificate_orders.run({**given, **more}, now, dry)

    def info(self, orders=(), names=(), dry=False, now=0, asked=""):
        """Run certificate_info."""
        given = {**self._paths, "names": list(names), "orders": list(orders), "key_types": KEY_TYPES}
        given = {**given, "asked": asked}
        return certificate_info.run(given, now, dry)

    def issue(self, domain, **dates):
        """Put a certificate of each key type where dehydrated and our hook would."""
        for key_type in KEY_TYPES:
            issue(self.root / "state/certs/ca", self.root / "live", f"mta-sts.{domain}", key_type, **dates)

    def publish(self, domain):
        """Put a policy where sts_policy would."""
        policy = self.root / f"www/{domain}/.well-known/mta-sts.txt"
        policy.parent.mkdir(parents=True)
        policy.touch()
        return policy

    def keys(self, domain):
        """Return the keys and certificates of a domain."""
        return [file for file in self.files() if domain in file and file.startswith(("live", "state"))]

    def listed(self):
        """Return what dehydrated will order."""
        return (self.root / "etc/domains.txt").read_text()

    def files(self):
        """Return everything on the host."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*"))
