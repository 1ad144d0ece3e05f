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

from .._core.audit.evidence import Shown
from .._core.moment import iso_time
from .._core.proof import Fault
from .reach import Deadline, Failed, quote, too_slow

TLS_VERSIONS = "RFC 8461, section 7.2"
NAMES_SHOWN = 3

# Cipher suites whose server proves itself with a certificate of that type; they exist in TLS 1.2 and older only.
FAMILIES = {"rsa": "aRSA:!PSK:!SRP", "ecdsa": "aECDSA"}

# X509_V_ERR_* numbers of OpenSSL, as found in ssl.SSLCertVerificationError.verify_code.
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_UNKNOWN_ISSUER = (2, 19, 20, 21)
_NAME_MISMATCH = (62, 64)

# How OpenSSL begins the names of alerts that came from the other side.
_ALERTS = ("SSLV3_ALERT", "TLSV1")
_NO_VERSION = {"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"}
_NO_CIPHER = {"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_INSUFFICIENT_SECURITY"}

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
    tls, and no_family when the server cannot prove itself with the ``family`` that the context insists on.
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


def shown(secured: ssl.SSLSocket) -> Shown:
    """Return what a verified server showed."""
    try:
        end = (secured.getpeercert() or {}).get("notAfter")
    except (ValueError, ssl.SSLError):  # a name in it is no text, and whoever cares for names has taken it all the same
        end = None
    return Shown(
        version=secured.version() or "",
        expiry=_moment(end),
        certificate=secured.getpeercert(binary_form=True) or b"",
    )


def _moment(text: str | None) -> int | None:
    """Return a date of a certificate in epoch seconds; None for one that no calendar has, such as of month 13."""
    try:
        return ssl.cert_time_to_seconds(text) if text else None
    except (ValueError, OverflowError):
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
    remedy = f"See that the server has a certificate for {server.name}; look into its error log"
    if refused:
        kind = "tls_refused" if reason.startswith(_ALERTS) else "tls"
        return Fault(kind, f"{server.where} ended the TLS handshake for {server.name}: {words}", remedy)
    return Fault("tls", f"the TLS handshake with {server.where} for {server.name} fails: {words}", remedy)


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
    rule = f"the certificate at {server.where} for {server.name} is refused: {problem.verify_message}"
    return Fault("tls", f"{rule} ({server.section})", "Replace it")


def _name_fault(sent: Sequence[dict[str, Any]], server: Server) -> Fault:
    others = [quote(value) for kind, value in (sent[0].get("subjectAltName", ()) if sent else ()) if kind == "DNS"]
    instead = ""
    if len(others) > NAMES_SHOWN:
        instead = f" but {', '.join(others[:NAMES_SHOWN])} and {len(others) - NAMES_SHOWN} more"
    elif others:
        instead = f" but {', '.join(others)}"
    rule = f"the certificate at {server.where} does not name {server.name}{instead} ({server.section})"
    return Fault("tls_name", rule, f"Obtain a certificate with {server.name} as subject alternative name")


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
