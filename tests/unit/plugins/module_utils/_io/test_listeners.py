# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who listens on a port, asked of the kernel while this process does."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.listeners import programs_on

OUR_NAME = Path("/proc/self/comm").read_text(encoding="utf-8").strip()


def test_the_program_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert programs_on([port]) == {port: {OUR_NAME}}
    assert programs_on([port]) == {}


def test_on_ipv6_too():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        assert programs_on([port, 1]) == {port: {OUR_NAME}}


def test_programs_that_share_a_port_on_addresses_of_their_own_are_all_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = f"import socket; server = socket.create_server(('127.0.0.2', {port})); print(flush=True); input()"
        # a name of its own, as the kernel has it
        named = f"open('/proc/self/comm', 'w').write('openvpn'); {command}"
        with subprocess.Popen([sys.executable, "-c", named], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            assert programs_on([port]) == {port: {OUR_NAME, "openvpn"}}
            other.communicate(b"\n")


def test_a_connection_is_nobody_who_listens():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as connection,
    ):
        assert programs_on([connection.getsockname()[1]]) == {}
