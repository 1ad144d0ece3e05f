# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the collection is, whose publishing the tests call; and the servers, set up once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

# The link that tests/setup makes; beside the collections that came with the package "ansible", if that is installed.
COLLECTIONS = Path(__file__).resolve().parents[3] / ".cache/collections"

sys.path.insert(0, str(COLLECTIONS))

import ansible_collections

if str(COLLECTIONS / "ansible_collections") not in ansible_collections.__path__:
    ansible_collections.__path__.append(str(COLLECTIONS / "ansible_collections"))

from primaries.servers import BIND, KNOT, POWERDNS, PRIMARIES, SECOND, Server, wait_until_served


@pytest.fixture(scope="session", autouse=True)
def _set_up():
    POWERDNS.set_up()  # before its secondary
    with ThreadPoolExecutor() as pool:
        list(pool.map(Server.set_up, (BIND, KNOT, SECOND)))
    wait_until_served()


@pytest.fixture(params=PRIMARIES, ids=lambda server: server.kind)
def server(request):
    return request.param
