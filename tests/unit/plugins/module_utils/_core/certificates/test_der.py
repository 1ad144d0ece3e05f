# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the public key of a certificate is found, however lengths are written, and where there is none."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.der import public_key_info

SEQUENCE, INTEGER, VERSION = 0x30, 0x02, 0xA0


def element(tag, content=b"", size=0):
    """Return an element in DER; with a size, its length in so many bytes."""
    if not size and len(content) > 127:
        size = 1 if len(content) < 256 else 2
    length = bytes([0x80 + size]) + len(content).to_bytes(size, "big") if size else bytes([len(content)])
    return bytes([tag]) + length + content


KEY = element(SEQUENCE, b"the key")
BEFORE = [element(INTEGER, b"\x01"), *[element(SEQUENCE, b"x" * size) for size in (11, 127, 128, 300)]]


def certificate(key=KEY, before=BEFORE, version=True, tag=SEQUENCE, outer_tag=SEQUENCE, size=0):
    """Return what is built like a certificate, and ends with the key."""
    head = [element(VERSION, element(INTEGER, b"\x02"))] if version else []
    return element(outer_tag, element(tag, b"".join([*head, *before, key]), size), size)


@pytest.mark.parametrize("version", [True, False])
@pytest.mark.parametrize("size", [0, 2, 3, 4])
def test_the_key_is_found_with_and_without_a_version_and_however_lengths_are_written(version, size):
    assert public_key_info(certificate(version=version, size=size)) == KEY


@pytest.mark.parametrize("key", [element(SEQUENCE, b"x" * 127), element(SEQUENCE, b"x" * 128), element(SEQUENCE)])
def test_the_key_is_found_whatever_its_length(key):
    assert public_key_info(certificate(key)) == key
    assert public_key_info(certificate(key + element(SEQUENCE, b"extensions"))) == key


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        certificate(tag=INTEGER),
        certificate(outer_tag=INTEGER),
        certificate(before=BEFORE[1:]),
        certificate(element(INTEGER, b"\x01")),
        certificate(size=5),
        certificate(b"\x30\x80" + b"x" * 200),  # without a length, which BER has and DER has not
        certificate(b"\x30\x08the key"),
    ],
    ids=[
        "nothing", "no length", "no sequence inside", "no sequence", "an element too few", "a key that is no sequence",
        "a length of five bytes", "no definite length", "a key that is cut",
    ],
)  # fmt: skip
def test_what_is_not_built_like_a_certificate_has_no_key(data):
    assert public_key_info(data) is None
