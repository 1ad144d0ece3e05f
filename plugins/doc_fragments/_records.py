# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The TXT records to be, described once for every module that takes them. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The options records, only and port."""

    DOCUMENTATION = r"""
options:
  records:
    description:
      - The records, as M(postmaster.mta_sts.domains_info) returns them in
        RV(postmaster.mta_sts.domains_info#module:records).
    type: list
    elements: dict
    required: true
    suboptions:
      domain:
        description: The domain it belongs to; messages name it.
        type: str
        required: true
      name:
        description: The owner name, such as V(_mta-sts.example.com).
        type: str
        required: true
      value:
        description: The record's text. Without it, there is to be none of our version at this name.
        type: str
      owner:
        description:
          - The domain of the list whose own name this is, where a domain is delegated to the name of another one. Only
            what the owner wants is written there.
        type: str
  only:
    description: Treat the records of these domains only. Without it, of all.
    type: list
    elements: str
  port:
    description: The port of all name servers.
    type: int
    default: 53
"""
