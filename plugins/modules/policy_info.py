#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Is this policy right? Text, a file or a URL."""

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_info
version_added: 1.0.0
short_description: Validates an MTA-STS policy
description:
  - Reads a policy strictly, by the grammar of RFC 8461, section 3.2, and reports all that is wrong or unwise in it.
  - Reports as well what lenient senders would make of the same bytes.
  - An invalid policy is a result, not a failure, unless O(strict=true). An option that cannot be used, such as a file
    that is not there, is always a failure.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
options:
  text:
    description: The policy itself. Exactly one of O(text), O(path) and O(url) is needed.
    type: str
  path:
    description: A file with the policy, on the machine the module runs on.
    type: path
  url:
    description:
      - Where to fetch the policy, as a sender does it - over verified HTTPS (RFC 8461, section 3.3), without following
        redirects, and expecting status 200 and media type V(text/plain).
      - Senders fetch C(https://mta-sts.<domain>/.well-known/mta-sts.txt) and nothing else.
    type: str
  domain:
    description:
      - The policy domain, for the findings to name it.
      - Without it, it is taken from an O(url) whose host is C(mta-sts.<domain>).
    type: str
  ca_path:
    description: A PEM file with the CA certificates to trust for O(url). Without it, the system's.
    type: path
  allow_private:
    description:
      - Fetch O(url) also from an address that the world does not reach, such as a loopback, link-local or private one.
        For labs and intranets; without it nothing is sent there.
      - Addresses of no host at all, such as V(0.0.0.0) and multicast ones, are never connected to.
    type: bool
    default: false
  timeout:
    description: Seconds that fetching O(url) may take altogether.
    type: float
    default: 15
  strict:
    description: Fail when the policy is invalid or cannot be fetched.
    type: bool
    default: false
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Fail unless the policy that senders get is valid
  postmaster.mta_sts.policy_info:
    url: https://mta-sts.example.com/.well-known/mta-sts.txt
    strict: true
  delegate_to: localhost

- name: Read a policy before it is put into place
  postmaster.mta_sts.policy_info:
    path: files/mta-sts.txt
    domain: example.com
  register: policy
  delegate_to: localhost

- name: Show what is wrong with it
  ansible.builtin.debug:
    var: policy.problems
"""

RETURN = r"""
valid:
  description: Whether a sender that reads strictly accepts the policy, and, from O(url), the way it came.
  type: bool
  returned: always
policy:
  description: The policy; null when it breaks the grammar, or there is none.
  type: dict
  returned: always
  contains: &fields
    mode:
      description: V(testing), V(enforce) or V(none).
      type: str
      sample: enforce
    max_age:
      description: Seconds a sender may keep the policy.
      type: int
      sample: 2419200
    mx:
      description: The patterns, in order, a hundred at most.
      type: list
      elements: str
      sample: [mx1.example.com, "*.mx.example.net"]
    extensions:
      description: Fields the grammar allows and no RFC defines, each with C(name) and C(value), in order.
      type: list
      elements: dict
lenient:
  description: What forgiving senders make of it; null when they would not accept it either.
  type: dict
  returned: always
  contains: *fields
policy_id:
  description: The id that this collection gives a policy of these bytes; null when there are none.
  type: str
  returned: always
  sample: 5a0c51a3f1d7e2b4
findings:
  description: What was found, each with severity, domain, field, rule, section, remedy and line. Of wrong lines there
    are ten at most, and one finding that counts the others.
  type: list
  elements: dict
  returned: always
problems:
  description: Every error as one sentence.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import POLICY_FILE_BYTES, VALUES_SHOWN
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import (
    Refused,
    bounded,
    errors,
    few_of_each,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import InvalidName, check_host
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import (
    Policy,
    Reading,
    parse,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.files import read_if_there
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.policy_url import (
    Fetched,
    InvalidURL,
    fetch_policy,
    read_url,
)

READABLE = "Name a file that the module may read"
EXISTING = "Name a file of the machine the module runs on"
SOURCES = ("text", "path", "url")

SPEC: dict[str, Any] = {
    "text": {"type": "str"},
    "path": {"type": "path"},
    "url": {"type": "str"},
    "domain": {"type": "str"},
    "ca_path": {"type": "path"},
    "allow_private": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 15},
    "strict": {"type": "bool", "default": False},
}


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(
        argument_spec=SPEC, mutually_exclusive=[SOURCES], required_one_of=[SOURCES], supports_check_mode=True
    )
    try:
        result = inspect(module.params)
    except Refused as problem:
        module.fail_json(msg=str(problem))
    if module.params["strict"] and not result["valid"]:
        module.fail_json(msg="\n".join(result["problems"]), **result)
    module.exit_json(**result)


def inspect(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the module returns. Raises Refused for an option that there is no policy to be had from."""
    domain, source = _source(options)
    reading = Reading(None, None, ()) if source.data is None else parse(source.data, domain)
    findings = few_of_each((*source.findings, *reading.findings))
    return {
        "changed": False,
        "valid": not errors(findings),
        "policy": _plain(reading.policy),
        "lenient": _plain(reading.lenient),
        "policy_id": None if source.data is None else policy_id(source.data),
        "findings": [finding.as_dict() for finding in findings],
        "problems": [str(finding) for finding in errors(findings)],
    }


def _source(options: dict[str, Any]) -> tuple[str, Fetched]:
    """Return the domain and the bytes to judge."""
    domain = _domain(options["domain"])
    if options["url"] is not None:
        try:
            url = read_url(options["url"])
        except InvalidURL as problem:
            raise Refused(f"url: {problem.rule}", problem.remedy) from None
        domain = domain or url.domain
        return domain, fetch_policy(url, domain, options["ca_path"], options["timeout"], options["allow_private"])
    if options["path"] is not None:
        return domain, Fetched(_file(options["path"]), ())
    return domain, Fetched(options["text"].encode("utf-8", "surrogateescape"), ())


def _domain(given: str | None) -> str:
    try:
        return check_host(given) if given is not None else ""
    except InvalidName as problem:
        raise Refused(f"domain: {problem.rule}", problem.remedy) from None


def _file(path: str) -> bytes:
    try:
        data = read_if_there(path, POLICY_FILE_BYTES)
    except OSError as problem:
        raise Refused(f"path: {path} cannot be read: {problem.strerror or problem}", READABLE) from None
    if data is None:
        raise Refused(f"path: there is no file {path}", EXISTING)
    return data


def _plain(policy: Policy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    return {
        "mode": policy.mode,
        "max_age": policy.max_age,
        "mx": [bounded(pattern) for pattern in policy.mx[:VALUES_SHOWN]],
        "extensions": [{"name": name, "value": bounded(value)} for name, value in policy.extensions[:VALUES_SHOWN]],
    }


if __name__ == "__main__":
    main()
