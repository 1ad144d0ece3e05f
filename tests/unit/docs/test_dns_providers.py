# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tasks for DNS providers: credentials are not shown, however much Ansible is asked to say."""

from __future__ import annotations

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

PROVIDERS = Path(__file__).resolve().parents[3] / "docs/dns-providers"
KEY = "the key of PowerDNS"
RECORD = {"zone": "a.example", "canonical_name": "_mta-sts.a.example", "value": "v=STSv1; id=1;", "published": False}


class PowerDns(BaseHTTPRequestHandler):
    """Takes whatever it is sent, and remembers who sent it."""

    keys: ClassVar[list[str]] = []
    status = 204

    def do_PATCH(self):
        self.keys.append(self.headers["X-API-Key"])
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_unused):
        """Say nothing."""


@pytest.fixture(params=[204, 422], ids=["content", "refusing"])
def api(request, monkeypatch):
    monkeypatch.setattr(PowerDns, "keys", [])
    monkeypatch.setattr(PowerDns, "status", request.param)
    with HTTPServer(("127.0.0.1", 0), PowerDns) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_the_key_of_powerdns_is_used_and_not_shown(api, tmp_path):
    tasks = (PROVIDERS / "powerdns.yml").read_text(encoding="utf-8")
    (tmp_path / "publish.yml").write_text(tasks.replace(":8081", f":{api.server_port}"), encoding="utf-8")
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"include_tasks": "publish.yml"}]}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    variables = {"vault_powerdns_key": KEY, "sts_dns_records": [RECORD], "sts_dns_ttl": 60}
    variables["ansible_python_interpreter"] = sys.executable
    (tmp_path / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    done = subprocess.run(
        ["ansible-playbook", "-vvv", "--diff", "-i", "localhost,", "-c", "local", "-e", "@variables.json", "play.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert api.RequestHandlerClass.keys == [KEY], done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr
