# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what is wrong with a server's TLS, for whoever has to set it right (RFC 8461, sections 3.3, 4.2, 7.1 and 7.2).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..fault import Fault
from ..finding import quote
from ..rfc import TLS_VERSIONS
from ..timestamps import iso_time

NAMES_SHOWN = 3

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
        "it signs with an algorithm that is obsolete, such as SHA-1",
        "Update the server's TLS library, and allow signatures with SHA-256",
    ),
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED": (
        "it signs with an algorithm that is obsolete, such as SHA-1",
        "Update the server's TLS library, and allow signatures with SHA-256",
    ),
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": (
        "it does not support secure renegotiation (RFC 5746)",
        "Update the server's TLS library, or whatever device ends TLS in front of it",
    ),
    "CIPHER_OPERATION_FAILED": ("it uses a cipher suite that cannot be used here", "Allow ECDHE with AES-GCM"),
    "WRONG_CIPHER_RETURNED": ("it chose a cipher suite that was not offered", "Update the server's TLS library"),
    "UNKNOWN_CIPHER_RETURNED": ("it chose a cipher suite that was not offered", "Update the server's TLS library"),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        "it has no cipher suite, curve or certificate in common with senders",
        "Allow ECDHE with AES-GCM, and make sure that the server has a certificate for {name}; its error log says more",
    ),
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": (
        "it demands cipher suites that senders do not offer", "Allow ECDHE with AES-GCM"
    ),
    "TLSV1_ALERT_INTERNAL_ERROR": (
        "it has an error of its own",
        "Check whether the server can read its key and certificate for {name}; its error log says more",
    ),
    "TLSV1_ALERT_ACCESS_DENIED": ("it does not let everybody in", "Let senders in from all addresses"),
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": ("it demands a protocol (ALPN)", "Allow clients that name no protocol"),
    "TLSV1_ALERT_NO_RENEGOTIATION": ("it demands a renegotiation", "Do not ask clients for a certificate"),
    "TLSV1_ALERT_DECODE_ERROR": ("it cannot read the TLS ClientHello", "Update the server's TLS library"),
    "SSLV3_ALERT_ILLEGAL_PARAMETER": ("it cannot read the TLS ClientHello", "Update the server's TLS library"),
    "SSLV3_ALERT_UNEXPECTED_MESSAGE": ("it cannot follow the handshake", "Update the server's TLS library"),
    "TLSV13_ALERT_MISSING_EXTENSION": ("it cannot read the TLS ClientHello", "Update the server's TLS library"),
    "TLSV1_ALERT_UNKNOWN_CA": ("it trusts no certificate that it was shown", "Do not ask clients for a certificate"),
}  # fmt: skip

# What is wrong with a certificate and what to do, by OpenSSL's number
_NOT_A_SERVERS = "Obtain a certificate for servers (extended key usage serverAuth)"
_BROKEN_CHAIN = "Serve the chain that came with the certificate, from a CA that senders trust"
_STRONGER = "Obtain one with RSA of 2048 bits or more, or P-256, signed with SHA-256"
_CERTIFICATES = {
    _BAD_SIGNATURE: ("has a signature that does not fit its issuer's key, or is too weak", _BROKEN_CHAIN),
    22: ("comes with a chain that is too long", _BROKEN_CHAIN),
    23: ("has been revoked", "Obtain another one, with a new key"),
    24: ("was issued by something that is not a CA", _BROKEN_CHAIN),
    25: ("was issued by a CA that may not have CAs below it", _BROKEN_CHAIN),
    26: ("is not meant for servers", _NOT_A_SERVERS),
    27: ("is not trusted for servers", _NOT_A_SERVERS),
    28: ("is rejected for servers", _NOT_A_SERVERS),
    32: ("was issued by a CA that may not sign certificates", _BROKEN_CHAIN),
    34: ("has an unknown critical extension", "Obtain one from a CA that senders trust"),
    47: ("names a host that its CA may not issue for", "Obtain one from a CA that senders trust"),
    48: ("names a host that its CA may not issue for", "Obtain one from a CA that senders trust"),
    66: ("has a key that is too short", _STRONGER),
    67: ("was issued by a CA whose key is too short", _STRONGER),
    68: ("is signed with an algorithm that is too weak, in its chain or itself", _STRONGER),
    79: ("was issued by something that is not a CA", _BROKEN_CHAIN),
}

# A subject or an issuer as Python's ssl has it: parts, of one or more pairs of kind and value each
Name = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Server:
    """Whom a handshake is for: the ``name`` it must prove, ``where`` it stands, the ``section`` that demands so."""

    name: str
    where: str
    section: str


