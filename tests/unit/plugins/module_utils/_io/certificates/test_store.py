# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store is read as it lies on the disk, whole or damaged."""

from __future__ import annotations

import ssl

import pytest
from helpers.certificates import END, issue, pem_pair

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import Stored
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates import store as certificate_store
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.store import (
    CertificateStore,
    CryptographyMissing,
    discard,
    parse_certificate,
)

NAME = "mta-sts.example.com"
OTHER = "mta-sts.example.org"


@pytest.fixture
def store(tmp_path):
    return CertificateStore(tmp_path / "certs/ca", tmp_path / "live", ("rsa2048", "p256"))


def issue_both(store, name=NAME):
    for key_type in store.key_types:
        issue(store.root, store.live_root, name, key_type)


def test_an_empty_host_has_nothing(store):
    assert store.read(NAME) == {"rsa2048": Stored(), "p256": Stored()}
    assert store.certified() == set()
    assert store.everything_of([NAME]) == []
    assert store.general_failure() == ""


def test_a_certificate_is_read(store):
    issue_both(store)
    found = store.read(NAME)
    for key_type in store.key_types:
        certificate = found[key_type].certificate
        assert (certificate.not_before, certificate.not_after) == (0, END)
        assert (certificate.names, certificate.key_type, certificate.issuer) == ((NAME,), key_type, "CN=Test CA")
        assert len(certificate.fingerprint) == 64
        assert found[key_type].served
    assert store.certified() == {NAME}


def test_the_real_key_type_is_read_not_the_folders_name(store):
    issue(store.root, store.live_root, NAME, "p384")
    (store.root / "p384").rename(store.root / "p256")
    assert store.read(NAME)["p256"].certificate.key_type == "p384"


def test_half_a_certificate_is_none(store):
    issue_both(store)
    (store.root / "p256" / NAME / "fullchain.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB")
    assert store.read(NAME)["p256"].certificate is None


@pytest.mark.parametrize(
    ("known", "unknown"),
    [("2a8648ce3d030107", "2a8648ce3d030177"), ("a003020102", "a003020107")],
    ids=["curve", "version"],
)
def test_a_certificate_that_nobody_can_use_is_none(known, unknown):
    der = ssl.PEM_cert_to_DER_cert(pem_pair(NAME, "p256")[1].decode())
    assert bytes.fromhex(known) in der
    strange = der.replace(bytes.fromhex(known), bytes.fromhex(unknown))
    assert parse_certificate(ssl.DER_cert_to_PEM_cert(strange).encode()) is None


@pytest.mark.parametrize("content", [b"", b"another key and certificate"])
def test_what_nginx_finds_must_be_what_was_issued(store, content):
    issue_both(store)
    (store.live_root / f"{NAME}.ecdsa.pem").write_bytes(content)
    assert not store.read(NAME)["p256"].served
    assert store.read(NAME)["rsa2048"].served


def test_a_family_nobody_wants_must_be_a_link_lest_an_old_certificate_is_served(tmp_path):
    store = CertificateStore(tmp_path / "certs/ca", tmp_path / "live", ("p256",))
    for key_type in ("rsa2048", "p256"):
        issue(store.root, store.live_root, NAME, key_type)
    assert not store.read(NAME)["p256"].served
    old = store.live_root / f"{NAME}.rsa.pem"
    old.unlink()
    old.symlink_to(f"{NAME}.ecdsa.pem")
    assert store.read(NAME)["p256"].served


def test_failures_are_read(store):
    issue_both(store)
    (store.root / "p256" / NAME / "failure").write_text("ERROR: no\n")
    (store.root / "failure").write_text("ERROR: nobody home\n")
    assert store.read(NAME)["p256"].failure == "ERROR: no\n"
    assert store.read(NAME)["rsa2048"].failure == ""
    assert store.general_failure() == "ERROR: nobody home\n"


def test_a_forgotten_certificate_is_due(store):
    issue_both(store)
    seen = store.read(NAME)["p256"]
    store.forget(NAME, "p256", seen)
    store.forget(NAME, "p256", seen)
    assert not (store.root / "p256" / NAME / "renew-at").exists()
    assert (store.root / "rsa2048" / NAME / "renew-at").exists()


def test_a_certificate_that_has_come_since_is_not_forgotten(store):
    issue_both(store)
    seen = store.read(NAME)["p256"]
    issue(store.root, store.live_root, NAME, "p256")
    store.forget(NAME, "p256", seen)
    assert (store.root / "p256" / NAME / "renew-at").exists()


def test_there_is_room_on_this_disk_before_the_folder_is_made_too(store):
    assert not store.is_full()
    assert not CertificateStore(store.root / "not/yet", store.live_root, ("p256",)).is_full()


def test_everything_of_a_name_goes_whichever_ca_it_came_from(store, tmp_path):
    issue_both(store)
    issue_both(store, OTHER)
    issue(tmp_path / "certs/former-ca", store.live_root, NAME, "p384")
    found = store.everything_of([NAME])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        f"certs/ca/p256/{NAME}",
        f"certs/ca/rsa2048/{NAME}",
        f"certs/former-ca/p384/{NAME}",
        f"live/{NAME}.ecdsa.pem",
        f"live/{NAME}.rsa.pem",
    ]
    discard(found)
    assert store.everything_of([NAME]) == []
    assert store.read(OTHER)["p256"].served


def test_a_link_planted_in_the_store_is_not_followed(store, tmp_path):
    (tmp_path / f"victim/p256/{NAME}").mkdir(parents=True)
    store.root.mkdir(parents=True)
    (tmp_path / "certs/planted").symlink_to(tmp_path / "victim")
    assert store.everything_of([NAME]) == []


def test_without_the_library_only_a_certificate_is_trouble(store, monkeypatch):
    monkeypatch.setattr(certificate_store, "MISSING", "ImportError: cryptography")
    assert store.read(NAME)["p256"] == Stored()
    issue_both(store)
    with pytest.raises(CryptographyMissing, match="ImportError: cryptography"):
        store.read(NAME)
