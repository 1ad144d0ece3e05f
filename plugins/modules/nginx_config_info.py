#!/usr/bin/python
# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the nginx of a host is, what others have told it, and what our file must say therefore."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nginx_config_info
version_added: 1.0.0
short_description: Finds out what the nginx file of the policy hosts must say on this host
description:
  - Reads the version of nginx and all of its configuration files, and returns the values from which the role
    P(postmaster.mta_sts.sts_vhost#role) writes its file, so that the file is right for this nginx and nothing changes
    for the servers of others.
  - Fails, naming the file and what to do, where ours and theirs cannot work side by side.
  - A policy host must answer for its own name with a certificate for that name, and end the handshake for any other
    (RFC 8461, sections 3.3 and 7.1).
  - On a host without nginx the values are those for a current one.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  domains:
    description:
      - The mail domains, as M(postmaster.mta_sts.domains_info) takes and returns them.
      - One whose C(state) is C(absent) is still served while its policy lies in O(policy_root), as a sender may still
        hold it (RFC 8461, section 8.3).
      - With an empty list only the facts about nginx are returned, and nothing of others is found fault with.
    type: list
    elements: raw
    default: []
  defaults:
    description: Defaults for every key of a domain but C(domain).
    type: dict
    default: {}
  keep_unlisted:
    description:
      - Go on serving domains that our file serves and that are not among O(domains), while their policy lies in
        O(policy_root). Whoever drops a domain from the list has not taken it down - its record is in DNS, and senders
        hold its policy (RFC 8461, section 8.3).
    type: bool
    default: false
  policies:
    description:
      - What RV(postmaster.mta_sts.policies#module:domains) said in this run, if it ran. So check mode knows the
        policies that are about to be removed.
    type: list
    elements: dict
    default: []
  config_path:
    description:
      - Where our file is to be. Empty means C(zz-mta-sts.conf) in the first of C(sites-enabled) and C(conf.d), beside
        the main file, from which nginx reads.
    type: str
    default: ""
  main_config:
    description: The main file of nginx. Empty means the one nginx was built with.
    type: str
    default: ""
  policy_root:
    description: Folder that holds a document root for each policy domain.
    type: str
    default: /var/www/mta-sts
  challenge_root:
    description: Folder of the answers to http-01 challenges.
    type: str
    default: /var/lib/mta-sts/acme-challenges
  certificates:
    description:
      - Pairs of C(certificate) and C(key). C({host}) stands for the policy host, C({domain}) for the policy domain.
      - A path without either is read by nginx at its start, and must exist.
      - At least one pair is needed if there are O(domains).
    type: list
    elements: dict
    default: []
  redirect_url:
    description: Where visitors of anything but the policy are sent. Empty means that they get 404.
    type: str
    default: ""
  access_log:
    description: Where requests are logged; V(off) for nowhere. Empty means where nginx logs by default.
    type: str
    default: ""
  addresses:
    description: IP addresses to listen on. Empty means all, in the way that leaves the servers of others alone.
    type: list
    elements: str
    default: []
  port_80:
    description:
      - Whether to listen on port 80 as well, for http-01 challenges and redirects. Without it, it does not matter what
        others do with port 80.
    type: bool
    default: true
  peers:
    description:
      - IP addresses of the policy hosts that are asked for the answer to a challenge unknown here.
      - In place of a name the first address is taken that it stands for on this host; a name without any is left out.
    type: list
    elements: str
    default: []
  loaded_within:
    description:
      - After a reload, wait so many seconds until the running nginx has taken our file, and fail if it has not. nginx
        does not say so itself, and keeps its former configuration when it cannot have a port, for example.
      - V(0) does not ask.
    type: int
    default: 0
seealso:
  - module: postmaster.mta_sts.nginx_config
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Find out what the file must say
  postmaster.mta_sts.nginx_config_info:
    domains:
      - domain: example.com
    certificates:
      - certificate: /etc/letsencrypt/live/{host}/fullchain.pem
        key: /etc/letsencrypt/live/{host}/privkey.pem
  register: found

- name: Show where it goes
  ansible.builtin.debug:
    var: found.config_path
"""

RETURN = r"""
installed:
  description: Whether there is an nginx.
  type: bool
  returned: always
version:
  description: Version of nginx; of a current one where there is none.
  type: str
  returned: always
  sample: 1.26.3
openssl:
  description: Version of OpenSSL that nginx runs with.
  type: str
  returned: always
  sample: 3.5.1
config_path:
  description: Where our file is to be.
  type: str
  returned: always
  sample: /etc/nginx/sites-enabled/zz-mta-sts.conf
pid_file:
  description: Where nginx writes the number of its master process.
  type: str
  returned: always
  sample: /run/nginx.pid
domains:
  description: The domains to serve, in the order given; then those that O(keep_unlisted) keeps.
  type: list
  elements: dict
  returned: always
  contains:
    domain:
      description: The policy domain.
      type: str
      sample: example.com
    policy_host:
      description: The name of the host that serves its policy.
      type: str
      sample: mta-sts.example.com
unlisted:
  description: The domains that O(keep_unlisted) keeps.
  type: list
  elements: str
  returned: always
values:
  description: What the template of our file needs, each value ready to be written.
  type: dict
  returned: always
findings:
  description: What does not hinder us but may surprise, each with severity, domain, field, rule, section and remedy.
  type: list
  elements: dict
  returned: always
"""

import os
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_host
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.config import (
    Wishes,
    check,
    check_neighbours,
    not_in_the_list,
    values,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import (
    FILE_NAME,
    FOLDERS,
    Build,
    Neighbours,
    choose_path,
    read_build,
    read_neighbours,
    served_domains,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.host_addresses import addresses_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.nginx import (
    can_listen_on_ipv6,
    has_loaded,
    read_configuration,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.store import policy_file

SPEC = {
    "domains": {"type": "list", "elements": "raw", "default": []},
    "defaults": {"type": "dict", "default": {}},
    "keep_unlisted": {"type": "bool", "default": False},
    "policies": {"type": "list", "elements": "dict", "default": []},
    "config_path": {"type": "str", "default": ""},
    "main_config": {"type": "str", "default": ""},
    "policy_root": {"type": "str", "default": "/var/www/mta-sts"},
    "challenge_root": {"type": "str", "default": "/var/lib/mta-sts/acme-challenges"},
    "certificates": {"type": "list", "elements": "dict", "default": []},
    "redirect_url": {"type": "str", "default": ""},
    "access_log": {"type": "str", "default": ""},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "port_80": {"type": "bool", "default": True},
    "peers": {"type": "list", "elements": "str", "default": []},
    "loaded_within": {"type": "int", "default": 0},
}
NOT_LOADED = (
    "nginx was told to reload and still runs with its former configuration. "
    "Remedy: See its error log; perhaps another program holds port 443 or 80, then name free addresses in "
    "sts_vhost_addresses, or leave port 80 to it with sts_vhost_port_80."
)
WISHES = (
    "certificates",
    "policy_root",
    "challenge_root",
    "redirect_url",
    "access_log",
    "addresses",
    "port_80",
)
UNKNOWN_PEER = (
    "peers: {} stands for no address on this host, so no challenge is fetched from there. "
    "Remedy: Set mta_sts_addresses for that policy host, or give its name an address"
)


def find_build(module: AnsibleModule) -> Build | None:
    """Ask nginx what it is; None where there is none."""
    nginx = module.get_bin_path("nginx", opt_dirs=["/usr/sbin", "/usr/local/sbin"])
    return read_build(module.run_command([nginx, "-V"], check_rc=True)[2]) if nginx else None


def unlisted(domains: list[MailDomain], text: str, root: str) -> list[str]:
    """Return what our file serves and the list does not name, while there is a policy to serve."""
    listed = {domain.domain for domain in domains}
    return [
        domain for domain in served_domains(text) if domain not in listed and os.path.exists(policy_file(root, domain))
    ]


def served(domains: list[MailDomain], policies: list[dict[str, Any]], root: str) -> list[MailDomain]:
    """Return the domains that need a policy host: all present ones, and those whose policy is not removed yet."""
    leaving = {policy["domain"] for policy in policies if policy["action"] == "remove"}
    return [
        domain
        for domain in domains
        if domain.present or (domain.domain not in leaving and os.path.exists(policy_file(root, domain.domain)))
    ]


def peers(module: AnsibleModule) -> list[str]:
    """Return an address of every peer, the first one that a name stands for; warn of a name without any."""
    known = addresses_of(module.params["peers"])
    for name in [name for name, addresses in known.items() if not addresses]:
        module.warn(UNKNOWN_PEER.format(name))
    return [addresses[0] for addresses in known.values() if addresses]


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    found = find_build(module)
    build = found or Build()
    main_config = given["main_config"] or build.main_config
    files = read_configuration(main_config, module.warn)
    usual = choose_path(files, main_config) if found else f"{Path(main_config).parent}/{FOLDERS[0]}/{FILE_NAME}"
    path = given["config_path"] or usual
    others = read_neighbours(files, main_config, path) if found else Neighbours(our_file=path)
    pid_file = others.pid_file or build.pid_file
    ipv6 = can_listen_on_ipv6()

    listed, findings = read_domains(given["domains"], given["defaults"])
    kept = unlisted(listed, files.get(path, ""), given["policy_root"]) if given["keep_unlisted"] else []
    domains = [domain.domain for domain in served(listed, given["policies"], given["policy_root"])] + kept
    wishes = Wishes(domains=domains, peers=peers(module), **{wish: given[wish] for wish in WISHES})
    findings += not_in_the_list(kept)
    findings += check(wishes) if domains else []
    if domains and not errors(findings):
        findings += check_neighbours(wishes, others, ipv6=ipv6)
    if errors(findings):
        module.fail_json(msg="\n".join(map(str, errors(findings))))
    if given["loaded_within"] and not has_loaded(path, pid_file, within=given["loaded_within"]):
        module.fail_json(msg=NOT_LOADED)
    for finding in findings:
        module.warn(str(finding))
    module.exit_json(
        installed=found is not None,
        version=".".join(map(str, build.version)),
        openssl=".".join(map(str, build.openssl)),
        config_path=path,
        pid_file=pid_file,
        domains=[{"domain": domain, "policy_host": policy_host(domain)} for domain in domains],
        unlisted=kept,
        values=values(wishes, build, others, ipv6=ipv6),
        findings=[finding.as_dict() for finding in findings],
    )


if __name__ == "__main__":
    main()
