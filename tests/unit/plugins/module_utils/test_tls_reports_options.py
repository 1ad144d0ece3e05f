# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules about TLS reports are asked for; mistakes are named before anything is read."""

from __future__ import annotations

import pytest
from helpers.module_process import run_module

IMAP = {"type": "imap", "host": "imap.example.com", "user": "tlsrpt", "password": "secret"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domains": ["user@example.com"]}, "is a mail address. Remedy: Write the domain alone."),
        ({"domains": [{"domain": "example.com", "mod": "x"}]}, "example.com"),
        ({"since": "soon"}, "since: 'soon' is no day. Remedy: "),
        ({"until": "2027-13-01"}, "until: there is no day 2027-13-01. Remedy: "),
        ({"sources": [{**IMAP, "since": "soon"}]}, "sources: 'soon' is no day. Remedy: "),
        ({"sources": [{"type": "folder"}]}, "type is folder but all of the following are missing: path"),
        (
            {"sources": [{"type": "imap", "host": "a"}]},
            "type is imap but all of the following are missing: user, password",
        ),
        ({"sources": [{"type": "pop3", "host": "a"}]}, "value of type must be one of: folder, maildir, mbox, imap"),
        ({"sources": [{**IMAP, "tls": "none"}]}, "value of tls must be one of: implicit, starttls"),
        ({"nameservers": ["nobody:99999"]}, "nameservers: "),
    ],
)
def test_a_mistake_is_named(options, words):
    result = run_module("tls_reports_info", **{"domains": ["example.com"], **options})
    assert result["failed"] is True
    assert words in result["msg"]


def test_without_sources_or_state_there_is_nothing_to_tell():
    result = run_module("tls_reports_info", domains=["example.com"], dkim=False, since="", until="")
    assert (result["days"], result["problems"], result["since"]) == ([], [], None)
