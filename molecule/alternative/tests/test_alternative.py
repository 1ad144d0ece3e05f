# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every variable has its effect."""

from __future__ import annotations

import json

import pytest
from lab.hosts import IPV4, NAME_SERVERS
from lab.playbook import play

CONVERGE = "molecule/alternative/converge.yml"
POLICIES = {
    "plain.test": ["version: STSv1", "mode: enforce", "mx: mx.plain.test", "max_age: 1209600"],
    "wildcard.test": ["version: STSv1", "mode: testing", "mx: *.mx.wildcard.test", "max_age: 1209600"],
    "customer.test": ["version: STSv1", "mode: enforce", "mx: mx.provider.test", "max_age: 1209600"],
    "broken.test": ["version: STSv1", "mode: enforce", "mx: mx.broken.test", "max_age: 1209600"],
}


@pytest.fixture(params=POLICIES)
def domain(request):
    return request.param


@pytest.fixture(params=["12", "13"])
def ipv4(request):
    return IPV4 + request.param


def get(sender, host, path, ipv4, *options):
    return sender.run(f"curl --silent --resolve '{host}:443:{ipv4}' {' '.join(options)} https://{host}/{path}")


def test_policies_have_the_defaults_of_the_list_and_lie_where_they_shall(policy_host, domain):
    file = policy_host.file(f"/srv/mta-sts/{domain}/.well-known/mta-sts.txt")
    assert file.content_string.splitlines() == POLICIES[domain]
    assert (file.user, file.gid, file.mode) == ("daemon", 1, 0o444)
    assert not policy_host.file("/var/www/mta-sts").exists


def test_the_history_lies_where_it_shall(policy_host):
    assert set(json.loads(policy_host.file("/srv/state/served.json").content_string)["domains"]) == set(POLICIES)
    assert not policy_host.file("/var/lib/mta-sts").exists


def test_policies_are_served(sender, domain, ipv4):
    answer = get(sender, f"mta-sts.{domain}", ".well-known/mta-sts.txt", ipv4, "--fail")
    assert answer.rc == 0
    assert answer.stdout_bytes.decode() == "".join(f"{line}\r\n" for line in POLICIES[domain])


def test_everything_else_is_redirected(sender, domain, ipv4):
    answer = get(sender, f"mta-sts.{domain}", "anything", ipv4, "--head")
    assert "301" in answer.stdout.splitlines()[0]
    assert "ocation: https://www.plain.test/mail" in answer.stdout


def test_the_certificate_has_the_chosen_key_type_and_there_is_no_other(sender, domain, ipv4):
    connect = (
        f"openssl s_client -connect {ipv4}:443 -servername mta-sts.{domain} -CApath /etc/ssl/certs -verify_return_error"
    )
    assert "NIST CURVE: P-384" in sender.check_output(f"{connect} </dev/null | openssl x509 -noout -text")
    assert sender.run(f"{connect} -sigalgs rsa_pss_rsae_sha256 </dev/null").rc == 1


def test_nginx_has_one_file_of_ours_and_listens_where_it_shall(policy_host):
    assert policy_host.file("/etc/nginx/conf.d/policies.conf").exists
    assert not policy_host.file("/etc/nginx/sites-enabled/zz-mta-sts.conf").exists
    assert policy_host.package("nginx-light").is_installed
    address = policy_host.check_output("hostname -I").split()[0]
    assert policy_host.socket(f"tcp://{address}:443").is_listening
    assert 'users:(("nginx"' not in policy_host.check_output(
        "ss --no-header --listening --tcp --numeric --processes sport = :80"
    )
    assert "access_log off;" in policy_host.file("/etc/nginx/conf.d/policies.conf").content_string


def test_keys_belong_to_the_user_and_are_read_by_the_group(policy_host, domain):
    file = policy_host.file(f"/srv/live/mta-sts.{domain}.ecdsa.pem")
    assert (file.user, file.group, file.mode) == ("acme", "policykeys", 0o440)


def test_the_timer_has_the_chosen_times(policy_host):
    timer = policy_host.check_output("systemctl cat mta-sts-certificate.timer")
    assert "OnCalendar=weekly" in timer
    assert "RandomizedDelaySec=1h" in timer


@pytest.mark.parametrize("server", NAME_SERVERS)
def test_the_records_have_the_chosen_ttl_and_targets(sender, server):
    answer = sender.check_output(f"kdig @{server} +noall +answer _mta-sts.plain.test TXT")
    assert answer.split()[1] == "300"
    assert "v=STSv1; id=" in answer
    rua = "rua=mailto:tlsrpt@plain.test,https://reports.plain.test/tlsrpt"
    assert rua in sender.check_output(f"kdig @{server} +short _smtp._tls.plain.test TXT")


@pytest.mark.parametrize("server", NAME_SERVERS)
def test_an_empty_list_of_targets_means_no_record(sender, server):
    assert sender.check_output(f"kdig @{server} +short _smtp._tls.wildcard.test TXT") == ""


def test_certificates_that_others_obtain_are_looked_at_and_left_alone(policy_host):
    live = policy_host.check_output("sha256sum /srv/live/*")
    run = play(CONVERGE, variables={"others": True})
    assert run.failures == []
    name = policy_host.backend.name.rsplit("-", 1)[-1]
    result = run.result("postmaster.mta_sts.sts_certificate : External | Check the certificates nginx is given", name)
    outcomes = {entry["domain"]: entry["outcome"] for entry in result["domains"]}
    assert outcomes == dict.fromkeys(POLICIES, "kept")
    assert policy_host.check_output("sha256sum /srv/live/*") == live
