# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every address of every policy host serves every policy, as curl sees it."""

from __future__ import annotations

import pytest
from default.deployment import POLICIES, body


@pytest.mark.parametrize("domain", POLICIES)
def test_the_policy_is_served_with_status_200_as_plain_text(sender, address, domain):
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    answer = sender.run(
        f"curl --silent --show-error --resolve 'mta-sts.{domain}:443:{address}'"
        f" --write-out '%{{http_code}} %{{content_type}}' {url}"
    )
    assert answer.stderr == ""
    # not .stdout, which has lost the CR
    assert answer.stdout_bytes.decode() == body(domain) + "200 text/plain"


def test_the_name_of_the_request_chooses_nothing(sender, address):
    answer = sender.check_output(
        f"curl --silent --resolve 'mta-sts.plain.test:443:{address}' --header 'Host: mta-sts.wildcard.test'"
        " https://mta-sts.plain.test/.well-known/mta-sts.txt"
    )
    assert "mx.wildcard.test" not in answer


def test_whatever_else_is_asked_for_is_not_found(sender, address):
    for path in ("", ".well-known/", ".well-known/mta-sts.txt/", "mta-sts.txt", ".well-known/../.well-known/mta-sts"):
        status = sender.check_output(
            f"curl --silent --path-as-is --output /dev/null --write-out '%{{http_code}}'"
            f" --resolve 'mta-sts.plain.test:443:{address}' https://mta-sts.plain.test/{path}"
        )
        assert status == "404", path
