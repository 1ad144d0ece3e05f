# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers of DNS, with as many words as a test has to say about them."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer


def answers_about(name, rdtype):
    """Return what makes answers to this question, of a status and with records."""

    def make(status, records=(), *, detail="", canonical=None):
        return Answer(name, rdtype, status, canonical or name, records, detail)

    return make
