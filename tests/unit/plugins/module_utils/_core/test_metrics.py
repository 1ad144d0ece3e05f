# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from helpers.audits import HOSTILE
from helpers.promtool import promtool

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.metrics import exposition


def test_each_metric_is_explained_before_its_samples():
    assert exposition({"b": "The second.", "a": "The first."}, {"a": [({}, 1)], "b": [({"x": "1", "y": "2"}, 3)]}) == (
        '# HELP b The second.\n# TYPE b gauge\nb{x="1",y="2"} 3\n# HELP a The first.\n# TYPE a gauge\na 1\n'
    )


@pytest.mark.parametrize(
    ("text", "label"),
    [("x" * 257, f"{'x' * 127}...{'x' * 126}"), ("a\nb", "a b"), ('say "\\n"', r"say \"\\n\"")],
)
def test_a_label_is_one_line_of_what_servers_take(text, label):
    assert exposition({"mta_sts_it": "It."}, {"mta_sts_it": [({"x": text}, 1)]}).endswith(
        f'mta_sts_it{{x="{label}"}} 1\n'
    )


def test_prometheus_accepts_what_strangers_say():
    assert (
        promtool("check", "metrics", text=exposition({"mta_sts_it": "It."}, {"mta_sts_it": [({"x": HOSTILE}, 1)]}))
        == ""
    )
