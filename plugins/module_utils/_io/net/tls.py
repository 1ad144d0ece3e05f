# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shake hands as a sender does, and say what is wrong with a server's TLS (RFC 8461, sections 3.3, 4.2, 7.1 and 7.2).

Private to this collection.
"""

from __future__ import annotations

import functools
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..._core.audit.evidence import Shown
from ..._core.bounds import CERTIFICATES_PER_CHAIN
from ..._core.proof import Fault
from ..._core.timestamps import iso_time
from .connection import Deadline, Failed, quote, too_slow

TLS_VERSIONS = "RFC 8461, section 7.2"
NAMES_SHOWN = 3

# Cipher suites whose server proves itself with a certificate of that type; they exist in TLS 1.2 and older only.
FAMILIES = {"rsa": "aRSA:!PSK:!SRP", "ecdsa": "aECDSA"}

# X509_V_ERR_* numbers of OpenSSL, as found in ssl.SSLCertVerificationError.verify_code.
_BAD_SIGNATURE = 7
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_UNKNOWN_ISSUER = (2, 19, 20, 21)
_NAME_MISMATCH = (62, 64)

# How OpenSSL begins the names of alerts that came from the other side.
_ALERTS = ("SSLV3_ALERT", "TLSV1")
_NO_VERSION = {"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"}
_NO_CIPHER = {"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_INSUFFICIENT_SECURITY"}
_PLAIN_TEXT = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE"}
_CLIENT_CERTIFICATE = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_NO_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
}  # fmt: skip

# What is wrong and what to do, by the reason OpenSSL gives: what it finds itself, and alerts of the other side.
_REASONS = {
    "DH_KEY_TOO_SMALL": (
        "its Diffie-Hellman parameters are too short",
        "Offer ECDHE alone, or ffdhe2048 and longer (Postfix: smtpd_tls_dh1024_param_file; nginx: ssl_dhparam)",
    ),
    "MODULUS_TOO_SMALL": (
        "its Diffie-Hellman parameters are too short",
        "Offer ECDHE alone, or ffdhe2048 and longer (Postfix: smtpd_tls_dh1024_param_file; nginx: ssl_dhparam)",
    ),
    "WRONG_CURVE": ("it uses a curve that was not offered", "Allow the curves X25519 and P-256"),
    "WRONG_SIGNATURE_TYPE": (
        "it signs with an algorithm that is out of use, such as SHA-1",
        "Update the server's TLS library, and allow signatures with SHA-256",
    ),
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED": (
        "it signs with an algorithm that is out of use, such as SHA-1",
        "Update the server's TLS library, and allow signatures with SHA-256",
    ),
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": (
        "it knows no secure renegotiation (RFC 5746)",
        "Update the server's TLS library, or whatever device ends TLS in front of it",
    ),
    "CIPHER_OPERATION_FAILED": ("it uses a cipher suite that cannot be used here", "Allow ECDHE with AES-GCM"),
    "WRONG_CIPHER_RETURNED": ("it chose a cipher suite that was not offered", "Update the server's TLS library"),
    "UNKNOWN_CIPHER_RETURNED": ("it chose a cipher suite that was not offered", "Update the server's TLS library"),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        "it has no cipher suite, curve or certificate in common with senders",
        "Allow ECDHE with AES-GCM, and see that the server has a certificate for {name}; look into its error log",
    ),
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": (
        "it demands cipher suites that senders do not offer", "Allow ECDHE with AES-GCM"
    ),
    "TLSV1_ALERT_INTERNAL_ERROR": (
        "it has an error of its own",
        "See whether the server can read its key and certificate for {name}; look into its error log",
    ),
    "TLSV1_ALERT_ACCESS_DENIED": ("it lets not everybody in", "Let senders in from all addresses"),
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": ("it demands a protocol (ALPN)", "Allow clients that name no protocol"),
    "TLSV1_ALERT_NO_RENEGOTIATION": ("it demands a renegotiation", "Ask clients for no certificate"),
    "TLSV1_ALERT_DECODE_ERROR": ("it cannot read the greeting of TLS", "Update the server's TLS library"),
    "SSLV3_ALERT_ILLEGAL_PARAMETER": ("it cannot read the greeting of TLS", "Update the server's TLS library"),
    "SSLV3_ALERT_UNEXPECTED_MESSAGE": ("it cannot follow the handshake", "Update the server's TLS library"),
    "TLSV13_ALERT_MISSING_EXTENSION": ("it cannot read the greeting of TLS", "Update the server's TLS library"),
    "TLSV1_ALERT_UNKNOWN_CA": ("it trusts no certificate that it was shown", "Ask clients for no certificate"),
}  # fmt: skip

# What is wrong with a certificate and what to do, by OpenSSL's number
_NOT_A_SERVERS = "Obtain a certificate for servers (extended key usage serverAuth)"
_BROKEN_CHAIN = "Serve the chain that came with the certificate, from a CA that senders trust"
_STRONGER = "Obtain one with RSA of 2048 bits or more, or P-256, signed with SHA-256"
_CERTIFICATES = {
    _BAD_SIGNATURE: ("has a signature that does not fit its issuer's key, or is too weak", _BROKEN_CHAIN),
    22: ("comes with a chain that is too long", _BROKEN_CHAIN),
    23: ("has been revoked", "Obtain another one, with a new key"),
    24: ("was issued by something that is no CA", _BROKEN_CHAIN),
    25: ("was issued by a CA that may not have CAs below it", _BROKEN_CHAIN),
    26: ("is not meant for servers", _NOT_A_SERVERS),
    27: ("is not trusted for servers", _NOT_A_SERVERS),
    28: ("is rejected for servers", _NOT_A_SERVERS),
    32: ("was issued by a CA that may not sign certificates", _BROKEN_CHAIN),
    34: ("has a critical extension that nobody knows", "Obtain one from a CA that senders trust"),
    47: ("names a host that its CA may not issue for", "Obtain one from a CA that senders trust"),
    48: ("names a host that its CA may not issue for", "Obtain one from a CA that senders trust"),
    66: ("has a key that is too short", _STRONGER),
    67: ("was issued by a CA whose key is too short", _STRONGER),
    68: ("is signed with an algorithm that is too weak, in its chain or itself", _STRONGER),
    79: ("was issued by something that is no CA", _BROKEN_CHAIN),
}

_building = threading.Lock()


@dataclass(frozen=True)
class Server:
    """Whom a handshake is for: the ``name`` it must prove, ``where`` it stands, the ``section`` that demands so."""

    name: str
    where: str
    section: str


def client_context(
    ca_path: str | None,
    *,
    family: str | None = None,
    verify: bool = True,
    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    newest: ssl.TLSVersion | None = None,
) -> ssl.SSLContext:
    """Return a context to be shared: it verifies against ``ca_path`` (the system's trust store when None).

    With a ``family`` (rsa, ecdsa) it accepts certificates of that type only. Raises Failed when the trust file is unfit
    and ValueError or ssl.SSLError when this machine's OpenSSL knows nothing as old as ``newest``.
    """
    with _building:
        return _context(ca_path, family, verify, oldest, newest)


@functools.lru_cache
def _context(
    ca_path: str | None,
    family: str | None,
    verify: bool,
    oldest: ssl.TLSVersion,
    newest: ssl.TLSVersion | None,
) -> ssl.SSLContext:
    context = _verifying(ca_path) if verify else _trusting()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are offered on purpose
        context.minimum_version = oldest
        if newest is not None:
            context.maximum_version = newest
    if oldest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    if family is not None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(FAMILIES[family])
    return context


def _verifying(ca_path: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as problem:
        rule = f"the trust file {ca_path} cannot be used: {problem}"
        raise Failed(Fault("tls", rule, "Name a PEM file with the CA's certificate")) from problem
    context.hostname_checks_common_name = False  # only the DNS-ID counts (RFC 8461, section 3.3)
    # Python 3.13 and newer are stricter than senders are; the verdict must not depend on this machine's Python
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def handshake(
    plain: socket.socket,
    context: ssl.SSLContext,
    server: Server,
    deadline: Deadline,
    *,
    family: str | None = None,
    sni: bool = True,
) -> ssl.SSLSocket:
    """Make a connection a TLS connection; on failure it is closed. Raises Failed.

    Its faults are timeout, tls_version, tls_name, tls_expired, tls_self_signed, tls_chain, tls_untrusted, tls_refused,
    tls_client, tls, and no_family when the server cannot prove itself with the ``family`` that the context insists on.
    """
    try:
        # ssl does the same, and forgets to close the socket when a name cannot be encoded
        name = server.name.encode("idna").decode() if sni else None
        secured = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
    except (OSError, ValueError) as problem:
        plain.close()
        raise _failed(problem, (), server, deadline, family) from problem
    try:
        secured.settimeout(deadline.left())
        secured.do_handshake()
    except OSError as problem:
        sent = _sent(secured)
        secured.close()
        raise _failed(problem, sent, server, deadline, family) from problem
    except BaseException:
        secured.close()
        raise
    return secured


def shown(secured: ssl.SSLSocket, *, chain: bool = False) -> Shown:
    """Return what a verified server showed, with the certificates behind the leaf if the ``chain`` is wanted."""
    try:
        said = secured.getpeercert() or {}
    except (ValueError, ssl.SSLError):  # a name in it is no text, and whoever cares for names has taken it all the same
        said = {}
    return Shown(
        version=secured.version() or "",
        expiry=_moment(said.get("notAfter")),
        certificate=secured.getpeercert(binary_form=True) or b"",
        start=_moment(said.get("notBefore")),
        issuers=_issuers(secured) if chain else None,
    )


def _moment(text: str | None) -> int | None:
    """Return a date of a certificate in epoch seconds; None for one that no calendar has, such as of month 13."""
    try:
        return ssl.cert_time_to_seconds(text) if text else None
    except (ValueError, OverflowError):
        return None


def _issuers(secured: ssl.SSLSocket) -> tuple[bytes, ...] | None:
    """Return the certificates (DER) that were sent behind the leaf; None where Python (before 3.10) does not say.

    None also where they are too many to be compared with anything.
    """
    read = getattr(getattr(secured, "_sslobj", None), "get_unverified_chain", None)
    if read is None:
        return None
    try:
        behind = (read() or ())[1:]
        if len(behind) > CERTIFICATES_PER_CHAIN:
            return None
        return tuple(ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in behind)
    except (AttributeError, TypeError, ValueError, OSError):
        return None


def _sent(secured: ssl.SSLSocket) -> Sequence[dict[str, Any]]:
    """Return the certificates the server sent, also after a handshake that failed.

    Nothing where Python (before 3.10) or OpenSSL (before 3.0) keeps no account of them.
    """
    read = getattr(getattr(secured, "_sslobj", None), "get_unverified_chain", None)
    try:
        return [certificate.get_info() for certificate in (read() if read else None) or ()]
    except (AttributeError, ValueError, OSError):
        return ()


def _failed(
    problem: Exception, sent: Sequence[dict[str, Any]], server: Server, deadline: Deadline, family: str | None
) -> Failed:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return Failed(_certificate_fault(problem, sent, server))
    if isinstance(problem, socket.timeout):
        return Failed(too_slow(server.where, deadline, f"during the TLS handshake for {server.name}"))
    reason = getattr(problem, "reason", None) or ""
    closed = isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError))
    if family and (closed or reason in _NO_CIPHER | _NO_VERSION):
        return Failed(_family_fault(reason, server, family.upper()), refused=True)
    refused = closed or (reason.startswith(_ALERTS) and reason not in _NO_VERSION)
    if reason in _CLIENT_CERTIFICATE or (reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" and sent):
        # once the server has shown its certificate, cipher suites are agreed on: it is ours that it lacks
        return Failed(_client_fault(server), refused)
    words = "the connection was closed" if closed else (reason or str(problem)).replace("_", " ").lower()
    return Failed(_handshake_fault(reason, words, refused, server), refused)


def _family_fault(reason: str, server: Server, family: str) -> Fault:
    if reason in _NO_VERSION:
        rule = f"{server.where} speaks TLS 1.3 only, so it cannot be asked for an {family} certificate"
    else:
        rule = f"{server.where} has no {family} certificate for {server.name}"
    return Fault("no_family", rule, "Nothing to do, if this is meant")


def _handshake_fault(reason: str, words: str, refused: bool, server: Server) -> Fault:
    if reason in _NO_VERSION:
        rule = (
            f"{server.where} speaks neither TLS 1.2 nor TLS 1.3 when asked for {server.name}: {words} ({TLS_VERSIONS})"
        )
        return Fault("tls_version", rule, "Allow TLS 1.2 and 1.3 in the server's configuration")
    if reason in _PLAIN_TEXT:
        rule = f"{server.where} does not answer with TLS when asked for {server.name}, but in plain text: {words}"
        return Fault("tls", rule, "Turn TLS on there, or see what else listens on the port")
    why, remedy = _REASONS.get(
        reason, ("", "See that the server has a certificate for {name}; look into its error log")
    )
    words = f"{why} ({words})" if why else words
    remedy = remedy.format(name=server.name)
    if refused:
        kind = "tls_refused" if reason.startswith(_ALERTS) else "tls"
        return Fault(kind, f"{server.where} ended the TLS handshake for {server.name}: {words}", remedy)
    return Fault("tls", f"the TLS handshake with {server.where} for {server.name} fails: {words}", remedy)


def _client_fault(server: Server) -> Fault:
    rule = f"{server.where} demands a certificate of whoever asks for {server.name}, and senders need not have one"
    return Fault("tls_client", f"{rule} ({server.section})", "Ask clients for no certificate, or let them go without")


def _certificate_fault(problem: ssl.SSLCertVerificationError, sent: Sequence[dict[str, Any]], server: Server) -> Fault:
    code = problem.verify_code
    if code in _NAME_MISMATCH:
        return _name_fault(sent, server)
    if code in (_EXPIRED, _NOT_YET_VALID):
        return _period_fault(sent, server)
    if code == _SELF_SIGNED:
        rule = f"the certificate at {server.where} for {server.name} is self-signed ({server.section})"
        return Fault("tls_self_signed", rule, "Obtain one from a CA that senders trust")
    if code in _UNKNOWN_ISSUER:
        return _issuer_fault(sent, server)
    subject = f"the certificate at {server.where} for {server.name}"
    known = _CERTIFICATES.get(code)
    rule = f"{subject} {known[0]}" if known else f"{subject} is refused"
    rule += f": {problem.verify_message} ({server.section})"
    return Fault("tls", rule, known[1] if known else "Obtain another one, from a CA that senders trust")


def _name_fault(sent: Sequence[dict[str, Any]], server: Server) -> Fault:
    named = sent[0].get("subjectAltName", ()) if sent else ()
    others = [value for kind, value in named if kind == "DNS"]
    shown_names = [quote(value) for value in others[:NAMES_SHOWN]]
    instead = f" but {', '.join(shown_names)}" if others else ""
    if len(others) > NAMES_SHOWN:
        instead += f" and {len(others) - NAMES_SHOWN} more"
    if sent and not others:
        instead = _without_dns_name(sent[0], named, server)
    elif any(_misses_by_labels(other, server.name) for other in others):
        instead += "; the asterisk stands for exactly one label"
    rule = f"the certificate at {server.where} does not name {server.name}{instead} ({server.section})"
    return Fault("tls_name", rule, f"Obtain a certificate with {server.name} as subject alternative name")


def _without_dns_name(certificate: dict[str, Any], named: Sequence[tuple[str, str]], server: Server) -> str:
    if any(kind == "IP Address" for kind, _unused in named):
        return " but addresses alone"
    common = {value.lower() for part in certificate.get("subject", ()) for kind, value in part if kind == "commonName"}
    return " but in its subject (CN), which does not count" if server.name.lower() in common else ""


def _misses_by_labels(pattern: str, name: str) -> bool:
    return pattern.startswith("*.") and (name == pattern[2:] or name.endswith(pattern[1:]))


def _period_fault(sent: Sequence[dict[str, Any]], server: Server) -> Fault:
    now = time.time()
    subject, state = (
        f"the certificate at {server.where} for {server.name}",
        "or one of its chain is outside its period of validity",
    )
    remedy = "Renew it, and see why the timer did not; compare the clocks"
    for certificate in sent:
        start, end = (_moment(certificate.get(moment)) for moment in ("notBefore", "notAfter"))
        if start is None or end is None:
            continue  # what OpenSSL says of such a date is another fault
        if start <= now < end:
            continue
        state = f"expired on {iso_time(end)}"
        if certificate is not sent[0]:
            subject = f"the certificate of the CA {_title(certificate['subject'])} that {server.where} sends"
            remedy = "Serve the chain that came with the certificate"
        if now < start:
            state = f"is not valid before {iso_time(start)}, and here it is {iso_time(int(now))}"
            remedy = "Set the clock of this machine; if it is right, obtain another certificate"
        break
    return Fault("tls_expired", f"{subject} {state} ({server.section})", remedy)


def _issuer_fault(sent: Sequence[dict[str, Any]], server: Server) -> Fault:
    """Tell a chain that is not sent whole from one whose root is unknown."""
    subject = f"the certificate at {server.where} for {server.name}"
    if not sent:
        rule = f"{subject} does not lead to a trusted root ({server.section})"
        return Fault("tls_untrusted", rule, "Serve the full chain, from a CA that senders trust")
    last = _last_of_chain(sent)
    issuer = _title(last["issuer"])
    if last is sent[0]:
        rule = (
            f"{subject} was issued by {issuer}, whose certificate the server does not send and which is no trusted root"
        )
        remedy = "Serve the full chain (fullchain.pem), from a CA that senders trust"
        return Fault("tls_chain", f"{rule} ({server.section})", remedy)
    rule = f"{subject} ends in {issuer}, which is no trusted root ({server.section})"
    return Fault("tls_untrusted", rule, "Obtain one from a CA that senders trust")


def _last_of_chain(sent: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Follow the issuers from the leaf, as far as their certificates were sent."""
    left = list(sent[1:])
    last = sent[0]
    while last["issuer"] != last["subject"]:
        following = next((certificate for certificate in left if certificate["subject"] == last["issuer"]), None)
        if following is None:
            break
        left.remove(following)
        last = following
    return last


def _title(name: Sequence[Sequence[tuple[str, str]]]) -> str:
    """Return the common name of a subject or issuer, or whatever else it has."""
    parts = {kind: value for part in name for kind, value in part}
    common = parts.get("commonName") or parts.get("organizationalUnitName") or parts.get("organizationName")
    return quote(common or ", ".join(parts.values()) or "nobody")
