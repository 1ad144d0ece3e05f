# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA is asked about each certificate, within bounds, and nothing fails where it does not answer."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import Certificate
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.renewal_info import (
    RenewalInfo,
    certificate_id,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.renewal_info import (
    FAULTS,
    RenewalInfos,
)

NOW = 1795946400.0
PAST = {"suggestedWindow": {"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"}}
# In the year 0, by UTC
FIRST_DAY = b'{"suggestedWindow": {"start": "0001-01-01T00:00:00+01:00", "end": "0001-01-02T00:00:00+01:00"}}'


def certificate(serial):
    return Certificate(0, 9, "", (), "p256", "", serial, "69885b6b87464041e1b37b847bd0ae2cde01c8d4")


ALL = [certificate(f"0{number}") for number in range(1, 8)]


@pytest.fixture
def ca():
    """Play a CA: a directory, answers, and what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            server.asked.append((self.path, self.client_address))
            status, body = server.answers.get(self.path.split("/")[1], (404, b"{}"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "30000")
            self.end_headers()
            for byte in [body] if not server.pause else [body[:1], body[1:2], body[2:]]:
                self.wfile.write(byte)
                time.sleep(server.pause)

        def log_message(self, *_unused):
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.pause = [], 0
    server.url = f"http://127.0.0.1:{server.server_port}"
    directory = {"newOrder": "x", "renewalInfo": f"{server.url}/info"}
    server.answers = {"dir": (200, json.dumps(directory).encode()), "info": (200, json.dumps(PAST).encode())}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(ca, path, now=NOW, certificates=ALL):
    infos = RenewalInfos(path)
    infos.ask(certificates, f"{ca.url}/dir", "", now)
    return infos.known


def test_each_is_asked_about_once_over_one_connection_and_not_again_too_soon(ca, tmp_path):
    known = ask(ca, tmp_path / "infos")
    assert [path for path, _unused in ca.asked] == ["/dir", *(f"/info/{certificate_id(one)}" for one in ALL)]
    assert len({address for _unused, address in ca.asked}) == 1
    assert all(info.renew_at < NOW and info.ask_at == NOW + 30000 for info in known.values())
    assert ask(ca, tmp_path / "infos", NOW + 29999) == known
    assert len(ca.asked) == len(ALL) + 1
    ask(ca, tmp_path / "infos", NOW + 30001)
    assert len(ca.asked) == 2 * len(ALL) + 2


def test_what_is_no_longer_there_is_forgotten(ca, tmp_path):
    ask(ca, tmp_path / "infos")
    assert set(ask(ca, tmp_path / "infos", NOW, ALL[:1])) == {"01"}


def test_a_ca_without_it_is_left_alone_for_a_week(ca, tmp_path):
    ca.answers["dir"] = (200, b'{"newOrder": "x"}')
    for _unused in range(2):
        assert ask(ca, tmp_path / "infos") == {"": RenewalInfo(None, NOW + 7 * 86400)}
    assert len(ca.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b"<html>"), (200, b" " * 100000), (301, b""), (200, b"[" * 60000), (200, FIRST_DAY)],
    ids=["500", "a page", "huge", "moved", "deep", "the first day"],
)
def test_a_ca_that_answers_something_else_is_asked_no_more_in_this_run(ca, tmp_path, answer):
    ca.answers["info"] = answer
    known = ask(ca, tmp_path / "infos")
    assert len(ca.asked) == 1 + FAULTS
    assert {info.renew_at for info in known.values()} == {None}
    ca.asked.clear()
    ca.answers["info"] = (200, json.dumps(PAST).encode())
    assert ask(ca, tmp_path / "infos", NOW + 3600)["07"].renew_at < NOW


@pytest.mark.parametrize("ca_file", ["", "/nonexistent/ca.pem"])
def test_no_answer_at_all_is_no_failure(tmp_path, ca_file):
    infos = RenewalInfos(tmp_path / "infos")
    infos.ask(ALL, "http://127.0.0.1:1/dir", ca_file, NOW)
    assert infos.known == {"": RenewalInfo(None, NOW + 6 * 3600)}


def test_a_ca_that_sends_byte_by_byte_is_not_waited_for(ca, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{RenewalInfos.__module__}.TIMEOUT", 0.4)
    ca.pause, began = 0.3, time.monotonic()
    assert set(ask(ca, tmp_path / "infos")) == {""}
    assert time.monotonic() - began < 0.6


def test_a_clock_that_was_ahead_does_not_keep_it_from_asking(ca, tmp_path):
    ask(ca, tmp_path / "infos", NOW + 365 * 86400)
    ca.asked.clear()
    ask(ca, tmp_path / "infos")
    assert len(ca.asked) == 1 + len(ALL)


def test_a_url_of_another_scheme_is_not_fetched(ca, tmp_path):
    ca.answers["dir"] = (200, b'{"renewalInfo": "file:///etc/passwd"}')
    assert {info.renew_at for info in ask(ca, tmp_path / "infos").values()} == {None}


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"01": 5}', b'{"01": {"x": 1}}'])
def test_a_damaged_file_is_begun_anew(ca, tmp_path, kept):
    (tmp_path / "infos").write_bytes(kept)
    assert len(ask(ca, tmp_path / "infos")) == len(ALL)
