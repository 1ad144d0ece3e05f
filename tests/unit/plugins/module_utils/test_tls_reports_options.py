# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules about TLS reports are asked for; mistakes are named before anything is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from helpers.module_process import PACKAGE, run_module
from helpers.tls_reports import packed, report

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


def test_without_dnspython_and_dkimpy_reports_are_read_all_the_same(tmp_path):
    (tmp_path / "1.json.gz").write_bytes(packed(report()))
    given = {"domains": [{"domain": "example.com"}], "sources": [{"type": "folder", "path": str(tmp_path)}]}
    program = (
        "import sys\nsys.modules['dns'] = sys.modules['dkim'] = None\n"
        f"from {PACKAGE} import tls_reports_info\ntls_reports_info.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": given}),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    result = json.loads(done.stdout)
    assert (result["inputs"]["read"], result["outdated"]) == (1, [])
    assert [name in str(warning) for name, warning in zip(("dkimpy", "dnspython"), result["warnings"])] == [True, True]
    assert all("without it no signature is looked at" in str(warning) for warning in result["warnings"])
