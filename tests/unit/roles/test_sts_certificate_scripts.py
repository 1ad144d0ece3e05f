# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs on the host every day: renew and hook, with real keys; dehydrated is played by a few lines of shell."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from ansible_collections.postmaster.mta_sts.tests.unit.certificates import pem_pair

FILES = Path(__file__).resolve().parents[3] / "roles/sts_certificate/files"
DAY = 86400
NOW = int(time.time()) // DAY * DAY
HOST = "mta-sts.example.com"
LONG = f"mta-sts.{'l' * 60}.example"

BAD_NONCE = 'echo "urn:ietf:params:acme:error:badNonce"; exit 1'


class PolicyHost:
    """A policy host's folders, one key type, and a dehydrated that does what a test tells it."""

    def __init__(self, root):
        self.root = root
        self.config, self.live, self.store = root / "etc", root / "live", root / "certs"
        self.tokens, self.bin, self.calls = root / "tokens", root / "bin", root / "calls"
        for folder in (self.config, self.live, self.store, self.tokens, self.bin):
            folder.mkdir()
        for script in ("renew", "hook"):
            (self.config / script).write_bytes((FILES / script).read_bytes())
            (self.config / script).chmod(0o755)
        self.settings = {
            "ACCOUNTDIR": str(root / "accounts"),
            "BASEDIR": str(root),
            "CERTDIR": str(self.store / "p256"),
            "CHALLENGETYPE": "http-01",
            "HOOK": str(self.config / "hook"),
            "KEYSIZE": "4096",
            "STS_FAMILY": "ecdsa",
            "STS_LIVE": str(self.live),
            "STS_OTHER_FAMILY": "rsa",
            "STS_OTHER_FAMILY_WANTED": "yes",
            "STS_STORE": str(self.store),
            "WELLKNOWN": str(self.tokens),
        }

    def folder(self, host=HOST):
        folder = self.store / "p256" / host
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def issue(self, host=HOST, start=NOW, end=NOW + 90 * DAY):
        """Put key and certificate where dehydrated does."""
        key, certificate = pem_pair(host, "p256", start=start, end=end)
        for name, content in (("privkey", key), ("cert", certificate), ("fullchain", certificate)):
            (self.folder(host) / f"{name}-1.pem").write_bytes(content)
            link = self.folder(host) / f"{name}.pem"
            link.unlink(missing_ok=True)
            link.symlink_to(f"{name}-1.pem")
        return key + certificate

    def hook(self, name, *arguments):
        return subprocess.run(
            [self.config / "hook", name, *map(str, arguments)],
            env={**os.environ, **self.settings, "KEY_ALGO": "prime256v1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def deploy(self, host=HOST):
        folder = self.folder(host)
        return self.hook("deploy_cert", host, *(folder / f"{name}.pem" for name in ("privkey", "cert", "fullchain")))

    def renew(self, *arguments, hosts=(HOST,), dehydrated="exit 0"):
        (self.config / "p256.conf").write_text(
            "".join(f"export {key}={value}\n" for key, value in self.settings.items())
        )
        (self.config / "domains.txt").write_text("".join(f"{host}\n" for host in hosts))
        (self.bin / "dehydrated").write_text(f'#!/bin/sh\necho "$*" >>{self.calls}\n{dehydrated}\n')
        (self.bin / "dehydrated").chmod(0o755)
        self.calls.write_text("")
        return subprocess.run(
            [self.config / "renew", *arguments],
            env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def asked(self):
        prefix = f"--config {self.config}/p256.conf "
        return [line.removeprefix(prefix) for line in self.calls.read_text().splitlines()]


@pytest.fixture
def host(tmp_path):
    return PolicyHost(tmp_path)


def test_unknown_hooks_are_passed_over(host):
    done = host.hook("this_hook_is_of_next_year", "x")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["deploy_challenge", "clean_challenge"])
def test_challenges_in_dns_are_left_to_the_program_beside(host, name):
    (host.config / "challenge.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(3)\n")
    host.settings["CHALLENGETYPE"] = "dns-01"
    done = host.hook(name, HOST, "token", "-value")
    assert (done.returncode, done.stdout) == (3, f"['{name}', '{HOST}', 'token', '-value']\n")
    host.settings["CHALLENGETYPE"] = "http-01"
    (host.config / "domains.txt").write_text(f"{HOST}\n")
    done = host.hook(name, HOST, "token", "-value")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_certificate_is_put_where_nginx_looks(host):
    issued = host.issue()
    assert host.deploy().returncode == 0
    assert (host.live / f"{HOST}.ecdsa.pem").read_bytes() == issued
    assert (host.live / f"{HOST}.ecdsa.pem").stat().st_mode & 0o777 == 0o440
    assert os.readlink(host.live / f"{HOST}.rsa.pem") == f"{HOST}.ecdsa.pem"
    assert (host.folder() / "renew-at").read_text() == f"{NOW + 60 * DAY}\n"


@pytest.mark.parametrize(("wanted", "stays"), [("yes", True), ("no", False)])
def test_the_other_family_stays_while_it_is_wanted(host, wanted, stays):
    other = host.live / f"{HOST}.rsa.pem"
    other.write_text("issued earlier")
    host.settings["STS_OTHER_FAMILY_WANTED"] = wanted
    host.issue()
    assert host.deploy().returncode == 0
    assert other.is_symlink() is not stays


def test_a_key_that_is_not_the_certificates_is_not_served(host):
    host.issue()
    (host.folder() / "privkey.pem").unlink()
    subprocess.run(
        ["openssl", "ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", host.folder() / "privkey.pem"],
        check=True,
    )
    done = host.deploy()
    assert done.returncode == 1
    assert "do not belong together" in done.stderr
    assert not list(host.live.iterdir())


def test_a_short_name_leaves_the_request_to_dehydrated(host):
    assert host.hook("generate_csr", HOST, host.folder(), HOST).stdout == ""
    assert not list(host.folder().iterdir())


def test_a_long_name_stands_in_the_alternative_name_only_and_its_key_waits(host):
    request = host.hook("generate_csr", LONG, host.folder(LONG), LONG)
    text = subprocess.run(
        ["openssl", "req", "-noout", "-text", "-verify"],
        input=request.stdout,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"DNS:{LONG}" in text
    assert "CN" not in text
    waiting = (host.folder(LONG) / "next-key.pem").read_text()
    assert host.hook("generate_csr", LONG, host.folder(LONG), LONG).returncode == 0
    assert (host.folder(LONG) / "next-key.pem").read_text() == waiting


def test_a_waiting_key_takes_its_place_once_its_certificate_is_there(host):
    issued = host.issue(LONG)
    key = host.folder(LONG) / "privkey.pem"
    key.rename(host.folder(LONG) / "next-key.pem")
    assert host.deploy(LONG).returncode == 0
    assert not (host.folder(LONG) / "next-key.pem").exists()
    assert (host.live / f"{LONG}.ecdsa.pem").read_bytes() == issued


def test_a_quiet_night_asks_nothing_of_the_ca(host):
    host.issue()
    host.deploy()
    assert host.renew().returncode == 0
    assert host.asked() == []


@pytest.mark.parametrize(("how", "cleaned"), [("dns-01", ["mta-sts.gone.example", HOST]), ("http-01", [])])
def test_what_a_run_that_was_killed_has_left_in_dns_goes_at_night(host, how, cleaned):
    (host.config / "challenge.py").write_text("import sys\nprint(*sys.argv[1:3])\n")
    (host.root / "challenges").mkdir()
    for name in (HOST, "mta-sts.gone.example"):
        (host.root / "challenges" / name).touch()
    host.settings["CHALLENGETYPE"] = how
    host.issue()
    host.deploy()
    done = host.renew()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"clean_challenge {name}" for name in sorted(cleaned)]


def test_what_is_due_is_ordered_under_one_account(host):
    assert host.renew(hosts=[HOST, LONG]).returncode == 0
    assert host.asked() == [
        "--register --accept-terms",
        f"--cron --force --domain {HOST}",
        f"--cron --force --domain {LONG}",
    ]


def test_the_last_third_and_force_make_it_due(host):
    host.issue(start=NOW - 70 * DAY, end=NOW + 20 * DAY)
    host.deploy()
    host.renew()
    assert len(host.asked()) == 2
    host.issue()
    host.deploy()
    host.renew("--force")
    assert len(host.asked()) == 2


@pytest.mark.parametrize("content", [None, "somebody's edit"])
def test_a_served_file_that_is_not_what_was_issued_is_put_right_without_the_ca(host, content):
    issued = host.issue()
    host.deploy()
    served = host.live / f"{HOST}.ecdsa.pem"
    served.unlink()
    if content:
        served.write_text(content)
    assert host.renew().returncode == 0
    assert host.asked() == []
    assert served.read_bytes() == issued


def test_one_name_fails_the_others_go_on_and_its_words_stay_with_it(host):
    dead = "mta-sts.dead.example"
    done = host.renew(hosts=[HOST, dead, LONG], dehydrated='case $* in *dead*) echo "ERROR: dead"; exit 1;; esac')
    assert done.returncode == 1
    assert len(host.asked()) == 4
    assert (host.folder(dead) / "failure").read_text() == "ERROR: dead\n"
    assert not (host.folder(LONG) / "failure").exists()
    assert host.renew(hosts=[dead]).returncode == 0
    assert not (host.folder(dead) / "failure").exists()


def test_a_ca_that_cannot_be_asked_is_asked_once(host):
    assert host.renew(hosts=[HOST, LONG], dehydrated='echo "ERROR: nobody home"; exit 1').returncode == 1
    assert host.asked() == ["--register --accept-terms"]
    assert (host.store / "failure").read_text() == "ERROR: nobody home\n"
    host.renew()
    assert not (host.store / "failure").exists()


GONE = "ERROR: Problem connecting to server (post for https://ca.test/order; curl returned with 28)"


def test_a_ca_that_goes_away_in_the_middle_is_not_waited_for_again(host):
    done = host.renew(hosts=[HOST, LONG], dehydrated=f'case $* in *--cron*) echo "{GONE}"; exit 1;; esac')
    assert done.returncode == 1
    assert host.asked() == ["--register --accept-terms", f"--cron --force --domain {HOST}"]
    assert (host.store / "failure").read_text() == (host.folder() / "failure").read_text() == f"{GONE}\n"


def test_a_refused_nonce_is_asked_again(host):
    host.renew(dehydrated=f'[ "$(wc -l <{host.calls})" -ge 4 ] || {{ {BAD_NONCE}; }}')
    assert host.asked() == ["--register --accept-terms"] * 4 + [f"--cron --force --domain {HOST}"]
    assert host.renew(dehydrated=BAD_NONCE).returncode == 1
    assert len(host.asked()) == 10


@pytest.mark.parametrize("answer", ["", '{"status": "valid"}'])
def test_an_account_that_was_never_answered_is_none(host, answer):
    folder = host.root / "accounts/ca"
    folder.mkdir(parents=True)
    (folder / "account_key.pem").write_text("key")
    (folder / "registration_info.json").write_text(answer)
    host.renew(dehydrated=f"ls {folder} >{host.root}/seen")
    assert bool((host.root / "seen").read_text()) == bool(answer)


AGAIN = 'echo " ! Request failed (badNonce), retrying request..."'


@pytest.mark.parametrize(
    "words", [BAD_NONCE, f"{AGAIN}; exec sleep 60", f"trap 'echo Terminated' 15; {AGAIN}; sleep 60"]
)
def test_a_ca_that_takes_no_nonce_is_not_waited_for_again(host, words):
    (host.bin / "timeout").write_text('#!/bin/sh\nshift\nexec /usr/bin/timeout 1s "$@"\n')
    (host.bin / "timeout").chmod(0o755)
    done = host.renew(hosts=[HOST, LONG], dehydrated=f"case $* in *--cron*) {words};; esac")
    assert done.returncode == 1
    assert set(host.asked()) == {"--register --accept-terms", f"--cron --force --domain {HOST}"}
    assert (host.store / "failure").read_text() == (host.folder() / "failure").read_text()
    assert "badNonce" in (host.store / "failure").read_text()


def test_what_is_no_longer_used_goes(host):
    host.issue()
    for name in ("privkey-0.pem", "cert-0.csr", "cert-0.pem"):
        (host.folder() / name).touch()
    (host.tokens / "token").touch()
    host.renew()
    assert sorted(path.name for path in host.folder().glob("*-*")) == ["cert-1.pem", "fullchain-1.pem", "privkey-1.pem"]
    assert not list(host.tokens.iterdir())
