# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tasks for DNS providers: what is somebody else's stays, and no credentials are shown."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from helpers.recipes import KEY, LONG, NEW, OLD, PROVIDERS, QUOTED, RECIPES, RECORD, RECORDS, SPF, TXT, play


class PowerDns(BaseHTTPRequestHandler):
    """Takes whatever it is sent, and remembers who sent it."""

    keys: ClassVar[list[str]] = []
    bodies: ClassVar[list[dict]] = []
    status = 204

    def do_PATCH(self):
        self.keys.append(self.headers["X-API-Key"])
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_unused):
        """Say nothing."""


@pytest.fixture(params=[204, 422], ids=["content", "refusing"])
def api(request, monkeypatch):
    monkeypatch.setattr(PowerDns, "keys", [])
    monkeypatch.setattr(PowerDns, "bodies", [])
    monkeypatch.setattr(PowerDns, "status", request.param)
    with HTTPServer(("127.0.0.1", 0), PowerDns) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_the_key_of_powerdns_is_used_and_not_shown(api, tmp_path):
    tasks = (PROVIDERS / "powerdns.yml").read_text(encoding="utf-8")
    recipe = tmp_path / "publish.yml"
    recipe.write_text(tasks.replace(":8081", f":{api.server_port}"), encoding="utf-8")
    done, _asked = play(tmp_path, recipe, [RECORD])
    assert api.RequestHandlerClass.keys == [KEY], done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr


def test_powerdns_gets_whole_sets(api, tmp_path):
    recipe = tmp_path / "publish.yml"
    text = (PROVIDERS / "powerdns.yml").read_text(encoding="utf-8")
    recipe.write_text(text.replace(":8081", f":{api.server_port}"), encoding="utf-8")
    play(tmp_path, recipe, RECORDS)
    sets = [body["rrsets"][0] for body in api.RequestHandlerClass.bodies]
    assert [(one["name"], one["changetype"], [text["content"] for text in one["records"]]) for one in sets] == [
        ("_mta-sts.a.example.", "REPLACE", [TXT[NEW]]),
        ("_smtp._tls.a.example.", "REPLACE", [TXT[SPF], TXT[QUOTED], TXT[LONG]]),
        ("a.example.", "REPLACE", [TXT[SPF]]),
        ("gone.a.example.", "DELETE", []),
    ]


def test_hetzner_gets_whole_sets(tmp_path):
    _done, asked = play(tmp_path, PROVIDERS / "hetzner.yml", RECORDS)
    assert [(one["name"], one["state"], [text["value"] for text in one["records"]]) for one in asked] == [
        ("_mta-sts", "present", [TXT[NEW]]),
        ("_smtp._tls", "present", [TXT[SPF], TXT[QUOTED], TXT[LONG]]),
        ("@", "present", [TXT[SPF]]),
        ("gone", "absent", []),
    ]


def test_cloudflare_gets_single_records(tmp_path):
    _done, asked = play(tmp_path, PROVIDERS / "cloudflare.yml", RECORDS)
    assert [(one["record"], one["state"], one["value"]) for one in asked] == [
        ("_mta-sts.a.example", "absent", OLD),
        ("a.example", "absent", OLD),
        ("gone.a.example", "absent", OLD),
        ("_mta-sts.a.example", "present", NEW),
        ("_smtp._tls.a.example", "present", LONG),
    ]
    assert not any(one.get("solo") for one in asked)


@pytest.mark.parametrize(
    ("left", "removed"),
    [([TXT[OLD]], True), (['"v=STSv1; " "id=1;"'], True), ([TXT[OLD], TXT[SPF]], False), (None, False)],
)
def test_route53_gets_whole_sets_and_keeps_one_that_somebody_has_added_to(tmp_path, left, removed):
    there = left and {"record": "gone.a.example.", "ttl": 300, "values": left}
    _done, asked = play(tmp_path, PROVIDERS / "route53.yml", RECORDS, there)
    assert [(one["record"], one["state"], one.get("value")) for one in asked] == [
        ("_mta-sts.a.example", "present", [TXT[NEW]]),
        ("_smtp._tls.a.example", "present", [TXT[SPF], TXT[QUOTED], TXT[LONG]]),
        ("a.example", "present", [TXT[SPF]]),
        ("gone.a.example", "get", None),
        *([("gone.a.example.", "absent", left)] if removed else []),
    ]


def test_the_guide_has_every_recipe():
    guide = (PROVIDERS / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in RECIPES if f"]({path.name})" not in guide] == []
