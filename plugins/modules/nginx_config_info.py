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
    for other servers.
  - Fails, naming the file and what to do, where ours and theirs cannot work side by side.
  - A policy host must answer for its own name with a certificate for that name, and abort the handshake for any other
    (RFC 8461, sections 3.3 and 7.1).
  - A path of O(certificates) without C({host}) and C({domain}) is read by nginx when it starts, and must exist; see
    RV(fixed_paths). At least one pair is needed if there are O(domains).
  - On a host without nginx the values are those for a current one.
extends_documentation_fragment:
  - postmaster.mta_sts._attributes
  - postmaster.mta_sts._attributes.actiongroup_all
  - postmaster.mta_sts._attributes.info_module
  - postmaster.mta_sts._certificates.pairs
options:
  domains:
    description:
      - The mail domains, as M(postmaster.mta_sts.domains_info) takes and returns them.
      - One whose C(state) is C(absent) is still served while its policy lies in O(policy_root), as a sender may still
        hold it (RFC 8461, section 8.3).
      - With an empty list only the facts about nginx are returned, and other people's configuration is not checked.
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
        O(policy_root). Dropping a domain from the list does not take it down - its record is in DNS, and senders hold
        its policy (RFC 8461, section 8.3).
    type: bool
    default: false
  policies:
    description:
      - What RV(postmaster.mta_sts.policies#module:domains) said in this run, if it ran. So check mode knows the
        policies that are about to be removed.
    type: list
    elements: dict
    default: []
  live:
    description:
      - Domains whose policy senders get from somebody else's server on this host now.
      - A server that would be displaced by ours (RV(others)) is left in its place until all O(certificates) of the name
        are there, so that senders get a policy all the while. Port 80 is taken over at once, for the CA's challenges.
    type: list
    elements: str
    default: []
    version_added: 1.1.0
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
    description: IP addresses to listen on. Empty means all, without affecting other servers.
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
      - In place of a name the first address is taken that it stands for on this host. While a name stands for none,
        those that our file asks now stay, as with O(keep_peers).
    type: list
    elements: str
    default: []
  keep_peers:
    description:
      - Go on asking the policy hosts that our file asks now and that are not among O(peers). For a run that does not
        know all of them, as with C(--limit).
    type: bool
    default: false
    version_added: 1.1.0
  reports:
    description:
      - Take TLS reports by HTTPS (RFC 8460, section 5.4), and how. Without it none are taken.
    type: dict
    version_added: 1.2.0
    suboptions:
      path:
        description: The path that they are sent to.
        type: str
        default: /tls-reports
      name:
        description: A name of their own that they are sent to. Empty means that the name of any policy host will do.
        type: str
        default: ""
      certificates:
        description:
          - Pairs of C(certificate) and C(key) for O(reports.name), as in O(certificates). C({host}) stands for that
            name.
        type: list
        elements: dict
        default: []
        suboptions:
          certificate:
            description: The certificate with its chain, PEM.
            type: str
            required: true
          key:
            description: Its key, PEM. It may stand in the same file as the certificates.
            type: str
            required: true
      root:
        description: The folder in which they are kept.
        type: str
        default: /var/lib/mta-sts/reports
      rate:
        description: How many reports a minute one address may send.
        type: int
        default: 60
      quota:
        description: How many megabytes of them are kept; nginx takes no more while there are.
        type: int
        default: 1000
      age:
        description: How long they are kept, as a number with the unit V(d), for example.
        type: str
        default: 30d
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
user:
  description: The user its workers run as; empty where there is no nginx.
  type: str
  returned: always
  sample: www-data
  version_added: 1.1.0
group:
  description: The group its workers run as; empty where there is no nginx.
  type: str
  returned: always
  sample: www-data
  version_added: 1.1.0
fixed_paths:
  description:
    - The files of O(certificates) whose path is the same for all names. nginx reads them when it starts, as root, and
      serves a renewed one after its next reload only.
  type: list
  elements: str
  returned: always
  version_added: 1.1.0
fixed_paths_now:
  description: The same of our file as it is now.
  type: list
  elements: str
  returned: always
  version_added: 1.1.0
serving:
  description: What our file serves as it is now.
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
others:
  description:
    - Other people's servers in nginx that answer for our policy hosts now, one entry for each port. Empty where ours
      does.
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
    port:
      description: V(443) or V(80).
      type: int
    file:
      description: The file of the server block.
      type: str
      sample: /etc/nginx/conf.d/sts.conf
    line:
      description: The line on which it begins.
      type: int
    stays:
      description: Whether it goes on answering beside ours, because it names the host in full and is read first.
      type: bool
    alone:
      description: Whether the block listens on no other port.
      type: bool
    certificates:
      description: The certificates it names.
      type: list
      elements: str
    ready:
      description: Whether all O(certificates) of the name are there, so that ours could answer in its place.
      type: bool
reports:
  description: What the service that looks after O(reports) keeps to; empty where none are taken.
  type: dict
  returned: always
  version_added: 1.2.0
  contains:
    root:
      description: The folder in which reports are kept.
      type: str
      sample: /var/lib/mta-sts/reports
    quota_bytes:
      description: How many bytes there may be of them.
      type: int
      sample: 1000000000
    age_seconds:
      description: For how long one is kept.
      type: int
      sample: 2592000
report_root_now:
  description: The folder in which our file, as it is now, keeps reports; empty where it takes none.
  type: str
  returned: always
  version_added: 1.2.0
held:
  description: The domains whose port 443 is left to somebody else's server, see O(live).
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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.postmaster.mta_sts.plugins.module_utils._argspec import PAIRS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors, with_remedy
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import (
    policy_domain,
    policy_host,
    several,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.answering import (
    Answering,
    others_answering,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.config import (
    VhostOptions,
    file_of,
    find_faults,
    values,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import (
    TLS_PORT,
    Build,
    Neighbours,
    choose_path,
    first_path,
    read_at_start,
    read_build,
    read_neighbours,
    report_root,
    served_domains,
    served_peers,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.reports import ReportOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.served import (
    choose_domains,
    choose_unlisted,
    not_in_the_list,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.host_addresses import addresses_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.listeners import programs_on
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.nginx import (
    PROGRAM_FOLDERS,
    can_listen_on_ipv6,
    primary_group,
    read_configuration,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.store import has_policy

SPEC = {
    "domains": {"type": "list", "elements": "raw", "default": []},
    "defaults": {"type": "dict", "default": {}},
    "keep_unlisted": {"type": "bool", "default": False},
    "policies": {"type": "list", "elements": "dict", "default": []},
    "live": {"type": "list", "elements": "str", "default": []},
    "config_path": {"type": "str", "default": ""},
    "main_config": {"type": "str", "default": ""},
    "policy_root": {"type": "str", "default": "/var/www/mta-sts"},
    "challenge_root": {"type": "str", "default": "/var/lib/mta-sts/acme-challenges"},
    "certificates": {**PAIRS, "default": []},
    "redirect_url": {"type": "str", "default": ""},
    "access_log": {"type": "str", "default": ""},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "port_80": {"type": "bool", "default": True},
    "peers": {"type": "list", "elements": "str", "default": []},
    "keep_peers": {"type": "bool", "default": False},
    "reports": {
        "type": "dict",
        "options": {
            "path": {"type": "str", "default": "/tls-reports"},
            "name": {"type": "str", "default": ""},
            "certificates": {**PAIRS, "default": []},
            "root": {"type": "str", "default": "/var/lib/mta-sts/reports"},
            "rate": {"type": "int", "default": 60},
            "quota": {"type": "int", "default": 1000},
            "age": {"type": "str", "default": "30d"},
        },
    },
}
VHOST_OPTIONS = (
    "certificates",
    "policy_root",
    "challenge_root",
    "redirect_url",
    "access_log",
    "addresses",
    "port_80",
)
UNKNOWN_PEER = with_remedy(
    "peers: {} stands for no address on this host, so no challenge is fetched from there",
    "Set mta_sts_addresses for that policy host, or give its name an address",
)
KEPT_PEERS = with_remedy(
    "peers: {} in our file is none of the policy hosts that this run knows, and stays",
    "If it is one no more, run without --limit, and set mta_sts_addresses where a name stands for no address",
)


def find_build(module: AnsibleModule) -> Build | None:
    """Ask nginx what it is; None where there is none."""
    nginx = module.get_bin_path("nginx", opt_dirs=PROGRAM_FOLDERS)
    return read_build(module.run_command([nginx, "-V"], check_rc=True)[2]) if nginx else None


@dataclass(frozen=True)
class Configuration:
    """All files of nginx, the main one, and what those say that are not ours."""

    files: dict[str, str]
    main: str
    others: Neighbours

    @property
    def our_text(self) -> str:
        """What our file says now."""
        return self.files.get(self.others.our_file, "")

    def answering(self, domains: Iterable[str], ports: Collection[int]) -> list[Answering]:
        """Return who else answers for these policy hosts now."""
        return others_answering([*map(policy_host, domains)], self.files, self.main, self.others.our_file, ports)


def look_around(module: AnsibleModule, build: Build | None) -> Configuration:
    """Read the configuration."""
    main_config = module.params["main_config"] or (build or Build()).main_config
    files = read_configuration(main_config, module.warn)
    path = module.params["config_path"] or (choose_path(files, main_config) if build else first_path(main_config))
    others = read_neighbours(files, main_config, path) if build else Neighbours(our_file=path)
    return Configuration(files, main_config, others)


def choose(given: dict[str, Any], listed: list[MailDomain], serving: list[str]) -> tuple[list[str], list[str]]:
    """Return the listed domains to serve, and those that are kept although nobody lists them."""
    candidates = {*serving, *(domain.domain for domain in listed if not domain.present)}
    on_disk = {domain for domain in candidates if has_policy(given["policy_root"], domain)}
    unlisted = choose_unlisted(listed, serving, on_disk) if given["keep_unlisted"] else []
    return choose_domains(listed, given["policies"], on_disk), unlisted


def has_certificates(given: dict[str, Any], domain: str) -> bool:
    """Whether all files that nginx is to read for this domain are there."""
    return all(os.path.exists(file_of(path, domain)) for pair in given["certificates"] for path in pair.values())


def describe(given: dict[str, Any], one: Answering) -> dict[str, Any]:
    """Return who answers, as users read it, and whether ours could in their place."""
    domain = policy_domain(one.policy_host)
    return {"domain": domain, **asdict(one), "ready": has_certificates(given, domain)}


def hold(given: dict[str, Any], others: Iterable[dict[str, Any]]) -> list[str]:
    """Return the domains that senders get a policy of, and would not once ours took that server's place."""
    displaced = (one for one in others if one["port"] == TLS_PORT and not (one["stays"] or one["ready"]))
    return list(dict.fromkeys(one["domain"] for one in displaced if one["domain"] in given["live"]))


def peers(module: AnsibleModule, now: list[str]) -> list[str]:
    """Return an address of every peer, the first one that a name stands for.

    What is asked ``now`` stays as long as it is not certain that it is a peer no more.
    """
    known = addresses_of(module.params["peers"])
    nameless = [name for name, addresses in known.items() if not addresses]
    for name in nameless:
        module.warn(UNKNOWN_PEER.format(name))
    found = [addresses[0] for addresses in known.values() if addresses]
    kept = [address for address in now if address not in found] if nameless or module.params["keep_peers"] else []
    if kept:
        module.warn(KEPT_PEERS.format(several(kept)))
    return found + kept


def account(build: Build | None, others: Neighbours) -> tuple[str, str]:
    """Return user and group of nginx's workers, empty where there is no nginx."""
    if build is None:
        return "", ""
    user, group = (others.user, others.group) if others.user else (build.user, build.group)
    return user, group or primary_group(user)


def main() -> None:
    """Translate between Ansible and the core."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    given, ipv6 = module.params, can_listen_on_ipv6()
    installed = find_build(module)
    build = installed or Build()
    configuration = look_around(module, installed)
    neighbours = configuration.others
    serving = served_domains(configuration.our_text)

    listed, findings = read_domains(given["domains"], given["defaults"])
    chosen, unlisted = choose(given, listed, serving)
    wanted = {name: given[name] for name in VHOST_OPTIONS}
    known = peers(module, served_peers(configuration.our_text))
    reports = ReportOptions(**given["reports"]) if given["reports"] else None
    options = VhostOptions(domains=chosen + unlisted, peers=known, reports=reports, **wanted)
    others = [describe(given, one) for one in configuration.answering(chosen, options.ports)]
    options = replace(options, held=hold(given, others))
    # Once our file is there, nginx has said itself whether it could have the ports.
    programs = {} if serving else programs_on(options.ports)
    findings += [*not_in_the_list(unlisted), *find_faults(options, neighbours, ipv6=ipv6, programs=programs)]
    if errors(findings):
        module.fail_json(msg="\n".join(map(str, errors(findings))))
    for finding in findings:
        module.warn(str(finding))
    user, group = account(installed, neighbours)
    module.exit_json(
        installed=installed is not None,
        version=".".join(map(str, build.version)),
        openssl=".".join(map(str, build.openssl)),
        config_path=neighbours.our_file,
        pid_file=neighbours.pid_file or build.pid_file,
        user=user,
        group=group,
        fixed_paths=options.fixed_paths,
        fixed_paths_now=read_at_start(configuration.our_text),
        serving=_entries(serving),
        domains=_entries(options.domains),
        unlisted=unlisted,
        others=others,
        reports=reports.store if reports and options.domains else {},
        report_root_now=report_root(configuration.our_text),
        held=list(options.held),
        values=values(options, build, neighbours, ipv6=ipv6),
        findings=[finding.as_dict() for finding in findings],
    )


def _entries(domains: Sequence[str]) -> list[dict[str, str]]:
    return [{"domain": domain, "policy_host": policy_host(domain)} for domain in domains]


if __name__ == "__main__":
    main()
