# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup sts_txt: what is published at _mta-sts and _smtp._tls, parsed and judged."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sts_txt
version_added: 1.0.0
short_description: Looks up MTA-STS and TLS-RPT records, parses and judges them
description:
  - Says for every domain what is published at C(_mta-sts.<domain>) (RFC 8461, section 3.1) and at
    C(_smtp._tls.<domain>) (RFC 8460, section 3) - the raw strings, the parsed values and what is wrong with them.
  - All names are asked for at once. CNAMEs are followed, a truncated answer is asked for again over TCP, the
    character-strings of a record are joined without spaces.
extends_documentation_fragment:
  - postmaster.mta_sts._resolver
requirements:
  - dnspython >= 2.6
options:
  _terms:
    description: The policy domains, as A-labels or U-labels.
    type: list
    elements: str
    required: true
  record:
    description: Which of the records to look up.
    type: str
    choices: [both, mta_sts, tls_rpt]
    default: both
  expected_id:
    description:
      - The id the C(_mta-sts) record of every domain is to have, or a dictionary of domains and their ids. Another id
        is an error; a domain that is not in the dictionary, or has the id null there, may have any.
      - RV(postmaster.mta_sts.domains_info#module:results[].policy_id) is the id of a policy this collection publishes.
    type: raw
  on_error:
    description:
      - V(return) - return what was found out; see RV(_raw[].valid), RV(_raw[].findings) and RV(_raw[].problems).
      - V(fail) - fail with all that is wrong, if a record is missing, cannot be looked up or cannot be used by senders.
    type: str
    choices: [fail, return]
    default: return
notes:
  - Called by C(query), it always returns a list, one entry per domain. Called by C(lookup) with a single domain, it
    returns that domain's entry itself. Use C(query) where the number of domains varies.
  - A lookup runs on the controller, and again each time the expression it stands in is evaluated.
seealso:
  - module: postmaster.mta_sts.dns_records
author:
  - The postmaster.mta_sts authors (@postmaster)
"""

EXAMPLES = r"""
- name: Show the published policy ids
  ansible.builtin.debug:
    msg: "{{ query('postmaster.mta_sts.sts_txt', 'example.com', 'example.org') | map(attribute='mta_sts.id') }}"

- name: Fail unless the name server announces this policy
  ansible.builtin.debug:
    msg: "{{ lookup('postmaster.mta_sts.sts_txt', 'example.com', record='mta_sts', expected_id='5a0c51a3f1d7e2b4',
      on_error='fail', nameservers=['192.0.2.53', '[2001:db8::53]:5353']) }}"

- name: List what is wrong
  ansible.builtin.debug:
    msg: "{{ query('postmaster.mta_sts.sts_txt', *domains) | map(attribute='problems') | flatten }}"
  vars:
    domains: [example.com, example.org]
"""

RETURN = r"""
_raw:
  description: One entry per domain, in the order given.
  type: list
  elements: dict
  contains:
    domain:
      description: The domain as A-labels.
      type: str
      sample: example.com
    mta_sts:
      description: The record at C(_mta-sts); not there with O(record=tls_rpt), and for a term that is not a domain.
      type: dict
      contains:
        name:
          description: The name that was asked for.
          type: str
          sample: _mta-sts.example.com
        canonical_name:
          description: The name at the end of the CNAMEs; the same as C(name) if there are none.
          type: str
          sample: _mta-sts.example.com
        status:
          description: One of V(OK), V(NXDOMAIN), V(NODATA), V(SERVFAIL), V(REFUSED), V(TIMEOUT), V(ERROR).
          type: str
        texts:
          description: The TXT records at the name, a hundred at most, the character-strings of each joined. The middle
            is left out of what has more than 1000 characters.
          type: list
          elements: str
          sample: ["v=STSv1; id=5a0c51a3f1d7e2b4;"]
        strings:
          description: The same TXT records as lists of their character-strings, the first four of each.
          type: list
          elements: list
        id:
          description: The policy id; null when senders cannot use the record.
          type: str
          sample: 5a0c51a3f1d7e2b4
        valid:
          description: Whether senders can use the record, and it has O(expected_id) if that is given.
          type: bool
        findings:
          description: What was found, each with C(severity), C(domain), C(field), C(rule), C(section), C(remedy).
          type: list
          elements: dict
    tls_rpt:
      description:
        - The record at C(_smtp._tls), with the same keys; instead of C(id) it has C(rua), the URIs reports go to.
        - Not there with O(record=mta_sts), and for a term that is not a domain.
      type: dict
    valid:
      description: Whether all records that were looked up are valid.
      type: bool
    findings:
      description: The findings of all records.
      type: list
      elements: dict
    problems:
      description: Every error as one sentence.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.lookup import LookupBase

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import (
    KINDS,
    InvalidExpectation,
    read_expected,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import (
    HAS_DNSPYTHON,
    InvalidNameserver,
    Resolver,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.sts_txt import look_up


class LookupModule(LookupBase):
    """Translate between Ansible and the core."""

    def run(
        self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: object
    ) -> list[dict[str, Any]]:
        """Return one entry a term, in order."""
        if not HAS_DNSPYTHON:
            raise AnsibleLookupError(f"postmaster.mta_sts.sts_txt: {missing_required_lib('dnspython >= 2.6')}")
        self.set_options(var_options=variables, direct=kwargs)
        try:
            resolver = Resolver(self.get_option("nameservers"), self.get_option("timeout"))
        except InvalidNameserver as problem:
            raise AnsibleLookupError(f"nameservers: {problem}") from problem
        try:
            expected_id = read_expected(self.get_option("expected_id"))
        except InvalidExpectation as problem:
            raise AnsibleLookupError(f"expected_id: {problem}") from problem
        record = self.get_option("record")
        entries = look_up(
            [str(term) for term in self._flatten(terms)],
            list(KINDS) if record == "both" else [record],
            expected_id,
            resolver,
        )
        wrong = [str(finding) for entry in entries for finding in errors(entry.findings)]
        if wrong and self.get_option("on_error") == "fail":
            raise AnsibleLookupError("\n".join(wrong))
        return [entry.as_dict() for entry in entries]
