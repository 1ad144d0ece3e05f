# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for all unit tests: where the collection is, and that no machine is too busy for a property; and a CA."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, settings

# The link that tests/setup makes; beside the collections that came with the package "ansible", if that is installed.
COLLECTIONS = Path(__file__).resolve().parents[2] / ".cache/collections"

sys.path[:0] = [str(Path(__file__).parent), str(COLLECTIONS)]

import ansible_collections

if str(COLLECTIONS / "ansible_collections") not in ansible_collections.__path__:
    ansible_collections.__path__.append(str(COLLECTIONS / "ansible_collections"))

# Only root can be somebody else, too.
collect_ignore_glob = [] if os.geteuid() == 0 else ["*_of_others.py"]

settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("any_machine")


@pytest.fixture(scope="module")
def ca():
    """Return a CA that a module's servers have their certificates of."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_path(ca, tmp_path_factory):
    """Return the file to trust it by."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return str(path)
