# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of a file that a zone file includes: ours is kept, and nothing else is touched."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.zone_snippet import NotOurs, file_name, merge

PATH = "/etc/zones/example.com.zone"
HEAD = f"; Kept by postmaster.mta_sts. Include it in the zone's own file: $INCLUDE {PATH}\n"
STS, TLS_RPT = "v=STSv1; id=1;", "v=TLSRPTv1; rua=mailto:a@example.com"


def test_a_new_file_has_the_records_by_name_below_a_comment_that_says_whose_it_is():
    records = {"_smtp._tls.example.com": TLS_RPT, "_mta-sts.example.com": STS, "_mta-sts.gone.example.com": None}
    assert merge("", records, 300, PATH) == (
        f'{HEAD}_mta-sts.example.com. 300 IN TXT "{STS}"\n_smtp._tls.example.com. 300 IN TXT "{TLS_RPT}"\n'
    )


def test_records_that_are_not_named_stay_as_they_are():
    before = f'{HEAD}_mta-sts.a.example.com. 60 IN TXT "{STS}"\n_smtp._tls.a.example.com. IN TXT "{TLS_RPT}"\n'
    assert merge(before, {}, 300, PATH) == before
    changed = merge(before, {"_mta-sts.a.example.com": "v=STSv1; id=2;"}, 60, PATH)
    assert changed == before.replace("id=1", "id=2")
    assert merge(before, {"_mta-sts.a.example.com": None, "_smtp._tls.a.example.com": None}, 60, PATH) == HEAD


def test_a_ttl_stands_behind_the_name_and_nowhere_else():
    text = "v=STSv1; id=1; note=a. IN TXT b"
    assert merge("", {"_mta-sts.example.com": text}, 300, PATH) == (
        f'{HEAD}_mta-sts.example.com. 300 IN TXT "{text}"\n'
    )


OTHERS = [
    "; a note",
    "www A 192.0.2.1",
    "www A 192.0.2.2",
    "_mta-sts.example.com. 300 IN A 192.0.2.3",
    '_mta-sts.example.com. 300 IN TXT "v=spf1 -all"',
    '_mta-sts.example.com. 300 IN TXT "v=STSv10; id=1;"',
    "_mta-sts.example.com. IN TXT v=STSv1;",
]


def test_lines_of_others_stay_in_their_order():
    before = HEAD + "".join(f"{line}\n" for line in OTHERS) + f'_mta-sts.example.com. 300 IN TXT "{STS}"\n'
    assert merge(before, {"_mta-sts.example.com": STS}, 300, PATH) == before
    assert merge(before, {"_mta-sts.example.com": None}, 300, PATH) == HEAD + "".join(f"{line}\n" for line in OTHERS)


@pytest.mark.parametrize("before", ["www A 192.0.2.1\n", f"\n{HEAD}", "; Kept by somebody else.\n"])
def test_a_file_of_others_is_refused(before):
    with pytest.raises(NotOurs) as refused:
        merge(before, {"_mta-sts.example.com": STS}, 300, PATH)
    assert str(refused.value) == f"{PATH} has not been written by us. Remedy: Move it, or choose another folder."


@pytest.mark.parametrize("before", ["", "\n", "  \n"])
def test_an_empty_file_is_nobody_s(before):
    assert merge(before, {}, 300, PATH) == HEAD


def test_a_file_is_called_like_its_zone():
    assert file_name("example.com") == "example.com.zone"
    assert file_name("0/25.2.0.192.in-addr.arpa") == "0_25.2.0.192.in-addr.arpa.zone"
    longest = "x" * 250
    assert file_name(longest) == f"{longest}.zone"
    with pytest.raises(NotOurs) as refused:
        file_name(longest + "x")
    assert str(refused.value) == (
        f"its name is too long for a file. Remedy: Publish the records of {longest}x in another way."
    )
