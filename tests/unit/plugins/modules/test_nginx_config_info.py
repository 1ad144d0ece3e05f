# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nginx_config_info with a real nginx: what it finds, what it returns, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from servers.real_nginx import Nginx

PAIR = {"certificate": "/live/{host}.pem", "key": "/live/{host}.pem"}


@pytest.fixture
def nginx(tmp_path):
    server = Nginx(tmp_path)
    yield server
    server.stop()


def run(nginx, *domains, **options):
    """Run the module as Ansible does, in a process of its own."""
    given = {
        "domains": list(domains),
        "certificates": [PAIR],
        "main_config": str(nginx.main),
        "policy_root": str(nginx.root / "www"),
        **options,
    }
    arguments = nginx.root / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}))
    module = "ansible_collections.postmaster.mta_sts.plugins.modules.nginx_config_info"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", module, str(arguments)], capture_output=True, text=True, check=False, env=environment
    )
    return json.loads(done.stdout)


def served(done):
    return [entry["domain"] for entry in done["domains"]]


def publish(nginx, domain):
    policy = nginx.root / "www" / domain / ".well-known/mta-sts.txt"
    policy.parent.mkdir(parents=True)
    policy.touch()


def test_a_list_as_users_write_it(nginx):
    listed = [{"domain": "A.Example"}, {"domain": "b.example", "state": "present"}]
    assert served(run(nginx, *listed, defaults={"state": "absent"})) == ["b.example"]
    refused = run(nginx, {"domain": "a.example", "mode": "strict"})
    assert refused["msg"].startswith("a.example: mode: ")


def test_what_is_found(nginx):
    done = run(nginx, {"domain": "a.example"}, {"domain": "b\u00fccher.example"})
    assert done["installed"]
    assert done["version"].startswith("1.")
    assert done["config_path"] == str(nginx.sites / "zz-mta-sts.conf")
    assert done["pid_file"] == str(nginx.pid_file)
    assert done["domains"] == [
        {"domain": "a.example", "policy_host": "mta-sts.a.example"},
        {"domain": "xn--bcher-kva.example", "policy_host": "mta-sts.xn--bcher-kva.example"},
    ]
    assert done["values"]["names"] == ["mta-sts.a.example", "mta-sts.xn--bcher-kva.example"]
    assert done["findings"] == []


def test_an_absent_domain_is_served_while_its_policy_is_there(nginx):
    domains = [{"domain": f"{name}.example", "state": "absent"} for name in ("kept", "going", "gone")]
    publish(nginx, "kept.example")
    publish(nginx, "going.example")
    assert served(run(nginx, *domains)) == ["kept.example", "going.example"]
    policies = [{"domain": "kept.example", "action": "refuse"}, {"domain": "going.example", "action": "remove"}]
    assert served(run(nginx, *domains, policies=policies)) == ["kept.example"]


def test_a_domain_that_was_dropped_from_the_list_goes_on_being_served_if_its_policy_is_there(nginx):
    publish(nginx, "dropped.example")
    publish(nginx, "foreign.example")  # in the same folder, but never served by us
    ours = nginx.sites / "zz-mta-sts.conf"
    ours.write_text(
        'map $ssl_server_name $mta_sts_domain { default ""; mta-sts.dropped.example dropped.example;'
        " mta-sts.listed.example listed.example; mta-sts.gone.example gone.example; }\n"
    )
    listed = {"domain": "listed.example"}
    assert served(run(nginx, listed)) == ["listed.example"]
    done = run(nginx, listed, keep_unlisted=True)
    assert [entry["domain"] for entry in done["serving"]] == ["dropped.example", "listed.example", "gone.example"]
    assert (served(done), done["unlisted"]) == (["listed.example", "dropped.example"], ["dropped.example"])
    assert done["warnings"]
    assert [(finding["rule"], finding["remedy"]) for finding in done["findings"]] == [
        (
            "dropped.example: no longer in the list, but still served",
            "List them, with state: absent to take them down",
        )
    ]
    assert served(run(nginx, keep_unlisted=True)) == ["dropped.example"]
    absent = {"domain": "dropped.example", "state": "absent"}
    assert (
        served(run(nginx, absent, policies=[{"domain": "dropped.example", "action": "remove"}], keep_unlisted=True))
        == []
    )


