# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How DNS is asked, in the same words for every module and plugin. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The options nameservers and timeout."""

    DOCUMENTATION = r"""
options:
  nameservers:
    description:
      - The name servers to ask, one after the other until one knows, each as V(192.0.2.1), V(192.0.2.1:5353),
        V([2001:db8::1]:5353) or a host name.
      - Without any, those of the machine it runs on.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for one answer. Every name server is tried twice.
    type: float
    default: 5
"""
