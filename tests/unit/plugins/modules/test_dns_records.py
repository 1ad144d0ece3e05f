# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module dns_records as Ansible runs it, on a real primary and a real secondary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.module_process import run_module
from servers.knot import ALGORITHM, KEY, SECRET, SERVERS, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.modules import dns_records

COLLECTIONS = Path(dns_records.__file__).parents[5]
STS, TLS_RPT = "v=STSv1; id=2;", "v=TLSRPTv1; rua=mailto:reports@example.com"
OLD_TLS_RPT = "v=TLSRPTv1; rua=mailto:old@example.com"
NAME = "_mta-sts.example.com"
FOREIGN = "\x1b[31m"


@pytest.fixture
def servers(tmp_path):
    zones = [
        Zone("example.com", f'_mta-sts TXT "v=STSv1; id=1;"\n_mta-sts TXT "\\027[31m"\n_smtp._tls TXT "{OLD_TLS_RPT}"'),
        Zone("fixed.test", updates=False),
    ]
    with serve(tmp_path / "knot", *zones) as running:
        yield running


@pytest.fixture
def options(servers):
    return {
        "port": servers.port,
        "nameservers": [servers.nameserver],
        "key_name": KEY,
        "key_algorithm": ALGORITHM,
        "key_secret": SECRET,
        "ttl": 300,
        "wait_timeout": 10,
    }


def record(name=NAME, value=STS, domain="example.com"):
    return {"domain": domain, "name": name, "value": value}


def test_check_real_again(servers, options):
    records = [record(), record("_smtp._tls.example.com", None), record("_smtp._tls.new.example.com", TLS_RPT)]
    planned = run_module("dns_records", records=records, check=True, **options)
    assert planned["changed"]
    assert planned["problems"] == []
    assert [entry["changed"] for entry in planned["records"]] == [True, True, True]
    assert planned["diff"] == [
        {
            "before_header": f"{NAME} TXT",
            "after_header": f"{NAME} TXT",
            "before": "\\x1b[31m\nv=STSv1; id=1;\n",
            "after": f"\\x1b[31m\n{STS}\n",
        },
        {
            "before_header": "_smtp._tls.example.com TXT",
            "after_header": "_smtp._tls.example.com TXT",
            "before": f"{OLD_TLS_RPT}\n",
            "after": "",
        },
        {
            "before_header": "_smtp._tls.new.example.com TXT",
            "after_header": "_smtp._tls.new.example.com TXT",
            "before": "",
            "after": f"{TLS_RPT}\n",
        },
    ]
    assert servers.serial("example.com") == 1

    done = run_module("dns_records", records=records, **options)
    assert (done["changed"], done["diff"]) == (True, planned["diff"])
    assert done["records"][0] == {
        "domain": "example.com",
        "name": NAME,
        "zone": "example.com",
        "value": STS,
        "changed": True,
        "before": [FOREIGN, "v=STSv1; id=1;"],
        "values": [FOREIGN, STS],
        "remove": ["v=STSv1; id=1;"],
        "kept": [FOREIGN],
        "published": True,
        "servers": {f"ns1.{SERVERS} [{servers.nameserver}]": "ok", f"ns2.{SERVERS} [{servers.secondary}]": "ok"},
        "problem": None,
    }
    assert servers.dig(NAME) == ['"\\027[31m"', f'"{STS}"']
    assert "stands there too, and stays. Remedy: Remove it if nobody needs it" in str(done["warnings"])

    for check in (True, False):
        again = run_module("dns_records", records=records, check=check, **options)
        assert (again["changed"], again["diff"]) == (False, [])
        assert all(entry["published"] for entry in again["records"])
    assert servers.serial("example.com") == 2