def test_every_mistake_is_named_at_once(nginx):
    done = run(nginx, {"domain": "a.example"}, redirect_url="here", peers=["300.1.1.1"])
    assert done["msg"] == (
        'redirect_url: "here" is not a URL that can be written into nginx\'s configuration. '
        "Remedy: Write an http or https URL without spaces, quotes and backslashes.\n"
        'peers: "300.1.1.1" is not an IP address. Remedy: Write an IPv4 or IPv6 address.'
    )


def test_names_of_peers_are_looked_up_and_one_without_an_address_is_told_and_left_out(nginx):
    done = run(nginx, {"domain": "a.example"}, peers=["no such name", "192.0.2.1"])
    assert done["values"]["peers"] == ["192.0.2.1:80"]
    assert "peers: no such name stands for no address on this host" in str(done["warnings"])


OUR_PEERS = "upstream mta_sts_peers { server 192.0.2.1:80 max_fails=0; server 192.0.2.2:80 max_fails=0; }\n"


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"peers": ["192.0.2.1"]}, ["192.0.2.1:80"]),
        ({"peers": ["192.0.2.1"], "keep_peers": True}, ["192.0.2.1:80", "192.0.2.2:80"]),
        ({"peers": ["192.0.2.1", "no such name"]}, ["192.0.2.1:80", "192.0.2.2:80"]),
        ({"peers": ["192.0.2.3"], "keep_peers": True}, ["192.0.2.3:80", "192.0.2.1:80", "192.0.2.2:80"]),
    ],
)
def test_a_peer_that_the_run_may_not_know_is_not_removed(nginx, options, asked):
    (nginx.sites / "zz-mta-sts.conf").write_text(OUR_PEERS)
    done = run(nginx, {"domain": "a.example"}, **options)
    assert done["values"]["peers"] == asked
    assert ("192.0.2.2 in our file" in str(done.get("warnings"))) is (len(asked) > 1)


def test_a_file_that_nginx_does_not_read_is_named(nginx):
    nginx.main.write_text("events { } http { }")
    path = nginx.root / "conf.d/zz-mta-sts.conf"
    assert run(nginx, {"domain": "a.example"})["msg"].startswith(f"config_path: nginx would not read {path}: ")


@pytest.mark.parametrize(
    ("line", "user", "group"),
    [("user www-data;", "www-data", "www-data"), ("user nobody games;", "nobody", "games"), ("", "nobody", "nogroup")],
)
def test_whom_nginx_runs_as(nginx, line, user, group):
    nginx.main.write_text(f"{line} events {{ }} http {{ include {nginx.sites}/*; }}")
    done = run(nginx)
    assert (done["user"], done["group"]) == (user, group)


def test_which_certificates_nginx_reads_when_it_starts_only(nginx):
    (nginx.sites / "zz-mta-sts.conf").write_text("server { ssl_certificate /former.pem; ssl_certificate_key /$x; }\n")
    pairs = [PAIR, {"certificate": "/all.pem", "key": "/all.key"}]
    done = run(nginx, {"domain": "a.example"}, certificates=pairs)
    assert (done["fixed_paths"], done["fixed_paths_now"]) == (["/all.pem", "/all.key"], ["/former.pem"])
    assert run(nginx, certificates=pairs)["fixed_paths"] == []


def test_a_setting_of_others_that_is_too_small_is_named_with_its_file(nginx):
    (nginx.sites / "default").write_text("server_names_hash_bucket_size 64;\n")
    done = run(nginx, {"domain": f"{'x' * 60}.example"})
    assert done["msg"] == (
        f"server_names_hash_bucket_size: {nginx.sites}/default sets server_names_hash_bucket_size to 64, "
        f"too small for mta-sts.{'x' * 60}.example (76 characters). Remedy: Set it to 128 there."
    )


