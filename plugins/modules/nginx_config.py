#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts our nginx file in its place, or removes it, unless nginx objects."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nginx_config
version_added: 1.0.0
short_description: Installs one nginx file, and restores the former one if nginx refuses it
description:
  - Writes one file atomically, or removes it, and lets nginx test its configuration.
  - When nginx refuses it, the file is put back as it was, with content, owner, group and mode, or its absence, and the
    module fails with what nginx says. The running nginx is never touched.
  - The file is made for the names of policy hosts (RFC 8461, section 3.2).
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
attributes:
  check_mode:
    support: full
    details: nginx cannot test a file that is not there, so in check mode a refusal is not foreseen.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  path:
    description: The file.
    type: path
    required: true
  content:
    description: What stands in it. Required if O(state=present), unless O(wait_loaded) is given.
    type: str
  state:
    description: Whether the file is there.
    type: str
    choices: [present, absent]
    default: present
  pid_file:
    description:
      - Where nginx writes the number of its master process. With it the module also reports a change when the running
        nginx has not been reloaded since the file was written, as after a run that was cut off.
    type: str
    default: ""
  fixed_paths:
    description:
      - Files that nginx reads besides its configuration when it starts, such as
        RV(postmaster.mta_sts.nginx_config_info#module:fixed_paths). With O(pid_file) the module also reports a change
        when the running nginx has not been reloaded since one of them was replaced.
    type: list
    elements: path
    default: []
    version_added: 1.1.0
  wait_loaded:
    description:
      - Touches nothing, and waits so many seconds until the running nginx has taken the file as it is; fails if it has
        not. For a handler that follows the one that reloads nginx, which does not say so itself - it keeps its former
        configuration when it cannot have a port, for example. Requires O(pid_file).
    type: int
  test_command:
    description: The program and arguments that test the configuration.
    type: list
    elements: str
    default: [nginx, -t]
seealso:
  - module: postmaster.mta_sts.nginx_config_info
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Install the server blocks of the policy hosts
  postmaster.mta_sts.nginx_config:
    path: /etc/nginx/sites-enabled/zz-mta-sts.conf
    content: "{{ lookup('ansible.builtin.template', 'zz-mta-sts.conf.j2') }}"
    pid_file: /run/nginx.pid
  notify: Reload nginx

- name: See that nginx took them, once it was reloaded
  postmaster.mta_sts.nginx_config:
    path: /etc/nginx/sites-enabled/zz-mta-sts.conf
    pid_file: /run/nginx.pid
    wait_loaded: 10

- name: Remove them
  postmaster.mta_sts.nginx_config:
    path: /etc/nginx/sites-enabled/zz-mta-sts.conf
    state: absent
  notify: Reload nginx
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: always
  sample: /etc/nginx/sites-enabled/zz-mta-sts.conf
reload:
  description: Whether the running nginx must be reloaded.
  type: bool
  returned: success
domains:
  description: The domains whose policy hosts the file serves, in its order.
  type: list
  elements: dict
  returned: success
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    policy_host:
      description: The name of the host that serves its policy.
      type: str
      sample: mta-sts.example.com
"""

import os
import re
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import escaped, escaped_text, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_host
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import served_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import (
    Owner,
    owner_of,
    read_if_there,
    remove,
    write_atomic,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.nginx import PROGRAM_FOLDERS, has_loaded

SPEC = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "pid_file": {"type": "str", "default": ""},
    "fixed_paths": {"type": "list", "elements": "path", "default": []},
    "wait_loaded": {"type": "int"},
    "test_command": {"type": "list", "elements": "str", "default": ["nginx", "-t"]},
}
FATAL = re.compile(r".*\[emerg\] (\d+#\d+: )?")
NOT_LOADED = with_remedy(
    "nginx was told to reload and still runs with its former configuration",
    "See its error log; perhaps another program holds port 443 or 80, then name free addresses in "
    "sts_vhost_addresses, or leave port 80 to it with sts_vhost_port_80",
)


@dataclass(frozen=True)
class State:
    """The file as it is or is to be; without data there is none."""

    data: bytes | None
    owner: Owner = field(default_factory=Owner)

    @property
    def text(self) -> str:
        """The content as text."""
        return (self.data or b"").decode("utf-8", "replace")

    @property
    def shown(self) -> str:
        """The content for people."""
        return escaped_text(self.text)


def read(path: str) -> State:
    """Return the file as it is."""
    data = read_if_there(path)
    if data is None:
        return State(None)
    return State(data, owner_of(path))


def install(path: str, state: State) -> None:
    """Make the file so."""
    if state.data is None:
        remove(path)
    else:
        write_atomic(path, state.data, state.owner)


def refusal(module: AnsibleModule, test: list[str]) -> str:
    """Let nginx, if there is one, test its configuration: what it says against it, empty if nothing."""
    if not test:
        return ""
    code, _out, said = module.run_command(test)
    lines = [line.strip() for line in said.splitlines()]
    fatal = [FATAL.sub("", line) for line in lines if FATAL.match(line)] or lines
    return escaped("; ".join(fatal)) or f"exit code {code}" if code else ""


def apply(module: AnsibleModule, path: str, before: State, after: State, test: list[str]) -> None:
    """Make the file so unless nginx refuses it; then it is as before, and the module fails."""
    install(path, after)
    said = refusal(module, test)
    if not said:
        return
    install(path, before)
    already = refusal(module, test)
    if already:
        rule = f"nginx's configuration is broken already, without our change: {already}. {path} is as it was"
        module.fail_json(msg=with_remedy(rule, "Fix that first, then run again"))
    rule = f"nginx refuses the new {path}: {said}. The file is as it was, and the running nginx was not touched"
    module.fail_json(msg=with_remedy(rule, "Change what this names: a variable of the role, or the other file"))


def wait_loaded(module: AnsibleModule, path: str) -> None:
    """Wait until the running nginx has taken the file as it is, and report; nothing is touched."""
    options = module.params
    if not has_loaded(path, options["pid_file"], within=options["wait_loaded"]):
        module.fail_json(msg=NOT_LOADED)
    module.exit_json(**report(path, read(path), changed=False))


def is_loaded(module: AnsibleModule, path: str) -> bool:
    """Whether the running nginx has the file as it is, and what it reads when it starts."""
    pid_file = module.params["pid_file"]
    return not pid_file or all(has_loaded(file, pid_file) for file in (path, *module.params["fixed_paths"]))


def put(module: AnsibleModule, path: str) -> None:
    """Bring the file into its state, and report."""
    present = module.params["state"] == "present"
    program = module.get_bin_path(module.params["test_command"][0], opt_dirs=PROGRAM_FOLDERS)
    if present and not program and not module.check_mode:
        module.fail_json(msg=with_remedy("nginx is not installed", "Install it before its files"))
    before = read(path)
    after = State(module.params["content"].encode()) if present else State(None)
    same = before.data == after.data and (before.data is None or before.owner.mode == after.owner.mode)
    changed = not (same and (not present or is_loaded(module, path)))
    if changed and not module.check_mode:
        apply(module, path, before, after, [program, *module.params["test_command"][1:]] if program else [])
    module.exit_json(
        **report(path, after, changed=changed),
        diff={"before": before.shown, "after": after.shown, "before_header": path, "after_header": path},
    )


def report(path: str, state: State, *, changed: bool) -> dict[str, Any]:
    """Return what the module returns of the file."""
    domains = served_domains(state.text)
    return {
        "changed": changed,
        "path": path,
        "reload": changed,
        "domains": [{"domain": domain, "policy_host": policy_host(domain)} for domain in domains],
    }


def main() -> None:
    """Translate between Ansible and the host."""
    module = AnsibleModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["content", "wait_loaded"], True)],
        mutually_exclusive=[("content", "wait_loaded")],
    )
    path = module.params["path"]
    if os.path.islink(path):
        module.fail_json(msg=with_remedy(f"{path} is a symbolic link", "Remove it, or name another file"))
    try:
        if module.params["wait_loaded"] is None:
            put(module, path)
        else:
            wait_loaded(module, path)
    except OSError as trouble:
        rule = f"{path} could not be written: {trouble}"
        module.fail_json(msg=with_remedy(rule, f"Free space, or check owner and mode of {path}, then run again"))


if __name__ == "__main__":
    main()
