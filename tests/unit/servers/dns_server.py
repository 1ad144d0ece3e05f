# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A name server on loopback that misbehaves as a test wants it to; for what is right, see knot.py."""

from __future__ import annotations

import contextlib
import socket
import threading

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


def having(records, rcodes=None):
    """Return an ``answer`` that has ``records``: values by name and type; ``rcodes`` are by name, for all its types."""

    def answer(query):
        question = query.question[0]
        name, rdtype = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        exists = any(owner == name for owner, _rdtype in records)
        response.set_rcode((rcodes or {}).get(name, dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN))
        if (name, rdtype) in records:
            response.answer.append(dns.rrset.from_text(question.name, 300, "IN", rdtype, *records[name, rdtype]))
        return response

    return answer


@contextlib.contextmanager
def answering(answer, address="127.0.0.1", port=0):
    """Answer every question over UDP with ``answer(query)``, or not at all if that is None.

    Yields the server as options of modules and lookups name it, and the list of questions it has got.
    """
    asked = []
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind((address, port))

        def work():
            while True:
                wire, sender = server.recvfrom(4096)
                if not wire:
                    return
                query = dns.message.from_wire(wire)
                asked.append(query.question[0].to_text())
                response = answer(query)
                if response is not None:
                    server.sendto(response.to_wire(), sender)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield f"{address}:{server.getsockname()[1]}", asked
        finally:
            server.sendto(b"", server.getsockname())
            thread.join()
