# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What readers copy from the documentation is what it says to be."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("roles/*/README.md")]
YAML = re.compile(r"^ *```yaml\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def examples():
    """Return each example in YAML, named by its page and its place there."""
    for page in sorted(PAGES):
        for number, block in enumerate(YAML.findall(page.read_text(encoding="utf-8")), start=1):
            yield pytest.param(textwrap.dedent(block), id=f"{page.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize("example", list(examples()))
def test_an_example_in_yaml_is_yaml(example):
    assert isinstance(yaml.safe_load(example), (dict, list))
