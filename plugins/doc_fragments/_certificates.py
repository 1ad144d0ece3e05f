# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where certificates are kept, in the same words for every module. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The options store, live_root and key_types."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - Folder of one CA's certificates, with a folder for each key type in it. The folders beside it are other CAs'.
    type: path
    required: true
  live_root:
    description: Folder in which nginx finds the certificates.
    type: path
    default: /var/lib/mta-sts/live
  key_types:
    description: The key types each name shall have a certificate of.
    type: list
    elements: str
    choices: [rsa2048, rsa3072, rsa4096, p256, p384]
    default: [rsa3072, p256]
"""
