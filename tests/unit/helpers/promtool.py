# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prometheus's own judgement of metrics, rules and expressions."""

from __future__ import annotations

import subprocess


def promtool(*arguments: str, text: str = "") -> str:
    """Run promtool; return what it complains of, empty when it is content."""
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, check=False)
    return done.stderr + done.stdout if done.returncode or done.stderr else ""