def test_a_refused_zone_fails_the_module_after_all_others_are_done(servers, options):
    records = [record("_mta-sts.fixed.test", domain="fixed.test"), record()]
    problem = (
        f"fixed.test: _mta-sts.fixed.test: {servers.nameserver} does not know, or does not allow here, the TSIG key "
        f"{KEY}. Remedy: Give the server the key with this very name and algorithm, and the key the "
        "right to update the zone."
    )
    result = run_module("dns_records", records=records, **options)
    assert (result["failed"], result["msg"], result["problems"]) == (True, problem, [problem])
    assert [entry["published"] for entry in result["records"]] == [False, True]
    assert f'"{STS}"' in servers.dig(NAME)

    lenient = run_module("dns_records", records=records, strict=False, **options)
    assert "failed" not in lenient
    assert (lenient["changed"], lenient["problems"]) == (False, [problem])
    assert lenient["records"][0]["problem"] == problem


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"nameservers": ["192.0.2.1:dns"]},
            "nameservers: '192.0.2.1:dns': 'dns' is not a port. Remedy: Write an address, with :port if it is not 53.",
        ),
        *(
            ({key: nothing}, "key_name and key_secret are required together. Remedy: Give both, or none.")
            for key in ("key_name", "key_secret")
            for nothing in ("", None)
        ),
        ({"key_algorithm": "hmac-md5"}, "value of key_algorithm must be one of: "),
        ({"records": [{"domain": "example.com"}]}, "missing required arguments: name found in records"),
    ],
)
def test_an_option_that_cannot_be_used_is_a_failure(options, wrong, message):
    result = run_module("dns_records", **{"records": [record()], **options, **wrong})
    assert result["failed"]
    assert result["msg"].startswith(message)


REFUSED = [
    ("example.com", None, "no record of MTA-STS or TLS-RPT stands at such a name"),
    ("key._domainkey.example.com", None, "no record of MTA-STS or TLS-RPT stands at such a name"),
    (NAME, "v=spf1 -all", "'v=spf1 -all' does not begin with v=STSv1;"),
    (NAME, TLS_RPT, f"'{TLS_RPT}' does not begin with v=STSv1;"),
    ("_smtp._tls.example.com", STS, f"'{STS}' does not begin with v=TLSRPTv1;"),
]


@pytest.mark.parametrize(("name", "value", "rule"), REFUSED)
def test_what_is_none_of_ours_to_write_is_refused(servers, options, name, value, rule):
    result = run_module("dns_records", records=[record(name, value)], **options)
    assert result["msg"].startswith(f"example.com: {name}: {rule}. Remedy: ")
    assert servers.serial("example.com") == 1


def test_what_belongs_to_another_entry_is_refused(servers, options):
    theirs = {**record("_smtp._tls.example.com", TLS_RPT, "spy.test"), "owner": "example.com"}
    result = run_module("dns_records", records=[theirs, record()], **options)
    assert result["msg"] == (
        "spy.test: _smtp._tls.example.com: the name belongs to the entry example.com of the list, which publishes none "
        "there (RFC 8461, section 8.2). Remedy: Give spy.test a delegated_to of its own."
    )
    assert servers.dig("_smtp._tls.example.com") == [f'"{OLD_TLS_RPT}"']
    assert result["records"][1]["published"]


def test_nothing_to_publish_is_no_change(options):
    result = run_module("dns_records", records=[], **options)
    assert (result["changed"], result["records"], result["problems"]) == (False, [], [])


@pytest.mark.parametrize("secret", [SECRET, "bm90IHRoZSByaWdodCBzZWNyZXQ=", "no-base64!"])
def test_ansible_never_shows_the_secret(servers, options, tmp_path, secret):
    arguments = {**options, "key_secret": secret, "records": [record()]}
    playbook = [
        {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": sys.executable},
            "tasks": [{"name": "Publish", "postmaster.mta_sts.dns_records": arguments, "ignore_errors": True}],
        }
    ]
    path = tmp_path / "playbook.json"
    path.write_text(json.dumps(playbook))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-vvv", "--diff", path],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(tmp_path),
            "ANSIBLE_INJECT_INVOCATION": "true",  # ansible-core 2.20 and newer show it when asked only
            "LC_ALL": "C.UTF-8",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in done.stdout
    assert secret not in done.stdout + done.stderr
    assert (f'"{STS}"' in servers.dig(NAME)) == (secret == SECRET)


@pytest.mark.parametrize(
    ("only", "left"), [(["new.example.com"], [OLD_TLS_RPT]), ([], [OLD_TLS_RPT]), (["example.com"], [])]
)
def test_only_some_domains(servers, options, only, left):
    records = [record("_smtp._tls.example.com", None), record("_mta-sts.new.example.com", domain="new.example.com")]
    done = run_module("dns_records", records=records, only=only, **options)
    assert [entry["domain"] for entry in done["records"]] == only
    assert servers.dig("_smtp._tls.example.com") == [f'"{text}"' for text in left]
    assert bool(servers.dig("_mta-sts.new.example.com")) == ("new.example.com" in only)
