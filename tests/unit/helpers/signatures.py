# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real DKIM signatures, and the records of their keys."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

import dkim
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SELECTOR = "s1"
FIELDS = [b"from", b"to", b"subject", b"tls-report-domain", b"tls-report-submitter"]


@cache
def key():
    return rsa.generate_private_key(65537, 2048)


def key_record():
    """Return the TXT record of the key, in strings of 255 characters at most."""
    encoding = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    public = base64.b64encode(key().public_key().public_bytes(*encoding)).decode()
    text = f"v=DKIM1; k=rsa; s=tlsrpt; p={public}"
    return " ".join(f'"{text[place : place + 255]}"' for place in range(0, len(text), 255))


def signed(mail, domain="google.com", more=b""):
    """Return the mail with a signature above it; ``more`` are tags of its own, of a signature that is then invalid."""
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    private = key().private_bytes(*encoding, serialization.NoEncryption())
    signature = dkim.sign(mail, SELECTOR.encode(), domain.encode(), private, include_headers=FIELDS, tlsrpt=True)
    return signature.replace(b"v=1;", b"v=1;" + more, 1) + mail


def signed_without_author(mail, domain="google.com"):
    """Return the mail with a signature that is good and covers only the recipient, as dkimpy refuses to make one."""
    head, body = mail.replace(b"\n", b"\r\n").split(b"\r\n\r\n", 1)
    recipient = next(line for line in head.split(b"\r\n") if line.startswith(b"To:"))
    digest = base64.b64encode(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()).decode()
    field = f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s={SELECTOR}; h=to; bh={digest}; b=".encode()
    signature = key().sign(recipient + b"\r\n" + field, padding.PKCS1v15(), hashes.SHA256())
    return field + base64.b64encode(signature) + b"\r\n" + head + b"\r\n\r\n" + body


def key_name(domain="google.com"):
    return f"{SELECTOR}._domainkey.{domain}"
