# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make the new domain new again: no record, no policy, no certificate, no place in nginx."""

from __future__ import annotations

from lab.hosts import get_host, wait_for

from .deployment import NEW, POLICY_HOST
from .sight import look


def forget_new() -> None:
    """Return once nobody knows anything of it."""
    get_host("dns1").check_output(
        f"knotc zone-begin {NEW} && {{ knotc zone-unset {NEW} _mta-sts TXT; knotc zone-commit {NEW}; }}"
    )
    wait_for(lambda: set(look(NEW).ids.values()) == {None})
    get_host(POLICY_HOST).check_output(
        f"rm -rf /var/www/mta-sts/{NEW} /var/lib/mta-sts/live/mta-sts.{NEW}.*"
        f" /var/lib/mta-sts/dehydrated/certs/*/*/mta-sts.{NEW}"
        f" && sed -i /{NEW}/d /etc/nginx/sites-enabled/zz-mta-sts.conf /etc/mta-sts/dehydrated/domains.txt"
        " && systemctl reload nginx"
    )
