# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an update requires can hold: below a wildcard, and where PowerDNS does not spell records as it shows them."""

from __future__ import annotations

import pytest
from primaries.servers import NEW, POWERDNS, WILD

OTHER = '"somebody else"'
NAME = "_mta-sts.odd.test"


def test_a_record_is_published_where_a_wildcard_answers_and_removed_again(server):
    for check in (True, False):
        [published] = server.publish(("new.wild.test", NEW), check=check)
        assert (published.changed, published.problem) == (True, None)
    assert server.dig("_mta-sts.new.wild.test") == [f'"{NEW}"']
    [removed] = server.publish(("new.wild.test", None))
    # the wildcard answers again, which is not ours to remove
    assert removed.changed
    assert "has not made the change" not in removed.problem
    assert server.dig("_mta-sts.new.wild.test") == [f'"{WILD}"']


def test_a_record_of_the_name_s_own_that_says_what_the_wildcard_says_is_exchanged(server):
    [published] = server.publish(("same.wild.test", NEW))
    assert (published.changed, published.problem) == (True, None)
    assert server.dig("_mta-sts.same.wild.test") == [f'"{NEW}"']


def test_what_the_wildcard_says_is_not_removed(server):
    serial = server.serial("wild.test")
    for check in (True, False):
        [refused] = server.publish(("nothing.wild.test", None), check=check)
        assert "what answers here is the wildcard *.wild.test" in refused.problem
    assert server.serial("wild.test") == serial


SPELT = {
    "escaped": [r'"v=STSv1\; id=old\;"'],
    "two blanks": ['"v=STSv1; "  "id=old;"'],
    "no quotes": ["v=STSv1; id=old;"],
    "beside others": [r'"v=STSv1\; id=old\;"', OTHER],
    "others spelt so": ['"v=STSv1; id=old;"', '"somebody "  "else"'],
}


@pytest.fixture(params=SPELT)
def spelt(request):
    """The record in PowerDNS's own database as somebody has put it there."""
    database = "/var/lib/powerdns/pdns.sqlite3"
    values = "".join(
        "insert into records (domain_id, name, type, content, ttl, auth) "
        f"select id, '{NAME}', 'TXT', '{content}', 300, 1 from domains where name = 'odd.test';"
        for content in SPELT[request.param]
    )
    POWERDNS.write("/root/spelt.sql", f"delete from records where name = '{NAME}';{values}\n")
    POWERDNS.run(f"sqlite3 {database} < /root/spelt.sql")
    POWERDNS.run("pdns_control purge")
    return SPELT[request.param]


@pytest.mark.parametrize("value", [NEW, None])
def test_a_record_that_is_spelt_otherwise_is_exchanged_and_others_stay(spelt, value):
    others = [text.replace('"  "', '" "') for text in spelt[1:]]
    before, serial = POWERDNS.dig(NAME), POWERDNS.serial("odd.test")
    [rehearsed] = POWERDNS.publish(("odd.test", value), check=True)
    assert (rehearsed.changed, rehearsed.problem) == (True, None)
    assert (POWERDNS.dig(NAME), POWERDNS.serial("odd.test")) == (before, serial)
    [done] = POWERDNS.publish(("odd.test", value))
    assert (done.changed, done.problem) == (True, None)
    assert POWERDNS.dig(NAME) == sorted([*others, *([f'"{NEW}"'] if value else [])])
    [again] = POWERDNS.publish(("odd.test", value))
    assert (again.changed, again.published) == (False, True)
