# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The template of our nginx file, filled by the core and tried on a real nginx."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import yaml
from helpers.certificates import FAMILY, pem_pair
from helpers.vhost import LOOPBACK, Vhost

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.reports import ReportOptions

ROLE = Path(__file__).resolve().parents[3] / "roles/sts_vhost"
LONG = ".".join(["a" * 60, "b" * 60, "c" * 60, "example"])
REDIRECT = "https://www.example.com/mail?from=sts"
NO_REJECTION = (1, 18, 0)  # Debian 11

# What gixy says of our file and why it stays as it is
INTENDED = {
    "default_server_flag": "we are a guest: default_server is for whoever has the host",
    "return_bypasses_allow_deny": "what is returned where reports are taken are refusals",
}


@pytest.fixture
def vhost(tmp_path):
    server = Vhost(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def running(vhost):
    vhost.install(domains=["a.example", "bare.example", LONG], redirect_url=REDIRECT)
    vhost.publish("a.example")
    vhost.publish(LONG)
    vhost.start()
    return vhost


@pytest.mark.parametrize("address", LOOPBACK)
@pytest.mark.parametrize("domain", ["a.example", LONG])
def test_every_name_has_its_policy_on_every_address(running, domain, address):
    answer = running.get("/.well-known/mta-sts.txt", name=f"mta-sts.{domain}", address=address)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain")
    assert answer.text.endswith(f"x: {domain}\r\n")


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
def test_clients_of_either_key_type_are_served(running, kind):
    with running.handshake("mta-sts.a.example", ciphers=f"ECDHE-{kind}-AES128-GCM-SHA256") as connection:
        assert connection.cipher()[0] == f"ECDHE-{kind}-AES128-GCM-SHA256"


def test_curves_are_those_of_the_guideline_although_they_are_chosen_before_the_name_is_looked_at(running):
    for curve in ("prime256v1", "secp384r1"):
        running.handshake("mta-sts.a.example", curve=curve).close()
    with pytest.raises(ssl.SSLError, match=r"handshake.failure"):
        running.handshake("mta-sts.a.example", curve="secp521r1")


@pytest.mark.parametrize(
    ("name", "alert"),
    [
        ("www.example.com", "unrecognized name"),
        ("mta-sts.c.example", "unrecognized name"),
        ("mta-sts.bare.example", "internal error"),  # listed, without certificate
    ],
)
def test_a_name_without_certificate_ends_the_handshake(running, name, alert):
    with pytest.raises(ssl.SSLError, match=alert.replace(" ", ".")):
        running.handshake(name)


def test_an_old_nginx_ends_the_handshake_for_unknown_names_too(vhost):
    vhost.install(version=NO_REJECTION)
    vhost.publish("a.example")
    vhost.start()
    assert vhost.get("/.well-known/mta-sts.txt").status == 200
    with pytest.raises(ssl.SSLError, match=r"internal.error"):
        vhost.handshake("www.example.com")


def test_the_policy_follows_the_name_of_the_handshake_not_the_request(running):
    answer = running.get("/.well-known/mta-sts.txt", host=f"mta-sts.{LONG}")
    assert answer.text.endswith("x: a.example\r\n")
    unknown = running.get("/.well-known/mta-sts.txt", host="www.example.com")
    assert (unknown.status, unknown.headers["Server"]) == (421, "nginx")


@pytest.mark.parametrize("name", ["MTA-STS.A.Example", "mta-sts.A.EXAMPLE"])
def test_capital_letters_make_no_difference(running, name):
    assert running.get("/.well-known/mta-sts.txt", name=name).status == 200


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/", 301, REDIRECT),
        ("/mta-sts.txt", 301, REDIRECT),
        ("/.well-known/mta-sts.txt?x=1", 200, None),
        ("/.well-known/security.txt", 404, None),
        ("/.well-known/", 404, None),
        ("/robots.txt", 404, None),
        ("/favicon.ico", 404, None),
        ("/apple-touch-icon-120x120.png", 404, None),
    ],
)
def test_paths_of_port_443(running, path, status, location):
    answer = running.get(path)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"


def test_what_browsers_ask_for_is_not_logged(running):
    for path in ("/robots.txt", "/favicon.ico", "/apple-touch-icon.png", "/.well-known/mta-sts.txt"):
        running.get(path)
    assert running.logged(1) == 1
    assert "[error]" not in (running.root / "error.log").read_text()


def test_a_policy_that_is_missing_is_never_a_redirect(running):
    (running.root / "www/a.example/.well-known/mta-sts.txt").unlink()
    assert running.get("/.well-known/mta-sts.txt").status == 404


def test_certbot_is_answered_from_the_folder_that_the_readme_names(vhost):
    readme = (Path(__file__).resolve().parents[3] / "roles/sts_certificate/README.md").read_text(encoding="utf-8")
    folder, webroot = (
        re.search(words, readme)[1] for words in (r"mta_sts_challenge_root: (/\S+)", r"--webroot -w (\S+)")
    )
    vhost.install(domains=["a.example"], challenges=folder.lstrip("/"))
    vhost.publish("a.example")
    answer = vhost.root / webroot.lstrip("/") / ".well-known/acme-challenge/token"  # as RFC 8555, section 8.3, has it
    answer.parent.mkdir(parents=True)
    answer.write_text("answer")
    vhost.start()
    assert vhost.get("/.well-known/acme-challenge/token", plain=True).text == "answer"


def test_port_443_of_a_held_name_is_left_alone_and_its_challenges_are_answered(vhost):
    vhost.install(held=["a.example"])
    vhost.publish("a.example")
    vhost.start()
    with pytest.raises(ssl.SSLError, match=r"unrecognized.name"):
        vhost.handshake("mta-sts.a.example")
    assert vhost.get("/.well-known/acme-challenge/none", plain=True).status == 404
    assert vhost.test() == []


