# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ansible is killed (SIGKILL) at ten points of site.yml, while it adds a domain and changes all others."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial

import pytest
from faults.world.deployment import EVERYTHING, NEW
from faults.world.network import secondary_cut_off
from faults.world.orders import ca_asleep
from faults.world.runs import publish_and_die
from faults.world.story import EveryFault, tell
from lab.hosts import LAB, NAME_SERVERS

POLICY, VHOST, CERTIFICATE, DNS = (
    f"postmaster.mta_sts.{role} : " for role in ("sts_policy", "sts_vhost", "sts_certificate", "sts_dns")
)
ORDER = CERTIFICATE + "Order | Order what is due"
PUBLISH = DNS + "Publish by dynamic update"
IT_ORDERS = f"podman exec mta-sts-lab-{LAB}-policy13 systemctl show mta-sts-certificate | grep ActiveState=activating"
IT_IS_ANNOUNCED = f"kdig @{NAME_SERVERS[0]} +short _mta-sts.{NEW} TXT | grep id="

POINTS = {
    "before any policy is written": {"task": POLICY + "Install and remove policies"},
    "before nginx knows the new name": {
        "task": VHOST + "Configure | Install our file, or remove it when it has nothing to serve"
    },
    "before nginx is reloaded": {"task": VHOST + "Reload nginx for the MTA-STS policies"},
    "before the new name is listed for orders": {
        "task": CERTIFICATE + "Plan | Decide which names are to have certificates"
    },
    "before a certificate is ordered": {"task": ORDER},
    "while a certificate is ordered": {"task": ORDER, "once": IT_ORDERS},
    "before all is proven": {"task": "Fetch every policy from every address of its policy host, and compare"},
    "before anything is announced": {"task": PUBLISH},
    "while a name server lags behind": {"task": PUBLISH, "once": IT_IS_ANNOUNCED},
    "before the table is shown": {"task": "Show the table"},
}
MEANWHILE = {"while a certificate is ordered": ca_asleep, "while a name server lags behind": secondary_cut_off}


@pytest.fixture(scope="module", params=POINTS)
def story(request):
    meanwhile = MEANWHILE.get(request.param, nullcontext)
    return tell(EVERYTHING, meanwhile(), broken=partial(publish_and_die, **POINTS[request.param]))


class TestAnsibleIsKilled(EveryFault):
    """It has no last words."""
