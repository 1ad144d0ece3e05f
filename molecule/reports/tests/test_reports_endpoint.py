# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The endpoint as systemd, nginx's own user and a sender on the network have it."""

from __future__ import annotations

import pytest
from lab.hosts import get_host
from lab.security import owners

ROOT = "/var/lib/mta-sts/reports"
URL = "https://mta-sts.plain.test/tls-reports"
QUOTA = 1_000_000_000


@pytest.fixture(scope="module")
def host(day):
    """The policy host; nobody but the tests starts the service meanwhile, and what they leave goes."""
    host = get_host("policy13")
    (report,) = host.file(f"{ROOT}/received").listdir()
    host.check_output("systemctl stop mta-sts-reports.timer mta-sts-reports.service")
    yield host
    host.check_output(f"cd {ROOT} && find received uploads complete -type f -not -name {report} -delete")
    host.check_output("systemctl start mta-sts-reports.service mta-sts-reports.timer")


def post(*options, url=URL):
    """What the endpoint answers to a sender, which verifies its certificate."""
    command = f"curl --silent --show-error --output /dev/null --write-out '%{{http_code}} ' {' '.join(options)}"
    return get_host("sender").check_output(f"{command} '{url}'").split()


def look_after(host):
    """Have systemd run what its timer starts; return what the journal has of it."""
    cursor = host.check_output("journalctl --quiet --lines=0 --show-cursor").removeprefix("-- cursor: ")
    host.check_output("systemctl start mta-sts-reports.service")
    return host.check_output(
        f"journalctl --quiet --output=cat --after-cursor='{cursor}' --unit=mta-sts-reports.service"
    )


def as_nginx(host, path, age):
    """Put a file there as nginx would, touched so long ago."""
    host.check_output(f"cd {ROOT} && install -o www-data /dev/null {path} && truncate -s 2 {path}")
    host.check_output(f"touch -d '{age} ago' {ROOT}/{path}")


def test_what_a_sender_has_sent_is_stored_byte_for_byte(host):
    (report,) = host.file(f"{ROOT}/received").listdir()
    sent = get_host("sender").check_output("sha256sum </var/lib/tlsrpt/posted.json.gz")
    assert host.check_output(f"sha256sum <{ROOT}/received/{report}") == sent


@pytest.mark.parametrize(("path", "expected"), owners("`sts_vhost_reports`").items())
def test_owner_and_mode_are_as_documented(host, path, expected):
    assert host.check_output(f"stat --format '%U:%G %a' {path}") == expected


def test_nobody_but_nginx_and_root_reads_it(host):
    assert host.run(f"runuser -u nobody -- ls {ROOT}/received").rc != 0


def test_the_service_hands_over_and_clears_away_in_its_sandbox(host):
    before = set(host.file(f"{ROOT}/received").listdir())
    assert post("--data", "{}") == ["201"]
    as_nginx(host, "uploads/0000000900", "9 minutes")
    as_nginx(host, "uploads/0000001100", "11 minutes")
    as_nginx(host, "received/0123456789abcdef.json", "31 days")
    said = look_after(host)
    assert said == "TLS reports removed that nginx has not noted as complete: 1"
    (report,) = set(host.file(f"{ROOT}/received").listdir()) - before
    assert host.file(f"{ROOT}/received/{report}").content_string == "{}"
    assert report.endswith(".json")
    assert host.file(f"{ROOT}/uploads").listdir() == ["0000000900"]


def test_what_comes_beyond_the_quota_is_refused_until_there_is_room(host):
    name = "received/fedcba9876543210.json"
    host.check_output(f"runuser -u www-data -- fallocate -l {QUOTA} {ROOT}/{name}")
    assert look_after(host).startswith("No more TLS reports are taken: there are ")
    assert post("--data", "{}") == ["503"]
    host.check_output(f"rm {ROOT}/{name}")
    assert look_after(host) == "TLS reports are taken again"
    assert post("--data", "{}") == ["201"]


def test_what_is_no_report_of_ordinary_size_is_refused(host):
    assert post() == ["403"]
    get_host("sender").check_output("truncate -s 12M /tmp/large")
    assert post("--http1.1", "--data-binary", "@/tmp/large") == ["413"]


def test_a_sender_that_never_stops_is_told_to_come_later(host):
    answers = post("--data", "{}", "--parallel", "--parallel-max", "1", url=f"{URL}?[1-200]")
    assert (answers[0], answers[-1]) == ("201", "429")
    assert set(answers) == {"201", "429"}
    assert 60 <= answers.count("201") < 80
