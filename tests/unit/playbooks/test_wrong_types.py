# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A variable of the wrong type is refused under the name that the user gave it."""

from __future__ import annotations

import pytest
from helpers.playbook_run import run_playbook


@pytest.mark.parametrize(
    "variables",
    [
        {"mta_sts_domains": {"a.test": "enforce"}},
        {"mta_sts_domains": "a.test"},
        {"mta_sts_domains": 5},
        {"mta_sts_defaults": ["enforce"]},
    ],
    ids=str,
)
def test_site_names_it(tmp_path, variables):
    (tmp_path / "site.yml").write_text("- ansible.builtin.import_playbook: postmaster.mta_sts.site\n")
    given = {"mta_sts_policy_hosts": "localhost", "mta_sts_vhost": False, **variables}
    status, output = run_playbook(tmp_path, "site.yml", **given)
    assert status != 0
    said = " ".join(output.split())
    assert "mta_sts_domains must be a list, and mta_sts_defaults a dictionary. Remedy: Begin each entry" in said
    assert "changed=0" in said
