# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zones as people have them, made up at random: wildcards, CNAMEs, delegations, neighbours and clutter."""

from __future__ import annotations

from servers.knot import Zone

NEIGHBOURS = (
    '@ TXT "v=spf1 -all"',
    '_dmarc TXT "v=DMARC1; p=reject"',
    'key._domainkey TXT "v=DKIM1; p=AAAA"',
    '@ TXT "google-site-verification=1"',
)
WILDCARDS = (
    "{} MX 10 mx",
    "{} A 192.0.2.7",
    "{} AAAA 2001:db8::7",
    "{} MX 10 mx\n{} A 192.0.2.7",
    "{} CNAME @",
    "{} CNAME _dmarc",
    "{} CNAME nowhere.invalid.",
    '{} TXT "v=spf1 -all"',
    '{} TXT "v=STSv1; id=wild;"',
    '{} TXT "v=spf1 -all"\n{} A 192.0.2.7',
    '{} TXT "v=TLSRPTv1; rua=mailto:wild@example.com"\n{} MX 10 mx',
)
# At _mta-sts and _smtp._tls
RECORDS = (
    '{} TXT "v=STSv1; id=old;"',
    '{} TXT "v=STSv1; " "id=old"',
    '{} TXT "v=STSv1; id=one;"\n{} TXT "v=STSv1; id=two;"',
    '{} TXT "v=STSv1; id=old;"\n{} 900 TXT "v=spf1 -all"',
    '{} 77 TXT "v=spf1 -all"',
    '{} TXT "V=stsv1; id=old;"',
    '{} TXT "v=STSv10; id=old;"',
    '{} TXT "v=STSv1"',
    '{} TXT "v=TLSRPTv1; rua=mailto:old@example.com"',
    '{} TXT "v=TLSRPTv1; rua=mailto:old@example.com"\n{} TXT "\\255\\000"',
    "{} CNAME @",
    "{} CNAME _dmarc",
    "{} CNAME key._domainkey",
    "{} CNAME _mta-sts.other",
    "{} CNAME {}",
    "{} CNAME nowhere.invalid.",
    "{} A 192.0.2.8",
    '*.{} TXT "v=spf1 -all"',
)
HOSTS = ("{} MX 10 mx", "{} A 192.0.2.9", "{} MX 10 mx\n{} A 192.0.2.9", "{} CNAME mx", '{} TXT "anything"')
DOMAINS = ("@", "sub", "deep.sub", "other", "here.there")


def make_zone(number, choose):
    """Return a zone, and the domains in it that may have MTA-STS; ``choose`` is a random.Random."""
    lines = [line for line in NEIGHBOURS if choose.random() < 0.7]
    lines += ["mx A 192.0.2.25"]
    places = ["*", "*.sub", "*.there", "*._tls.sub", "*._mta-sts"]
    lines += [choose.choice(WILDCARDS).replace("{}", place) for place in places if choose.random() < 0.35]
    for domain in DOMAINS:
        if choose.random() < 0.4:
            lines.append(choose.choice(HOSTS[:3] if domain == "@" else HOSTS).replace("{}", domain))
        if choose.random() < 0.3:
            lines.append(f"{_below('mta-sts', domain)} A 192.0.2.10")
        for service in ("_mta-sts", "_smtp._tls"):
            if choose.random() < 0.4:
                lines.append(choose.choice(RECORDS).replace("{}", _below(service, domain)))
    zone = f"z{number}.test"
    return Zone(zone, "\n".join(lines)), [zone if domain == "@" else f"{domain}.{zone}" for domain in DOMAINS]


def _below(label, domain):
    return label if domain == "@" else f"{label}.{domain}"
