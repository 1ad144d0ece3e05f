# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets a test step in at a point of a playbook: the command AT_TASK_DO is run when the task AT_TASK begins."""

from __future__ import annotations

import os
import subprocess

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Called by Ansible's main process, before it hands the task to any host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "at_task"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task, is_conditional):
        """Run the command, if this is the task."""
        if task.get_name() == os.environ["AT_TASK"]:
            subprocess.run(os.environ["AT_TASK_DO"], shell=True, check=True)

    def v2_playbook_on_handler_task_start(self, task):
        """Likewise, for a handler."""
        self.v2_playbook_on_task_start(task, is_conditional=False)
