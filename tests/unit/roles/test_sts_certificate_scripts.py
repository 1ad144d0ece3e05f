# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs on the host every day: renew and hook, with real keys; dehydrated is played by a few lines of shell."""

from __future__ import annotations

import json
import os
import pwd
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from helpers.certificates import pem_pair

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.status import (
    WAITING,
    ask,
    read_status,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.store import parse_certificate

FILES = Path(__file__).resolve().parents[3] / "roles/sts_certificate/files"
ROLE_VARS = yaml.safe_load((FILES.parent / "vars/main.yml").read_text())
LIBRARY = ROLE_VARS["__sts_certificate_library"]
CODE = Path(__file__).resolve().parents[3] / "plugins/module_utils"
DAY = 86400
NOW = int(time.time()) // DAY * DAY
HOST = "mta-sts.example.com"
# Whom dehydrated runs as; only root can be somebody else
SERVICE = pwd.getpwnam("daemon").pw_uid if os.geteuid() == 0 else os.geteuid()
LONG = f"mta-sts.{'l' * 60}.example"
NAMES = [f"mta-sts.{letter}.example" for letter in "abcd"]

BAD_NONCE = 'echo "urn:ietf:params:acme:error:badNonce"; exit 1'


class PolicyHost:
    """A policy host's folders, one key type, and a dehydrated that does what a test tells it."""

    def __init__(self, root):
        self.root = root
        self.config, self.live, self.store = root / "etc", root / "live", root / "certs"
        self.tokens, self.bin, self.calls = root / "tokens", root / "bin", root / "calls"
        for folder in (self.config, self.live, self.store, self.tokens, self.bin):
            folder.mkdir()
        for script, begins in (("renew", b"#!/usr/bin/python3 -I\n"), ("hook", b"")):
            (self.config / script).write_bytes(begins + (FILES / script).read_bytes())
            (self.config / script).chmod(0o755)
        for part in LIBRARY:
            place = self.config / "lib/mta_sts" / part
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((CODE / part).read_bytes())
        self.more = {}
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
            "WELLKNOWN": str(self.tokens),
        }

    def folder(self, host=HOST):
        folder = self.store / "p256" / host
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def issue(self, host=HOST, start=NOW, end=NOW + 90 * DAY, authority=b""):
        """Put key and certificate where dehydrated does."""
        key, certificate = pem_pair(host, "p256", start=start, end=end, authority=authority)
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
        done = self.hook("deploy_cert", host, *(folder / f"{name}.pem" for name in ("privkey", "cert", "fullchain")))
        if done.returncode == 0:
            (folder / "renew-at").write_text(f"{parse_certificate((folder / 'cert.pem').read_bytes()).renew_at}\n")
        return done

    def renew(self, *arguments, hosts=(HOST,), dehydrated="exit 0"):
        self.prepare(hosts, dehydrated)
        return subprocess.run(
            [self.config / "renew", *arguments], env=self.environment(), capture_output=True, text=True, check=False
        )

    def start(self, hosts=(HOST,), dehydrated="exit 0", **environment):
        self.prepare(hosts, dehydrated)
        return subprocess.Popen(
            [self.config / "renew"],
            env={**self.environment(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environment(self):
        return {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}

    def prepare(self, hosts, dehydrated):
        (self.config / "p256.conf").write_text(
            "".join(f"export {key}={value}\n" for key, value in self.settings.items())
        )
        (self.config / "renew.json").write_text(json.dumps(self.described()))
        (self.config / "domains.txt").write_text("".join(f"{host}\n" for host in hosts))
        (self.bin / "dehydrated").write_text(f'#!/bin/sh\necho "$*" >>{self.calls}\n{dehydrated}\n')
        (self.bin / "dehydrated").chmod(0o755)
        self.calls.write_text("")

    def status(self):
        return read_status(self.store)

    def ordered(self):
        return [line.rsplit(" ", 1)[1] for line in self.asked() if "--cron" in line]

    def described(self):
        """Return what the role writes into renew.json."""
        return {
            "store": str(self.store), "state_root": str(self.root), "live_root": str(self.live),
            "challenge": self.settings["CHALLENGETYPE"], "challenge_root": str(self.tokens),
            "ca": "http://127.0.0.1:1/dir", "ca_file": "", "key_types": ["p256"],
            "limits": {}, "hosts": 1, "rank": 0, **self.more,
        }  # fmt: skip

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


@pytest.mark.parametrize(("lifetime", "left"), [(90, 30), (45, 15), (160 / 24, 80 / 24), (3, 2)])
def test_the_date_of_its_renewal_is_beside_what_was_issued(host, lifetime, left):
    host.issue(end=NOW + int(lifetime * DAY))
    assert host.renew().returncode == 0
    assert (host.folder() / "renew-at").read_text() == f"{NOW + int((lifetime - left) * DAY)}\n"


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


@pytest.mark.parametrize(
    "spoil",
    [
        lambda chain, _other: b"<html>not found</html>" + chain[:100],
        lambda chain, _other: chain.replace(b"MII", b"\x1b[2J", 1),
        lambda chain, _other: chain * 200,
        lambda _chain, other: other,
        lambda _chain, _other: b"",
    ],
    ids=["a page", "damaged", "huge", "another's", "nothing"],
)
def test_a_chain_that_will_not_do_is_not_served(host, spoil):
    issued = host.issue()
    assert host.deploy().returncode == 0
    chain = host.folder() / "fullchain.pem"
    chain.write_bytes(spoil(chain.read_bytes(), pem_pair("mta-sts.else.example", "p256")[1]))
    assert host.deploy().returncode == 1
    assert (host.live / f"{HOST}.ecdsa.pem").read_bytes() == issued


def test_a_certificate_for_another_name_is_not_served_though_the_key_is_its(host):
    host.issue(LONG)
    host.folder(LONG).rename(host.folder())
    done = host.deploy()
    assert (done.returncode, done.stderr) == (
        1, f"The key and the certificate in {host.folder()} do not belong together, or are not for {HOST}.\n"
    )  # fmt: skip
    assert not list(host.live.iterdir())


@pytest.mark.parametrize(
    "asked",
    [
        (HOST, f"../live/{HOST}.ecdsa.pem", "value"),
        (HOST, "../certs/p256", "value"),
        (HOST, ".", "value"),
        (HOST, "", "value"),
        (HOST, "to", "ken", "value"),
        (HOST, "token\n", "value"),
        ("mta-sts.victim.example", "token", "value"),
        (".*", "token", "value"),
        ("", "token", "value"),
        ("--version", "token", "value"),
        (f"{HOST}\nmta-sts.other.example", "token", "value"),
    ],
)
def test_what_a_ca_asks_for_that_is_not_ours_ends_the_order(host, asked):
    (host.config / "domains.txt").write_text(f"{HOST}\n")
    assert host.hook("deploy_challenge", HOST, "to-ken_1", "to-ken_1.value").returncode == 0
    done = host.hook("deploy_challenge", *asked)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ERROR: the CA asks for another name than those that are ordered, or gives no token")


def test_what_is_served_cannot_be_overwritten_by_a_token_that_is_a_path(host, tmp_path):
    """dehydrated writes the token under the name that the CA has given it, and only then asks the hook."""
    issued = host.issue()
    host.deploy()
    served = host.live / f"{HOST}.ecdsa.pem"
    write = f"printf token.thumbprint >{host.tokens}/../live/{HOST}.ecdsa.pem"
    for folder in (tmp_path, *tmp_path.parents[:3], host.live, host.tokens):
        folder.chmod(0o755)
    for path in (host.live, served):
        os.chown(path, SERVICE, SERVICE)
    done = subprocess.run(["sh", "-c", write], user=SERVICE, check=False, capture_output=True, text=True)
    assert "Permission denied" in done.stderr
    assert served.read_bytes() == issued


def test_files_of_earlier_releases_are_closed_to_their_owner_at_night(host):
    host.issue()
    host.deploy()
    served = host.live / f"{HOST}.ecdsa.pem"
    served.chmod(0o640)
    assert host.renew().returncode == 0
    assert served.stat().st_mode & 0o777 == 0o440
    assert host.asked() == []


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


def test_a_renewal_keeps_the_key_unless_it_has_failed(host):
    seen = host.root / "seen"
    tell = f'case $* in *--cron*) echo "$STS_NEW_KEY" >>{seen}; exit 1;; esac'
    host.issue(start=NOW - 70 * DAY, end=NOW + 20 * DAY)
    host.deploy()
    host.renew(dehydrated=tell)
    host.renew(dehydrated=tell)
    host.renew(hosts=NAMES[:1], dehydrated=tell)
    assert seen.read_text().split() == ["no", "yes", "yes"]


@pytest.mark.parametrize("new_key", ["yes", "no"])
def test_a_long_name_keeps_its_key_at_a_renewal(host, new_key, monkeypatch):
    monkeypatch.setenv("STS_NEW_KEY", new_key)
    key, _unused = pem_pair(LONG, "p256")
    (host.folder(LONG) / "privkey.pem").write_bytes(key)
    assert host.hook("generate_csr", LONG, host.folder(LONG)).stdout.startswith("-----BEGIN CERTIFICATE REQUEST")
    assert (host.folder(LONG) / "next-key.pem").exists() == (new_key == "yes")


def test_a_ca_that_comes_back_takes_the_rest_of_the_orders(host, service):
    process = service(hosts=NAMES[:3], dehydrated=f'case $* in *{NAMES[1]}) echo "{GONE}"; exit 1;; esac')
    wait_for(lambda: host.status().state == WAITING)
    assert host.ordered() == NAMES[:2]
    assert (host.status().until > time.time() + 600, host.status().pending) == (True, {})
    assert (host.store / "failure").read_text() == f"{GONE}\n"
    host.prepare(NAMES[:3], "exit 0")
    ask(host.root)
    process.communicate(timeout=30)
    assert (process.returncode, set(host.ordered())) == (0, set(NAMES[:3]))
    assert not (host.store / "failure").exists()


def test_a_refused_nonce_is_asked_again(host):
    host.renew(dehydrated=f'[ "$(wc -l <{host.calls})" -ge 4 ] || {{ {BAD_NONCE}; }}')
    assert host.asked() == ["--register --accept-terms"] * 4 + [f"--cron --force --domain {HOST}"]
    assert host.renew(dehydrated=BAD_NONCE).returncode == 1
    assert len(host.asked()) == 10


def test_a_nonce_that_is_refused_costs_no_certificate_of_those_the_ca_gives(host):
    host.renew(dehydrated=f'[ "$(wc -l <{host.calls})" -ge 4 ] || case $* in *--cron*) {BAD_NONCE};; esac')
    outcomes = [line.split()[4] for line in (host.store / "ledger").read_text().splitlines()]
    assert outcomes == ["sent", "badNonce", "sent", "badNonce", "sent", "issued"]


def test_what_was_issued_counts_and_is_not_ordered_again_though_nginx_has_it_not(host):
    host.issue()
    links = "".join(f"ln -sf {part}-1.pem {host.folder()}/{part}.pem;" for part in ("privkey", "cert", "fullchain"))
    for part in ("privkey", "cert", "fullchain"):
        (host.folder() / f"{part}.pem").unlink()
    issuing = f"case $* in *--cron*) {links} echo ERROR; exit 1;; esac"
    assert host.renew(dehydrated=issuing).returncode == 1
    assert (host.store / "ledger").read_text().split()[-2] == "issued"
    assert host.renew().returncode == 0
    assert (host.ordered(), len(list(host.live.iterdir()))) == ([], 2)


@pytest.mark.parametrize("written", ["token.thumbprint", "9" * 30, "-1", "\n", "0x7fffffff"])
def test_what_is_no_date_makes_a_name_due(host, written):
    host.issue()
    host.deploy()
    (host.folder() / "renew-at").write_text(written)
    assert host.renew().returncode == 0
    assert f"--cron --force --domain {HOST}" in host.asked()


def test_what_a_ca_says_does_nothing_to_the_terminal_of_a_reader(host):
    hostile = r"printf '\033[2J\r\302\233x\ttab\177\nerror \303\251\n'; exit 1"
    done = host.renew(dehydrated=f"case $* in *--cron*) {hostile};; esac")
    said = "?[2J?x\ttab?\nerror \u00e9\n"
    assert done.stderr == said
    assert (host.folder() / "failure").read_text("utf-8") == said


FAIR = ["mta-sts.soon.example", "mta-sts.later.example", "mta-sts.new.example"]


def fail(host, name, ago):
    (host.folder(name) / "failure").write_text("ERROR: as every night\n")
    os.utime(host.folder(name) / "failure", (time.time() - ago,) * 2)


def test_the_name_that_ends_first_comes_first_and_those_that_fail_come_last(host):
    soon, later, new = FAIR
    host.issue(soon, start=NOW - 85 * DAY, end=NOW + 5 * DAY)
    host.issue(later, start=NOW - 70 * DAY, end=NOW + 20 * DAY)
    for name in (soon, later):
        host.deploy(name)
    broken = ["mta-sts.a-year.example", "mta-sts.b-week.example", "mta-sts.c-today.example"]
    for name, days in zip(broken, (365, 7, 0.5)):
        fail(host, name, days * DAY)
    host.renew(
        hosts=[*reversed(broken), new, later, soon], dehydrated='case $* in *today*) echo "ERROR"; exit 1;; esac'
    )
    names = [call.rsplit(" ", 1)[1] for call in host.asked()[1:]]
    assert names == [soon, later, new, *broken]


def test_names_that_fail_night_after_night_take_no_more_than_their_share(host):
    host.more = {"patience": 2}
    silent = [f"mta-sts.silent{at}.example" for at in range(5)]
    for at, name in enumerate(silent):
        fail(host, name, (10 - at) * DAY)
    slow = 'case $* in *silent*) sleep 1; echo "ERROR: the name server is silent"; exit 1;; esac'
    first = host.renew(hosts=[*silent, HOST], dehydrated=slow)
    names = [call.rsplit(" ", 1)[1] for call in host.asked()[1:]]
    assert names[0] == HOST
    assert silent[: len(names) - 1] == names[1:]
    assert len(names) < 5
    assert f"{silent[4]} is left to the next run: names that fail have taken" in first.stderr
    assert first.returncode == 1
    host.renew(hosts=[*silent, HOST], dehydrated=slow)
    assert host.asked()[1].endswith(silent[len(names) - 1]) or host.asked()[2].endswith(silent[len(names) - 1])


def test_a_name_that_fails_is_tried_once_a_night(host):
    done = host.renew(dehydrated='case $* in *--cron*) echo "ERROR"; exit 1;; esac')
    assert (done.returncode, len(host.asked())) == (1, 2)


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
    (host.tokens / "lost+found").mkdir()
    others = host.tokens / "of-another-dehydrated"
    others.touch()
    if os.geteuid() == 0:
        os.chown(others, SERVICE, -1)
    else:
        others.unlink()
    host.renew()
    assert sorted(path.name for path in host.folder().glob("*-[0-9]*")) == [
        "cert-1.pem",
        "fullchain-1.pem",
        "privkey-1.pem",
    ]
    assert not (host.tokens / "token").exists()
    assert (host.tokens / "lost+found").exists()
    assert others.exists() == (os.geteuid() == 0)


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def service(host):
    """Start the service so that it ends with the test."""
    running = []

    def start(*arguments, **more):
        running.append(host.start(*arguments, **more))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


REFUSAL = """case $* in *--cron*limited*)
[ -e {seen} ] || {{ : >{seen}; printf 'HTTP/2 429 \r\nretry-after: 2\r\n\r\n'
echo '{{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "{detail}"}}'; exit 1; }};; esac"""
LIMITED = "mta-sts.limited.example"


def test_what_the_ca_does_not_take_at_once_is_ordered_when_it_does(host, service):
    host.more = {"limits": {"orders_per_account": "2 per 4s"}}
    began = time.monotonic()
    output, _unused = service(hosts=NAMES).communicate(timeout=30)
    assert host.ordered() == NAMES
    assert time.monotonic() - began > 3
    assert "2 certificates are pending; the next order is sent at 20" in output


def test_no_names_second_certificate_passes_for_its_first(host, service):
    host.more = {"limits": {"orders_per_account": "1 per 1s"}, "key_types": ["p256", "rsa2048"]}
    (host.config / "rsa2048.conf").write_text("".join(f"export {key}={host.settings[key]}\n" for key in host.settings))
    service(hosts=NAMES[:2])
    wait_for(lambda: len(host.ordered()) > 2)
    assert set(host.ordered()[:2]) == set(NAMES[:2])


@pytest.mark.parametrize(
    ("detail", "before"),
    [
        ("too many new orders (300) from this account", [LIMITED]),
        ("too many certificates (5) already issued for this exact set of identifiers", [LIMITED, NAMES[0]]),
    ],
    ids=["account", "name"],
)
def test_the_door_that_a_ca_closes_is_left_alone_until_it_opens(host, service, detail, before):
    host.issue(LIMITED, start=NOW - 85 * DAY, end=NOW + 5 * DAY)
    host.deploy(LIMITED)
    said = REFUSAL.format(seen=host.root / "seen", detail=detail)
    began = time.monotonic()
    process = service(hosts=[*NAMES[:1], LIMITED], dehydrated=said)
    wait_for(lambda: host.status().state == WAITING)
    assert host.ordered() == before
    assert set(host.status().pending) == {LIMITED, NAMES[0]}.difference(before[1:])
    process.communicate(timeout=30)
    assert time.monotonic() - began > 2
    assert sorted(host.ordered()) == sorted([LIMITED, LIMITED, NAMES[0]])
    assert process.returncode == 0
    assert not (host.folder(LIMITED) / "failure").exists()


def test_an_account_that_cannot_be_made_yet_is_waited_for(host, service):
    said = REFUSAL.format(seen=host.root / "seen", detail="too many registrations").replace(
        "--cron*limited*", "--register*"
    )
    assert "429" in service(dehydrated=said).communicate(timeout=30)[0]
    assert [line.split()[0] for line in host.asked()] == ["--register", "--register", "--cron"]


def test_a_restart_remembers_what_was_ordered_and_what_the_ca_has_said(host, service):
    host.more = {"limits": {"orders_per_account": "1 per 1h"}}
    process = service(hosts=NAMES[:2])
    wait_for(lambda: host.status().state == WAITING)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0
    process = service(hosts=NAMES[:2])
    wait_for(lambda: host.status().state == WAITING and host.status().until > time.time() + 3000)
    assert host.ordered() == []


def test_every_order_is_in_the_book_before_it_is_sent(host):
    book = host.store / "ledger"
    host.renew(dehydrated=f"case $* in *--cron*) cat {book} >{host.root}/seen; exit 1;; esac")
    assert (host.root / "seen").read_text().split()[1:] == [HOST, "p256", "new", "sent"]
    assert [line.split()[4] for line in book.read_text().splitlines()] == ["sent", "failed"]


def test_a_service_that_waits_hears_of_new_names_and_of_being_asked(host, service):
    host.more = {"limits": {"orders_per_account": "2 per 1h"}}
    broken = 'case $* in *--cron*a.example*) echo "ERROR"; exit 1;; esac'
    service(hosts=NAMES[:3], dehydrated=broken)
    wait_for(lambda: host.status().state == WAITING)
    assert set(host.status().pending) == {NAMES[2]}
    (host.config / "domains.txt").write_text("".join(f"{name}\n" for name in NAMES))
    wait_for(lambda: NAMES[3] in host.status().pending)
    token = ask(host.root)
    wait_for(lambda: host.status().has_seen(token))
    assert host.ordered() == NAMES[:2]


def test_a_service_whose_settings_change_begins_anew_by_them(host, service):
    host.more = {"limits": {"orders_per_account": "1 per 1h"}}
    process = service(hosts=NAMES[:2])
    wait_for(lambda: host.status().state == WAITING)
    host.more = {"limits": {"orders_per_account": 0}}
    (host.config / "renew.json").write_text(json.dumps(host.described()))
    process.communicate(timeout=30)
    assert (process.returncode, NAMES[1] in host.ordered()) == (0, True)


def test_systemd_hears_that_all_is_ordered_that_could_be(host, service):
    host.more = {"limits": {"orders_per_account": "1 per 1h"}}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(host.root / "notify"))
        manager.settimeout(30)
        service(hosts=NAMES[:2], NOTIFY_SOCKET=str(host.root / "notify"))
        said = manager.recv(1000).decode()
    assert said.startswith("READY=1\nSTATUS=1 certificate is pending; the next order is sent at ")
    assert host.ordered() == NAMES[:1]


def test_two_at_a_time_do_not_order(host, service):
    host.more = {"limits": {"orders_per_account": "1 per 1h"}}
    service(hosts=NAMES[:2])
    wait_for(lambda: host.status().state == WAITING)
    second = subprocess.run(
        [host.config / "renew"], env=host.environment(), capture_output=True, text=True, check=False, timeout=30
    )
    assert (second.returncode, host.ordered()) == (1, NAMES[:1])
    assert "systemctl restart mta-sts-certificate" in second.stderr


def test_the_library_has_what_the_program_imports_and_nothing_else(host):
    host.prepare([HOST], "exit 0")
    program = (
        f"import sys; sys.path.insert(0, {str(host.config / 'lib')!r}); sys.dont_write_bytecode = True\n"
        "import mta_sts._io.certificates.renewal.service\n"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('mta_sts') and getattr(m, '__file__', '')])"
    )
    done = subprocess.run(["/usr/bin/python3", "-I", "-c", program], capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == sorted(str(host.config / "lib/mta_sts" / part) for part in LIBRARY)


def test_a_name_that_is_listed_while_the_last_order_goes_out_is_ordered_too(host):
    add = f"grep -q {NAMES[1]} {host.config}/domains.txt || echo {NAMES[1]} >>{host.config}/domains.txt"
    assert host.renew(hosts=NAMES[:1], dehydrated=f"case $* in *--cron*) {add};; esac").returncode == 0
    assert NAMES[1] in host.ordered()


def test_what_the_ca_wants_replaced_is_replaced_in_the_same_run(host):
    host.issue()
    host.deploy()
    serial = parse_certificate((host.folder() / "cert.pem").read_bytes()).serial
    (host.store / "renewal-info.json").write_text(
        json.dumps({serial: {"renew_at": NOW - DAY, "ask_at": NOW + DAY * 9}})
    )
    assert host.renew().returncode == 0
    assert host.ordered() == [HOST]


def test_a_name_that_is_listed_while_the_ca_is_asked_about_renewal_is_ordered_too(host):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            with (host.config / "domains.txt").open("a") as names:
                names.write(f"{NAMES[1]}\n")
            self.send_error(503)

        def log_message(self, *_unused):
            """Keep quiet."""

    host.issue(authority=b"of the CA")
    host.deploy()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host.more = {"ca": f"http://127.0.0.1:{server.server_port}/dir"}
        assert host.renew().returncode == 0
        server.shutdown()
    assert host.ordered() == [NAMES[1]]