def test_paths_of_port_80(running):
    folder = running.root / "challenges"
    folder.mkdir()
    (folder / "token").write_text("answer")
    known = running.get("/.well-known/acme-challenge/token", plain=True)
    assert (known.status, known.headers["Content-Type"], known.text) == (200, "text/plain", "answer")
    assert running.get("/.well-known/acme-challenge/other", plain=True).status == 404
    assert running.get("/x", plain=True).headers["Location"] == REDIRECT


def test_without_a_redirect_everything_else_is_404(vhost):
    vhost.install()
    vhost.publish("a.example")
    vhost.start()
    assert (vhost.get("/").status, vhost.get("/", plain=True).status) == (404, 404)


def test_port_80_can_be_somebody_elses(vhost):
    with socket.create_server((LOOPBACK[0], vhost.ports[80])):
        vhost.install(port_80=False, peers=["127.0.0.2"])
        vhost.publish("a.example")
        vhost.start()
        assert vhost.get("/.well-known/mta-sts.txt").status == 200


@pytest.mark.parametrize("length", [14, 46, 47, 110, 111, 200, 238, 239, 245])
@pytest.mark.parametrize("before", ["", "map $uri $theirs { default 0; }\n"], ids=["alone", "after a map"])
def test_nginx_takes_a_name_of_any_length(vhost, length, before):
    vhost.theirs(before)
    vhost.install(domains=["x" * (length - len("mta-sts..example")) + ".example" if length > 16 else "a.test"])
    assert vhost.test() == []


@pytest.mark.parametrize("count", [30, 33, 100, 500, 2000, 10000])
@pytest.mark.parametrize("length", [8, 60, 230])
def test_nginx_takes_any_number_of_names_without_a_warning(vhost, count, length):
    vhost.install(domains=[f"{number:x>{length}}.example" for number in range(count)])
    assert vhost.test() == []


def test_a_good_guest_of_other_servers(vhost):
    key, certificate = pem_pair("theirs.example", "p256")
    (vhost.root / "theirs.pem").write_bytes(key + certificate)
    pair = f"ssl_certificate {vhost.root}/theirs.pem; ssl_certificate_key {vhost.root}/theirs.pem;"
    vhost.theirs(
        f"""
        server_names_hash_bucket_size 256;
        auth_basic closed; auth_basic_user_file {vhost.root}/nobody; deny all;
        open_file_cache max=10; ssl_verify_client on; ssl_client_certificate
            {vhost.root}/theirs.pem;
        server {{ listen {vhost.ports[443]} ssl; {pair} ssl_verify_client off; server_name *.a.example; return 204; }}
        """
    )
    (vhost.root / "nobody").touch()
    vhost.install(domains=["a.example", LONG])
    vhost.publish("a.example")
    (vhost.root / "challenges").mkdir()
    (vhost.root / "challenges/token").write_text("answer")
    assert vhost.test() == []
    vhost.start()
    assert vhost.get("/.well-known/mta-sts.txt").status == 200
    assert vhost.get("/.well-known/security.txt").status == 404
    assert vhost.get("/.well-known/acme-challenge/token", plain=True).text == "answer"
    assert vhost.get("/", name="www.a.example").status == 204
    with vhost.handshake("somebody.else.example") as connection:  # the default server is theirs as before
        assert connection.getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(certificate.decode())


@pytest.mark.parametrize("version", [None, NO_REJECTION], ids=["this nginx", "an old one"])
@pytest.mark.parametrize("name", ["", "reports.example.net"], ids=["shared", "named"])
def test_gixy_finds_nothing_but_what_is_intended(vhost, version, name):
    vhost.ports = {443: 443, 80: 80}  # gixy takes each port with a 443 in it, as 24431, for one with TLS
    reports = ReportOptions(root=str(vhost.root), name=name)
    vhost.install(version=version, redirect_url=REDIRECT, peers=["127.0.0.2"], access_log="off", reports=reports)
    said = subprocess.run(["gixy", "--format=json", str(vhost.main)], capture_output=True, text=True, check=False)
    found = json.loads(said.stdout)
    assert {finding["plugin"] for finding in found} == set(INTENDED), said.stdout


REPLACE = "while :; do for file in 0/* 1/*; do cp $file new && mv new ${file#*/}; done; done"


def test_no_handshake_fails_while_certificates_of_the_same_key_are_replaced(running):
    """nginx opens the file twice in each, for the certificate and for the key."""
    live, name = running.root / "live", "mta-sts.a.example"
    for version in "01":
        (live / version).mkdir()
        for kind in ("rsa2048", "p256"):
            (live / version / f"{name}.{FAMILY[kind]}").write_bytes(b"".join(pem_pair(name, kind, end=2**31)))
    with subprocess.Popen(["sh", "-c", REPLACE], cwd=live) as replacing:
        try:
            for _unused in range(100):
                assert running.get("/.well-known/mta-sts.txt", name=name).status == 200
        finally:
            replacing.kill()


def test_what_follows_certificates_and_reports_comes_and_goes_once_nginx_has_taken_our_file():
    tasks = yaml.safe_load((ROLE / "tasks/main.yml").read_text(encoding="utf-8"))
    files = [
        file for task in tasks for kind in ("include", "import") if (file := task.get(f"ansible.builtin.{kind}_tasks"))
    ]
    assert files[-5:] == ["configure.yml", "follow.yml", "unfollow.yml", "reports.yml", "unreport.yml"]
