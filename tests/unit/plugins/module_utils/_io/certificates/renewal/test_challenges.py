# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What killed runs have left in DNS."""

from __future__ import annotations

from helpers.renewal import write_program, write_settings

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.challenges import clean_up


def test_each_note_is_handed_to_the_hook_for_as_long_as_there_is_time_and_nobody_stops_it(tmp_path):
    settings = write_settings(tmp_path, challenge="dns-01")
    write_program(settings.hook, f'echo "$CHALLENGETYPE $*" >>{tmp_path}/hooked; sleep 0.2')
    clean_up(settings, 60)
    (tmp_path / "challenges").mkdir()
    for name in ("mta-sts.a.example", "mta-sts.b.example"):
        (tmp_path / "challenges" / name).touch()
    clean_up(settings, 0)
    clean_up(settings, 60, lambda: True)
    assert not (tmp_path / "hooked").exists()
    clean_up(settings, 0.1)
    assert (tmp_path / "hooked").read_text() == "dns-01 clean_challenge mta-sts.a.example - -\n"
