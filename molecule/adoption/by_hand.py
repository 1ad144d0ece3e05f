# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody has set up by hand on the policy host: two domains in enforce, as the page for users has it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lab.hosts import get_host

PAGE = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], "docs/adopting.md").read_text(encoding="utf-8")
LAB_CA = "/usr/local/share/lab-ca.pem"
MAX_AGES = {"byhand.test": 604800, "certbot.test": 1209600}
RECORD_IDS = {"byhand.test": "apr2021", "certbot.test": "20240229120000Z"}
STS_CONF = "/etc/nginx/conf.d/sts.conf"
# Of both ports and of all names that begin with mta-sts
CERTBOT_CONF = """\
server {
    listen 80;
    listen [::]:80;
    listen 443 ssl;
    listen [::]:443 ssl; # managed by Certbot
    server_name ~^mta-sts\\.(?<domain>.+)$;
    ssl_certificate /etc/letsencrypt/live/mta-sts.certbot.test/fullchain.pem; # managed by Certbot
    ssl_certificate_key /etc/letsencrypt/live/mta-sts.certbot.test/privkey.pem; # managed by Certbot
    root /var/www/$domain;
}
"""
# Before there are certificates
FIRST_CONF = """\
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    location ^~ /.well-known/acme-challenge/ {
        alias /var/www/dehydrated/;
    }
}
"""
DEHYDRATED = f"""\
CA=https://ca.lab.test:14000/dir
CURL_OPTS="--cacert {LAB_CA}"
WELLKNOWN=/var/www/dehydrated
CERTDIR=/etc/dehydrated/certs
KEYSIZE=2048
"""
ORDERS = """\
dehydrated --register --accept-terms
dehydrated --cron --algo rsa --domain mta-sts.byhand.test
dehydrated --cron --algo secp384r1 --out /etc/dehydrated/certs/ECC --domain mta-sts.byhand.test
dehydrated --cron --algo rsa --out /etc/letsencrypt/live --domain mta-sts.certbot.test"""


def blocks(language: str) -> list[str]:
    """Return the page's blocks of a language, with the lab's domain."""
    return [
        text.replace("example.com", "byhand.test") for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    ]


def commands(section: int) -> list[str]:
    """Return what the page has root type on the policy host in one of its numbered sections."""
    text = PAGE.partition(f"\n## {section}. ")[2].partition("\n## ")[0]
    return re.findall(r"^# (.+)$", "".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL)), re.MULTILINE)


def policy(domain: str, end: str) -> bytes:
    """Return the policy of a domain with these ends of lines: LF by hand, CR LF by us."""
    lines = ["version: STSv1", "mode: enforce", f"mx: mx.{domain}", f"max_age: {MAX_AGES[domain]}"]
    return "".join(f"{line}{end}" for line in lines).encode()


def write(path: str, text: str) -> None:
    """Write a file, as an editor does."""
    get_host("policy13").check_output(f"mkdir -p {os.path.dirname(path)} && cat >{path} <<'EOF'\n{text}EOF")


def set_up() -> None:
    """Do it all, in the order in which somebody would."""
    host = get_host("policy13")
    host.check_output("rm -f /etc/nginx/sites-enabled/default && mkdir -p /var/www/dehydrated /etc/letsencrypt/live")
    write("/etc/dehydrated/conf.d/by-hand.sh", DEHYDRATED)
    write("/etc/nginx/conf.d/first.conf", FIRST_CONF)
    host.check_output("systemctl restart nginx")
    for order in ORDERS.splitlines():
        host.check_output(order)
    for domain, root in (("byhand.test", "/data/www/mta-sts.byhand.test"), ("certbot.test", "/var/www/certbot.test")):
        write(f"{root}/.well-known/mta-sts.txt", policy(domain, "\n").decode())
    write(STS_CONF, blocks("nginx")[0])
    write("/etc/nginx/sites-available/mta-sts", CERTBOT_CONF)
    host.check_output(
        "ln -s ../sites-available/mta-sts /etc/nginx/sites-enabled/mta-sts && rm /etc/nginx/conf.d/first.conf"
        " && nginx -t && systemctl reload nginx"
    )
