# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter task_problems: what a failed task of the user says, and for which records or zones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.user_tasks import problems


def task_problems(result: Mapping[str, Any], task: Mapping[str, Any], names: Iterable[str] = ()) -> list[str]:
    """Return a sentence for each cause; see task_problems.yml."""
    return problems(task, result, list(names))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"task_problems": task_problems}