def test_without_domains_nothing_is_found_fault_with(nginx):
    (nginx.sites / "default").write_text("server_names_hash_bucket_size 64;\n")
    done = run(nginx, certificates=[], redirect_url="here")
    assert (served(done), done["findings"]) == ([], [])


def test_a_name_that_others_serve_is_a_warning(nginx):
    (nginx.sites / "default").write_text("server { server_name mta-sts.a.example; }\n")
    done = run(nginx, {"domain": "a.example"})
    assert [(finding["severity"], finding["rule"]) for finding in done["findings"]] == [
        (
            "warning",
            f"mta-sts.a.example is a server_name in {nginx.sites}/default too, and nginx takes the one it reads first",
        )
    ]
    assert done["warnings"]


def test_who_answers_instead_of_us(nginx):
    (nginx.sites / "default").write_text("\nserver { listen 443 ssl; server_name mta-sts.a.example; }\n")
    done = run(nginx, {"domain": "a.example"}, {"domain": "b.example"}, live=["a.example"])
    assert done["others"] == [
        {
            "domain": domain, "policy_host": f"mta-sts.{domain}", "port": 443, "file": f"{nginx.sites}/default",
            "line": 2, "stays": stays, "alone": True, "certificates": [], "ready": False,
        }
        for domain, stays in [("a.example", True), ("b.example", False)]
    ]  # fmt: skip
    assert done["held"] == []


def test_who_would_be_displaced_stays_until_our_certificates_are_there(nginx):
    (nginx.sites / "default").write_text("server { listen 443 ssl; server_name mta-sts.*; }\n")
    pair = {part: f"{nginx.root}/{{host}}.{part}.pem" for part in ("certificate", "key")}

    def held(**options):
        done = run(nginx, {"domain": "a.example"}, {"domain": "b.example"}, certificates=[pair], **options)
        ready = [entry["domain"] for entry in done["others"] if entry["ready"]]
        return done["held"], ready, done["values"]["tls_names"]

    assert held() == ([], [], ["mta-sts.a.example", "mta-sts.b.example"])
    assert held(live=["a.example"]) == (["a.example"], [], ["mta-sts.b.example"])
    (nginx.root / "mta-sts.a.example.certificate.pem").touch()
    assert held(live=["a.example"])[:2] == (["a.example"], [])
    (nginx.root / "mta-sts.a.example.key.pem").touch()
    assert held(live=["a.example"])[:2] == ([], ["a.example"])


def test_reports_are_taken_where_they_are_asked_for(nginx):
    done = run(nginx, {"domain": "a.example"}, reports={"root": "/srv/reports", "quota": 100, "age": "1w"})
    assert done["reports"] == {"root": "/srv/reports", "quota_bytes": 100_000_000, "age_seconds": 604_800}
    assert (done["values"]["reports"]["path"], done["report_root_now"]) == ("/tls-reports", "")
    assert run(nginx, reports={"age": "never looked at"})["reports"] == {}


def test_reports_are_off_by_default_and_where_our_file_keeps_them_is_known(nginx):
    text = "server { location /r { client_body_temp_path /srv/reports/uploads; } }\n"
    (nginx.sites / "zz-mta-sts.conf").write_text(text)
    done = run(nginx, {"domain": "a.example"})
    assert (done["reports"], done["values"]["reports"], done["report_root_now"]) == ({}, {}, "/srv/reports")


def test_all_mistakes_about_reports_are_named(nginx):
    done = run(nginx, {"domain": "a.example"}, reports={"path": "x", "rate": 0, "root": "y"})
    assert [line.split(":")[0] for line in done["msg"].splitlines()] == ["reports.path", "reports.rate", "reports.root"]
