# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sources have one shape."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.folder import Folder
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap import Imap
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap_client import Account
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.maildir import Maildir
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.mbox import Mbox
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Item, Unreadable


def test_each_has_a_name_of_its_own_and_no_marks_at_first():
    account = Account("imap.example.com", "tlsrpt", "secret")
    sources = [Folder("/a", {}), Maildir("/a", {}), Mbox("/a", {}), Imap(account, "INBOX", {})]
    assert len({source.name for source in sources}) == len(sources)
    assert [source.marks for source in sources] == [{}] * len(sources)
    assert "secret" not in "".join(source.name for source in sources)


def test_an_item_is_no_report_until_somebody_has_read_one_in_it():
    assert not Item("a").is_report


def test_what_cannot_be_read_comes_with_its_remedy():
    assert str(Unreadable("it is gone", "Find it")) == "it is gone. Remedy: Find it."