@dataclass(frozen=True)
class TlsInfo:
    """What a TLS server showed: ``version`` (TLSv1.3), the leaf ``certificate`` (DER) and those it sent behind it.

    ``start`` and ``expiry`` are the leaf's, in epoch seconds; ``issuers`` is None where nobody knows what was sent.
    """

    version: str = ""
    expiry: int | None = None
    certificate: bytes = b""
    start: int | None = None
    issuers: tuple[bytes, ...] | None = None

    def without_certificates(self) -> TlsInfo:
        """Return what is judged later: thousands of certificates would only lie in memory."""
        return replace(self, certificate=b"", issuers=None)


@dataclass(frozen=True)
class SentCertificate:
    """One certificate of the chain that a server sent.

    ``names`` are its subject alternative names, as pairs of kind (DNS, IP Address) and value; ``start`` and ``end`` are
    in epoch seconds, None for a date that no calendar has.
    """

    subject: Name = ()
    issuer: Name = ()
    names: tuple[tuple[str, str], ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class FailedHandshake:
    """How OpenSSL says that a handshake failed: in ``words``, and by the name (``reason``) it has for that, if any.

    ``closed`` says that the other side hung up, ``verify_code`` is OpenSSL's number of what is wrong with a
    certificate, ``sent`` are those that had come by then, the leaf first.
    """

    words: str
    reason: str = ""
    closed: bool = False
    verify_code: int = 0
    sent: tuple[SentCertificate, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the other side ended it, for another reason than the version."""
        return self.closed or (self.reason.startswith(_ALERTS) and self.reason not in _NO_VERSION)


def explain(failed: FailedHandshake, server: Server, family: str | None, now: float) -> Fault:
    """Return what is wrong with a server; with ``family`` (rsa, ecdsa), it was asked for that key type alone."""
    if failed.verify_code:
        return _certificate_fault(failed, server, now)
    reason = failed.reason
    if family and (failed.closed or reason in _NO_CIPHER | _NO_VERSION):
        return _family_fault(reason, server, family.upper())
    if reason in _CLIENT_CERTIFICATE or (reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" and failed.sent):
        # once the server has shown its certificate, cipher suites are agreed on: it is ours that it lacks
        return _client_fault(server)
    return _handshake_fault(failed, server)


def _family_fault(reason: str, server: Server, family: str) -> Fault:
    if reason in _NO_VERSION:
        rule = f"{server.where} speaks TLS 1.3 only, so it cannot be asked for an {family} certificate"
    else:
        rule = f"{server.where} has no {family} certificate for {server.name}"
    return Fault("no_family", rule, "Nothing to do, if this is intended")


def _handshake_fault(failed: FailedHandshake, server: Server) -> Fault:
    reason = failed.reason
    words = "the connection was closed" if failed.closed else (reason or failed.words).replace("_", " ").lower()
    if reason in _NO_VERSION:
        rule = (
            f"{server.where} speaks neither TLS 1.2 nor TLS 1.3 when asked for {server.name}: {words} ({TLS_VERSIONS})"
        )
        return Fault("tls_version", rule, "Allow TLS 1.2 and 1.3 in the server's configuration")
    if reason in _PLAIN_TEXT:
        rule = f"{server.where} does not answer with TLS when asked for {server.name}, but in plain text: {words}"
        return Fault("tls", rule, "Turn TLS on there, or check what else listens on the port (ss -ltnp)")
    why, remedy = _REASONS.get(
        reason, ("", "Make sure that the server has a certificate for {name}; its error log says more")
    )
    words = f"{why} ({words})" if why else words
    remedy = remedy.format(name=server.name)
    if failed.refused:
        kind = "tls_refused" if reason.startswith(_ALERTS) else "tls"
        return Fault(kind, f"{server.where} ended the TLS handshake for {server.name}: {words}", remedy)
    return Fault("tls", f"the TLS handshake with {server.where} for {server.name} fails: {words}", remedy)


def _client_fault(server: Server) -> Fault:
    rule = f"{server.where} demands a client certificate for {server.name}, and senders need not have one"
    return Fault(
        "tls_client", f"{rule} ({server.section})", "Do not ask clients for a certificate, or make it optional"
    )


def _certificate_fault(failed: FailedHandshake, server: Server, now: float) -> Fault:
    code, sent = failed.verify_code, failed.sent
    if code in _NAME_MISMATCH:
        return _name_fault(sent, server)
    if code in (_EXPIRED, _NOT_YET_VALID):
        return _period_fault(sent, server, now)
    subject = _leaf(server)
    if code == _SELF_SIGNED:
        rule = f"{subject} is self-signed ({server.section})"
        return Fault("tls_self_signed", rule, "Obtain one from a CA that senders trust")
    if code in _UNKNOWN_ISSUER:
        return _issuer_fault(sent, server)
    what, remedy = _CERTIFICATES.get(code, ("is refused", "Obtain another one, from a CA that senders trust"))
    return Fault("tls", f"{subject} {what}: {failed.words} ({server.section})", remedy)


def _leaf(server: Server) -> str:
    return f"the certificate at {server.where} for {server.name}"


def _name_fault(sent: Sequence[SentCertificate], server: Server) -> Fault:
    others = [value for kind, value in sent[0].names if kind == "DNS"] if sent else []
    some = [quote(value) for value in others[:NAMES_SHOWN]]
    instead = f" but {', '.join(some)}" if others else ""
    if len(others) > NAMES_SHOWN:
        instead += f" and {len(others) - NAMES_SHOWN} more"
    if sent and not others:
        instead = _without_dns_name(sent[0], server)
    elif any(_misses_by_labels(other, server.name) for other in others):
        instead += "; the asterisk stands for exactly one label"
    rule = f"the certificate at {server.where} does not name {server.name}{instead} ({server.section})"
    return Fault("tls_name", rule, f"Obtain a certificate with {server.name} as subject alternative name")


def _without_dns_name(certificate: SentCertificate, server: Server) -> str:
    if any(kind == "IP Address" for kind, _unused in certificate.names):
        return " but only addresses"
    common = {value.lower() for part in certificate.subject for kind, value in part if kind == "commonName"}
    return " but in its subject (CN), which does not count" if server.name.lower() in common else ""


def _misses_by_labels(pattern: str, name: str) -> bool:
    return pattern.startswith("*.") and (name == pattern[2:] or name.endswith(pattern[1:]))


def _period_fault(sent: Sequence[SentCertificate], server: Server, now: float) -> Fault:
    subject, state = _leaf(server), "or one of its chain is outside its period of validity"
    remedy = "Renew it, and find out why the timer did not; compare the clocks"
    for certificate in sent:
        start, end = certificate.start, certificate.end
        if start is None or end is None:
            continue  # what OpenSSL says of such a date is another fault
        if start <= now < end:
            continue
        state = f"expired on {iso_time(end)}"
        if certificate is not sent[0]:
            subject = f"the certificate of the CA {_title(certificate.subject)} that {server.where} sends"
            remedy = "Serve the chain that came with the certificate"
        if now < start:
            state = f"is not valid before {iso_time(start)}, and here it is {iso_time(int(now))}"
            remedy = "Set the clock of this machine; if it is right, obtain another certificate"
        break
    return Fault("tls_expired", f"{subject} {state} ({server.section})", remedy)


def _issuer_fault(sent: Sequence[SentCertificate], server: Server) -> Fault:
    """Tell a chain that is not sent whole from one whose root is unknown."""
    subject = _leaf(server)
    if not sent:
        rule = f"{subject} does not chain to a trusted root ({server.section})"
        return Fault("tls_untrusted", rule, "Serve the full chain, from a CA that senders trust")
    last = _last_of_chain(sent)
    issuer = _title(last.issuer)
    if last is sent[0]:
        rule = (
            f"{subject} was issued by {issuer}, whose certificate the server does not send "
            "and which is not a trusted root"
        )
        remedy = "Serve the full chain (fullchain.pem), from a CA that senders trust"
        return Fault("tls_chain", f"{rule} ({server.section})", remedy)
    rule = f"{subject} ends in {issuer}, which is not a trusted root ({server.section})"
    return Fault("tls_untrusted", rule, "Obtain one from a CA that senders trust")


def _last_of_chain(sent: Sequence[SentCertificate]) -> SentCertificate:
    """Follow the issuers from the leaf, as far as their certificates were sent."""
    left = list(sent[1:])
    last = sent[0]
    while last.issuer != last.subject:
        following = next((certificate for certificate in left if certificate.subject == last.issuer), None)
        if following is None:
            break
        left.remove(following)
        last = following
    return last


def _title(name: Name) -> str:
    """Return the common name of a subject or issuer, or whatever else it has."""
    parts = {kind: value for part in name for kind, value in part}
    common = parts.get("commonName") or parts.get("organizationalUnitName") or parts.get("organizationName")
    return quote(common or ", ".join(parts.values()) or "nobody")
