# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where certificates are kept, in the same words for every module. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The options state_root, ca, live_root and key_types; those with pairs for nginx as PAIRS."""

    DOCUMENTATION = r"""
options:
  state_root:
    description: Folder of the account and of everything that was issued, by each CA.
    type: path
    default: /var/lib/mta-sts/dehydrated
  ca:
    description: The CA, as the URL of its ACME directory. Each CA has certificates of its own.
    type: str
    default: https://acme-v02.api.letsencrypt.org/directory
  live_root:
    description: Folder in which nginx finds the certificates.
    type: path
    default: /var/lib/mta-sts/live
  key_types:
    description: The key types of the certificates each name is to have.
    type: list
    elements: str
    choices: [rsa2048, rsa3072, rsa4096, p256, p384]
    default: [rsa3072, p256]
"""

    PAIRS = r"""
options:
  certificates:
    description:
      - The pairs nginx is given, one for each key type. In the paths C({host}) stands for the policy host and
        C({domain}) for the policy domain.
    type: list
    elements: dict
    suboptions:
      certificate:
        description: The certificate with its chain, PEM.
        type: str
        required: true
      key:
        description: Its key, PEM. It may stand in the same file as the certificates.
        type: str
        required: true
"""
