# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates that somebody else puts on the host, read as nginx's workers will."""

from __future__ import annotations

import os
import pwd
import shutil
import struct
import tempfile
from pathlib import Path

import pytest
from helpers.certificates import pem_pair

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates import external
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.external import UnknownUser, readable

HOST = "mta-sts.a.test"
PATTERN = "{host}/fullchain.pem", "{domain}.key"
WORKER = "nobody"


@pytest.fixture
def live():
    """A folder that anybody may enter, unlike pytest's own; with a certificate and its key."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    key, certificate = pem_pair(HOST, "p256")
    (folder / HOST).mkdir()
    (folder / HOST / "fullchain.pem").write_bytes(certificate)
    (folder / "a.test.key").write_bytes(key)
    yield folder
    shutil.rmtree(folder)


def set_acl(path, user, rights, others):
    """Do what setfacl would, with the numbers of acl(5): owner, user, group, mask, others."""
    nobody = 0xFFFFFFFF
    entries = [(1, 6, nobody), (2, rights, pwd.getpwnam(user).pw_uid), (4, 0, nobody), (16, 4, nobody)]
    packed = [struct.pack("<HHI", *entry) for entry in [*entries, (32, others, nobody)]]
    os.setxattr(path, "system.posix_acl_access", struct.pack("<I", 2) + b"".join(packed))


def read(live, *patterns, user=WORKER):
    """Read what patterns below the folder lead to for a.test."""
    pairs = [
        dict(zip(("certificate", "key"), (f"{live}/{path}" for path in pattern))) for pattern in patterns or (PATTERN,)
    ]
    return external.read_pairs(pairs, "a.test", HOST, user)


def test_a_pair_that_will_do_has_its_certificate_and_no_trouble(live):
    (pair,) = read(live)
    assert (pair.path, pair.trouble) == (f"{live}/{HOST}/fullchain.pem", "")
    assert (pair.certificate.names, pair.certificate.key_type) == ((HOST,), "p256")


def test_every_pattern_gives_a_pair_in_order(live):
    one, other = read(live, ("nothing.pem", "{domain}.key"), PATTERN)
    assert one.trouble == "no such file or directory"
    assert other.trouble == ""


@pytest.mark.parametrize("missing", [f"{HOST}/fullchain.pem", "a.test.key"])
def test_the_file_that_is_missing_is_named(live, missing):
    (live / missing).unlink()
    (pair,) = read(live)
    assert (pair.path, pair.trouble) == (f"{live}/{missing}", "no such file or directory")
    assert pair.remedy == "Obtain key and certificate, or correct the pattern"
    assert pair.certificate is None


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nMIIB"])
def test_a_file_without_a_certificate_is_named(live, content):
    (live / HOST / "fullchain.pem").write_bytes(content)
    (pair,) = read(live)
    assert (pair.path, pair.trouble) == (f"{live}/{HOST}/fullchain.pem", "it holds no certificate")


@pytest.mark.parametrize("key", [pem_pair("other.test", "p384")[0], b"", b"no key"], ids=["another", "empty", "none"])
def test_the_key_of_another_certificate_is_named(live, key):
    (live / "a.test.key").write_bytes(key)
    (pair,) = read(live)
    assert (pair.path, pair.trouble) == (f"{live}/a.test.key", f"it is not the key of {live}/{HOST}/fullchain.pem")
    assert pair.certificate is not None


@pytest.mark.parametrize(
    ("path", "mode", "closed"),
    [
        ("a.test.key", 0o600, "a.test.key"),
        (f"{HOST}/fullchain.pem", 0o640, f"{HOST}/fullchain.pem"),
        (HOST, 0o700, f"{HOST}/fullchain.pem"),
        (HOST, 0o744, f"{HOST}/fullchain.pem"),
        ("a.test.key", 0o604, None),
        (HOST, 0o711, None),
    ],
)
def test_what_the_workers_may_not_read_is_named_with_its_remedy(live, path, mode, closed):
    (live / path).chmod(mode)
    (pair,) = read(live)
    if closed is None:
        assert pair.trouble == ""
    else:
        assert (pair.path, pair.trouble) == (f"{live}/{closed}", "nobody, whom nginx runs as, may not read it")
        remedy = f"Let nobody read it and enter the folders above it at any time (namei -l {live}/{closed})"
        assert pair.remedy == remedy


def test_an_owner_reads_by_the_rights_of_an_owner_even_where_others_have_more(live):
    key = live / "a.test.key"
    shutil.chown(key, WORKER)
    key.chmod(0o044)
    assert not readable(str(key), WORKER)
    assert readable(str(key), "www-data")


def test_an_access_control_list_counts(live):
    key = live / "a.test.key"
    key.chmod(0o600)
    set_acl(key, WORKER, 4, others=0)
    assert readable(str(key), WORKER)
    assert not readable(str(key), "www-data")
    set_acl(key, WORKER, 0, others=4)
    assert not readable(str(key), WORKER)
    assert readable(str(key), "www-data")


def test_groups_of_a_user_count_and_ours_do_not(live):
    key = live / "a.test.key"
    shutil.chown(key, group="www-data")
    key.chmod(0o640)
    assert readable(str(key), "www-data")
    assert not readable(str(key), WORKER)


def test_asking_as_somebody_leaves_us_who_we_are(live):
    before = os.geteuid(), os.getegid(), os.getgroups()
    readable(str(live / "a.test.key"), WORKER)
    readable(str(live / "missing"), WORKER)
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before


def test_who_is_not_root_cannot_ask_and_holds_nothing_against_a_file(live):
    (live / "a.test.key").chmod(0o600)
    os.seteuid(1)
    try:
        assert readable(str(live / "a.test.key"), WORKER)
    finally:
        os.seteuid(0)


def test_what_nginx_reads_when_it_starts_it_reads_as_root(live):
    """A wildcard certificate with a key that is root's alone, beside a pair that is read at each handshake."""
    (live / "a.test.key").rename(live / "all.key")
    (live / "all.key").chmod(0o600)
    fixed = (f"{HOST}/fullchain.pem", "all.key")
    assert read(live, fixed)[0].trouble == ""
    (live / HOST).chmod(0o700)
    assert [pair.trouble for pair in read(live, fixed, ("{host}/fullchain.pem", "all.key"))] == [
        "",
        "nobody, whom nginx runs as, may not read it",
    ]


def test_root_reads_everything(live):
    (live / "a.test.key").chmod(0)
    assert readable(str(live / "a.test.key"), "root")


def test_what_a_link_leads_to_is_what_counts(live):
    closed = live / "closed"
    closed.mkdir(mode=0o700)
    (live / "a.test.key").rename(closed / "key")
    (closed / "key").chmod(0o644)
    (live / "a.test.key").symlink_to(closed / "key")
    assert not readable(str(live / "a.test.key"), WORKER)
    closed.chmod(0o755)
    assert readable(str(live / "a.test.key"), WORKER)


def test_a_user_that_does_not_exist_is_no_reader(live):
    with pytest.raises(UnknownUser, match="there is no user nobody-of-that-name on this host"):
        read(live, user="nobody-of-that-name")
