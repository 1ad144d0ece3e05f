# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA revokes everything. The timer fires once, and all is replaced, while no sender misses a policy."""

from __future__ import annotations

import pytest
from ca_limits.deployment import (
    CONFIG,
    STORE,
    Watch,
    clock,
    everywhere,
    log,
    orders,
    serials,
    start_the_service,
    wait_for_the_service,
)
from lab.hosts import get_host

# With the accounts of the hosts themselves; what dehydrated revokes it renames, so it gets copies.
REVOKE = f"""
set -eu
for config in {CONFIG}/*.conf; do
    printf '. %s\\nLOCKFILE=/tmp/lock\\n' "$config" >/tmp/revoke.conf
    for certificate in {STORE}/"$(basename "$config" .conf)"/*/cert.pem; do
        install --owner mta-sts "$certificate" /tmp/revoked.pem
        runuser -u mta-sts -- dehydrated --config /tmp/revoke.conf --revoke /tmp/revoked.pem >/dev/null
    done
done
"""
# As if the hours had passed for which the CA is not asked about the same certificate again
LATER = f"rm -f {STORE}/renewal-info.json"


def statuses(numbers):
    """What the CA says of certificates."""
    ask = "curl --silent --cacert /etc/pebble/cert.pem https://ca.lab.test:15000/cert-status-by-serial/{}"
    said = get_host("ca").check_output(" && ".join(ask.format(number) for number in sorted(numbers)))
    return {word for word in ("Valid", "Revoked") if f'"Status": "{word}"' in said}


@pytest.fixture(scope="module")
def before():
    """The certificates in use, all of them revoked."""
    numbers = serials()
    everywhere(REVOKE)
    return numbers


@pytest.fixture(scope="module")
def drill(before):
    """What happened once the timer had fired, and what senders saw meanwhile."""
    began = clock()
    with Watch() as watch:
        everywhere(LATER)
        start_the_service()
        wait_for_the_service()
    return watch, log(began)


def test_the_ca_has_revoked_everything(before):
    assert statuses(before.values()) == {"Revoked"}


def test_the_ca_is_asked_about_every_certificate(before, drill):
    _unused, events = drill
    assert len([event for event in events if event.event == "renewal_info"]) >= len(before)


def test_all_is_replaced(before, drill):
    after = serials()
    assert set(after) == set(before)
    assert set(after.values()) & set(before.values()) == set()
    assert statuses(after.values()) == {"Valid"}


def test_no_order_is_refused(drill):
    _unused, events = drill
    assert [event for event in orders(events) if not event.taken] == []


def test_no_fetch_of_a_policy_fails_meanwhile(drill):
    watch, _unused = drill
    assert watch.rounds > 1
    assert watch.problems == []
