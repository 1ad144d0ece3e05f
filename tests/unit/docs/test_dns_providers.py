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
from helpers.recipes import KEY, LONG, NEW, OLD, PROVIDERS, QUOTED, RECIPES, RECORD, RECORDS, SPF, TXT, play, record


class Api(BaseHTTPRequestHandler):
    """Takes whatever it is sent, and remembers who sent it; or refuses all that is about one word."""

    refused = ""
    status = 204
    keys: ClassVar[list[str]] = []
    bodies: ClassVar[list[tuple[str, dict]]] = []

    def do_PATCH(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.keys.append(self.headers["X-API-Key"] or self.headers["Authorization"])
        self.bodies.append((self.path, json.loads(body)))
        refused = self.refused and self.refused in body
        answer = b'{"error": "the zone is locked"}' if refused else b""
        self.send_response(422 if refused else self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_unused):
        """Say nothing."""


PLACES = {"powerdns": ("http://127.0.0.1:8081", 204), "desec": ("https://desec.io", 200)}


@pytest.fixture(params=PLACES)
def provider(request, tmp_path, monkeypatch):
    """A provider with an API and no module: run its recipe; return what Ansible printed and what the API was sent."""
    url, status = PLACES[request.param]
    for name, value in {"status": status, "keys": [], "bodies": []}.items():
        monkeypatch.setattr(Api, name, value)
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        def publish(records, *arguments, refused=""):
            monkeypatch.setattr(Api, "refused", refused)
            recipe = tmp_path / "publish.yml"
            text = (PROVIDERS / f"{request.param}.yml").read_text(encoding="utf-8")
            recipe.write_text(text.replace(url, f"http://127.0.0.1:{server.server_port}"), encoding="utf-8")
            done, _asked = play(tmp_path, recipe, records, arguments=arguments)
            return done.returncode == 0, done.stdout + done.stderr

        publish.name = request.param
        yield publish
        server.shutdown()


@pytest.mark.parametrize("refused", ["", "v=STSv1"], ids=["content", "refusing"])
def test_the_key_is_used_and_not_shown(provider, refused):
    ok, output = provider([RECORD], refused=refused)
    assert [key.removeprefix("Token ") for key in Api.keys] == [KEY], output
    assert KEY not in output
    assert ok == (not refused)


def test_what_was_refused_is_named_with_its_cause_and_the_others_are_published(provider):
    other = record("_mta-sts.b.example", NEW, [NEW], zone="b.example")
    ok, output = provider([RECORD, other], refused="_mta-sts.a.example" if provider.name == "powerdns" else OLD)
    if provider.name == "desec":  # which names no zone in what it is sent
        ok, output = provider([record("_mta-sts.a.example", OLD, [OLD]), other], refused=OLD)
    assert not ok
    assert [path for path, _body in Api.bodies][-1].count("b.example") == 1
    failed = output.partition("has refused]")[2]
    assert (
        "failed: [localhost] (item=_mta-sts.a.example)" if provider.name == "powerdns" else "(item=a.example)"
    ) in failed
    assert "Status code was 422" in failed
    assert "the zone is locked" in failed
    assert "failed: [localhost] (item=_mta-sts.b.example)" not in failed


def test_check_mode_sends_nothing_and_says_what_it_would(provider):
    ok, output = provider(RECORDS, "--check")
    assert ok, output
    assert Api.bodies == []
    for text in (NEW, SPF):
        assert text in output.partition("Say what would be published")[2]
    assert "changed=1 " in output
    assert "there.a.example" not in output


def test_a_run_without_changes_asks_nothing(provider):
    ok, output = provider([record("there.a.example", NEW, [NEW], published=True)])
    assert ok, output
    assert Api.bodies == []
    assert "changed=0 " in output


@pytest.mark.parametrize("provider", ["powerdns"], indirect=True)
def test_powerdns_gets_whole_sets(provider):
    provider(RECORDS)
    sets = [body["rrsets"][0] for _path, body in Api.bodies]
    assert [(one["name"], one["changetype"], [text["content"] for text in one["records"]]) for one in sets] == [
        ("_mta-sts.a.example.", "REPLACE", [TXT[NEW]]),
        ("_smtp._tls.a.example.", "REPLACE", [TXT[SPF], TXT[QUOTED], TXT[LONG]]),
        ("a.example.", "REPLACE", [TXT[SPF]]),
        ("gone.a.example.", "DELETE", []),
    ]


@pytest.mark.parametrize("provider", ["desec"], indirect=True)
def test_desec_gets_whole_sets_one_request_a_zone_and_no_ttl_it_refuses(provider):
    ok, output = provider([*RECORDS, record("_mta-sts.b.example", NEW, [NEW], zone="b.example")])
    assert ok, output
    assert [path for path, _body in Api.bodies] == [f"/api/v1/domains/{zone}.example/rrsets/" for zone in "ab"]
    assert {one["ttl"] for _path, body in Api.bodies for one in body} == {3600}
    assert [(one["subname"], one["type"], one["records"]) for one in Api.bodies[0][1]] == [
        ("_mta-sts", "TXT", [TXT[NEW]]),
        ("_smtp._tls", "TXT", [TXT[SPF], TXT[QUOTED], TXT[LONG]]),
        ("", "TXT", [TXT[SPF]]),
        ("gone", "TXT", []),
    ]


WHOLE = [
    ("_mta-sts", "present", [TXT[NEW]]),
    ("_smtp._tls", "present", [TXT[SPF], TXT[QUOTED], TXT[LONG]]),
    ("@", "present", [TXT[SPF]]),
    ("gone", "absent", []),
]


def test_gandi_gets_whole_sets(tmp_path):
    _done, asked = play(tmp_path, PROVIDERS / "gandi.yml", RECORDS)
    assert [(one["record"], one["state"], one.get("values", [])) for one in asked] == WHOLE


def test_google_gets_whole_sets(tmp_path):
    _done, asked = play(tmp_path, PROVIDERS / "google.yml", RECORDS)
    assert [(one["state"], one["target"]) for one in asked] == [(state, texts) for _name, state, texts in WHOLE]
    assert [one["name"] for one in asked][1:3] == ["_smtp._tls.a.example.", "a.example."]
    assert {json.dumps(one["managed_zone"], sort_keys=True) for one in asked} == {
        '{"dnsName": "a.example.", "name": "zone-a"}'
    }


def test_google_is_not_asked_in_check_mode_which_its_module_has_not(tmp_path):
    done, asked = play(tmp_path, PROVIDERS / "google.yml", RECORDS, arguments=["--check"])
    assert asked == []
    assert NEW in done.stdout.partition("Say what would be published")[2]


def test_azure_gets_whole_sets_in_strings_of_255_characters_without_quotation_marks(tmp_path):
    _done, asked = play(tmp_path, PROVIDERS / "azure.yml", RECORDS)
    assert [(one["relative_name"], one["state"]) for one in asked] == [(name, state) for name, state, _texts in WHOLE]
    assert [one["entry"] for one in asked[1]["records"]] == [
        [SPF], [QUOTED], [LONG[:255], LONG[255:510], LONG[510:]],
    ]  # fmt: skip
    assert asked[3]["records"] == []


def test_where_cloudflare_could_not_remove_no_second_record_comes_and_others_are_published(tmp_path):
    done, asked = play(tmp_path, PROVIDERS / "cloudflare.yml", RECORDS, refused=f'"record": "{RECORD["name"]}"')
    assert done.returncode != 0
    added = [one["record"] for one in asked if one["state"] == "present"]
    assert added == ["_smtp._tls.a.example"]


def test_where_route53_refuses_one_the_others_are_removed(tmp_path):
    left = {"record": "gone.a.example.", "ttl": 300, "values": [TXT[OLD]]}
    done, asked = play(tmp_path, PROVIDERS / "route53.yml", RECORDS, left, refused=f'"record": "{RECORD["name"]}"')
    assert done.returncode != 0
    assert asked[-1]["state"] == "absent"


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
