#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings files and folders of a host into their state, all in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: file_set
version_added: 1.0.0
short_description: Installs a set of files and folders, and removes others
description:
  - Brings any number of files and folders into the state they are to have, one after the other, in one task. The
    roles of this collection install with it what they need, because each task costs the controller half a second.
  - Files are written whole or not at all, with the right owner from the first moment. Nobody can have it write
    elsewhere by swapping a folder for a link meanwhile.
  - The folder above a folder of O(files) may be somebody's. It gets the right to be entered by everybody, since whoever
    owns the lower one must get there; nothing else about it is changed. Folders that are missing are made, with mode
    C(0755).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  files:
    description: The files and folders, in the order in which they are treated.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The file or folder.
        type: path
        required: true
      state:
        description:
          - V(present) is a file with this O(files[].content), V(directory) a folder. V(absent) removes a file, or a
            folder with all that is in it.
        type: str
        choices: [present, directory, absent]
        default: present
      content:
        description: What is in the file. It is shown in diff mode, so it is no place for secrets.
        type: str
        default: ""
      owner:
        description: The user who owns it.
        type: str
        default: root
      group:
        description: Its group.
        type: str
        default: root
      mode:
        description: Its permissions, octal and in quotes. Left out, V(0644) for a file and V(0755) for a folder.
        type: raw
seealso:
  - module: postmaster.mta_sts.nginx_config
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Install a service that has a folder of its own
  postmaster.mta_sts.file_set:
    files:
      - path: /var/lib/example
        state: directory
        owner: example
        group: example
        mode: "0700"
      - path: /etc/systemd/system/example.service
        content: "{{ lookup('ansible.builtin.template', 'example.service.j2') }}"
      - path: /etc/cron.d/example
        state: absent
  register: example_files

- name: Have systemd read it
  ansible.builtin.systemd_service:
    daemon_reload: true
  when: "'/etc/systemd/system/example.service' in example_files.paths"
"""

RETURN = r"""
paths:
  description: What was changed, or would be, in the order in which it was.
  type: list
  elements: str
  returned: success
  sample: [/etc/systemd/system/example.service]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import read_mode
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import escaped_text, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.file_set import Change, Entry, bring_about
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import FOLDER_MODE, MODE, Owner

SPEC: dict[str, Any] = {
    "files": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["present", "directory", "absent"], "default": "present"},
            "content": {"type": "str", "default": ""},
            "owner": {"type": "str", "default": "root"},
            "group": {"type": "str", "default": "root"},
            "mode": {"type": "raw"},
        },
    },
}


def main() -> None:
    """Translate between Ansible and the host."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    changes: list[Change] = []
    for entry in [_entry(module, given) for given in module.params["files"]]:
        try:
            changes += bring_about(entry, check=module.check_mode)
        except OSError as problem:
            rule = f"{entry.path} cannot be set up as asked: {problem}"
            remedy = f"Free space there, or check the owner and mode of {entry.path}, then run again"
            module.fail_json(msg=with_remedy(rule, remedy), changed=bool(changes))
    module.exit_json(
        changed=bool(changes),
        paths=[change.path for change in changes],
        diff=[_diff(change) for change in changes],
    )


def _entry(module: AnsibleModule, given: dict[str, Any]) -> Entry:
    usual = FOLDER_MODE if given["state"] == "directory" else MODE
    mode = usual if given["mode"] is None else read_mode(module, given["mode"])
    owner = Owner(given["owner"], given["group"], mode)
    return Entry(given["path"], given["state"], given["content"].encode(), owner)


def _diff(change: Change) -> dict[str, str]:
    return {
        "before_header": change.path,
        "after_header": change.path,
        "before": escaped_text(change.before),
        "after": escaped_text(change.after),
    }


if __name__ == "__main__":
    main()
