# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS reports by HTTPS, taken by a real nginx: whatever senders, networks and processes do to it."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers.certificates import pem_pair
from helpers.reports import HOST, PATH, Endpoint
from helpers.vhost import LOOPBACK

REPORT = b'{"organization-name": "a sender", "policies": []}'
PACKED = gzip.compress(REPORT)
LARGEST = 10 * 1024 * 1024


@pytest.fixture
def endpoint(tmp_path):
    server = Endpoint(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def running(endpoint):
    endpoint.take_reports()
    return endpoint


def curl(endpoint, *arguments, body=REPORT, path=PATH, name=HOST):
    """Return the status, and the version of HTTP."""
    port = endpoint.ports[443]
    command = ["curl", "--silent", "--insecure", "--output", os.devnull, "--write-out", "%{http_code} %{http_version}"]
    where = ["--resolve", f"{name}:{port}:{LOOPBACK[0]}", f"https://{name}:{port}{path}"]
    said = subprocess.run([*command, *arguments, *where], input=body, capture_output=True, check=False).stdout
    return tuple(said.decode().split())


def begin(endpoint, length, sent):
    """Send the first bytes of a report, and return the connection."""
    connection = endpoint.handshake(HOST)
    head = f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + sent)
    return connection


@pytest.mark.parametrize("address", LOOPBACK)
@pytest.mark.parametrize("body", [REPORT, PACKED, b"7 bytes", os.urandom(3_000_000)], ids=["json", "gzip", "7", "3 MB"])
def test_a_report_is_kept_byte_for_byte(running, body, address):
    assert running.post(body, address=address) == 201
    running.folder.collect()
    assert list(running.folder.reports.values()) == [body]
    assert (running.folder.bodies, list(running.folder.complete.iterdir())) == ([], [])


def test_whoever_reads_sees_by_the_name_what_is_packed_whatever_the_sender_calls_it(running):
    for body in (REPORT, PACKED):
        assert running.post(body, headers={"Content-Type": "text/plain"}) == 201
    running.folder.collect()
    assert {name.partition(".")[2]: body for name, body in running.folder.reports.items()} == {
        "json": REPORT,
        "json.gz": PACKED,
    }


def test_the_answer_is_empty_and_the_policy_is_there_as_before(running):
    answer = running.get(PATH, method="POST", body=REPORT)
    assert (answer.status, answer.text) == (201, "")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"
    assert running.get("/.well-known/mta-sts.txt").status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "MKCOL", "PATCH"])
def test_nothing_but_a_post_is_taken(running, method):
    assert running.get(PATH, method=method, body=REPORT).status == 403
    assert (running.folder.bodies, list(running.folder.complete.iterdir())) == ([], [])


def test_visitors_take_nothing_from_what_senders_may_do(running):
    assert {running.get(PATH).status for _unused in range(70)} == {403}
    assert curl(running, "--data-binary", "@-", "--header", "Transfer-Encoding: chunked", "--http1.1")[0] == "201"


@pytest.mark.parametrize("path", ["/", f"{PATH}/", f"{PATH}x", "/mta-sts-report-is-complete", "/.well-known/x"])
def test_nothing_is_taken_at_another_path(running, path):
    assert running.post(REPORT, path=path) == 404
    assert running.folder.bodies == []


def test_nothing_is_taken_in_clear(running):
    assert running.get(PATH, plain=True, method="POST", body=REPORT).status == 404
    assert running.folder.bodies == []


@pytest.mark.parametrize(
    ("arguments", "version"),
    [
        (["--http1.1", "--data-binary", "@-"], "1.1"),
        (["--http1.1", "--data-binary", "@-", "--header", "Expect: 100-continue"], "1.1"),
        (["--http1.1", "--data-binary", "@-", "--header", "Transfer-Encoding: chunked"], "1.1"),
        (["--http2", "--data-binary", "@-"], "2"),
        (["--http2", "--upload-file", "-", "--request", "POST"], "2"),  # its length is not said
        (["--http1.0", "--data-binary", "@-"], "1.1"),
    ],
)
@pytest.mark.parametrize("body", [REPORT, os.urandom(3_000_000)], ids=["small", "large"])
def test_every_way_to_send_a_body(running, arguments, version, body):
    assert curl(running, *arguments, body=body) == ("201", version)
    running.folder.collect()
    assert list(running.folder.reports.values()) == [body]


@pytest.mark.parametrize("chunked", [[], ["--header", "Transfer-Encoding: chunked"]], ids=["length", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(LARGEST, "201"), (LARGEST + 1, "413")])
def test_ten_megabytes_are_taken_and_no_more(running, chunked, size, status):
    assert curl(running, "--http1.1", "--data-binary", "@-", *chunked, body=bytes(size))[0] == status
    running.folder.collect()
    assert list(map(len, running.folder.reports.values())) == ([size] if status == "201" else [])
    assert "[error]" not in (running.root / "error.log").read_text() or status == "413"


def test_of_a_body_that_breaks_off_nothing_is_read(running):
    half = REPORT * 2000
    begin(running, len(half) * 2, half).close()
    with begin(running, len(half) * 2, half):
        running.folder.wait_for(lambda: len(running.folder.bodies) == 2)
    running.folder.collect()
    assert running.folder.reports == {}


def test_a_body_without_a_byte_is_no_report(running):
    assert running.post(b"") == 201
    running.folder.collect()
    assert (running.folder.reports, running.folder.bodies) == ({}, [])


def test_numbers_that_begin_anew_replace_nothing(running):
    bodies = [b"%d" % number for number in range(8)]
    for body in bodies[:3]:
        assert running.post(body) == 201
    running.reload()
    for body in bodies[3:5]:
        assert running.post(body) == 201
    running.stop()
    running.start()
    for body in bodies[5:]:
        assert running.post(body) == 201
    assert running.folder.bodies == bodies
    running.folder.collect()
    assert sorted(running.folder.reports.values()) == bodies


def test_several_workers_write_side_by_side(endpoint):
    endpoint.main.write_text(endpoint.main.read_text().replace("worker_processes 1", "worker_processes 4"))
    endpoint.take_reports(rate=1000)
    bodies = [os.urandom(50_000) for _unused in range(60)]
    with ThreadPoolExecutor(4) as senders:
        assert set(senders.map(endpoint.post, bodies)) == {201}
    endpoint.folder.collect()
    assert sorted(endpoint.folder.reports.values()) == sorted(bodies)


def test_a_reload_lets_a_sender_finish(running):
    body = REPORT * 2000
    connection = begin(running, len(body), body[:50_000])
    running.reload()
    connection.sendall(body[50_000:])
    assert connection.recv(100).startswith(b"HTTP/1.1 201 ")
    connection.close()
    running.folder.collect()
    assert list(running.folder.reports.values()) == [body]


def test_after_a_crash_nginx_starts_and_goes_on(running):
    running.post(REPORT)
    children = running._workers()
    for process in (running.pid, *map(int, children)):
        os.kill(process, signal.SIGKILL)
    running.folder.wait_for(lambda: not any(os.path.exists(f"/proc/{child}/exe") for child in children))
    running.start()
    assert running.post(PACKED) == 201
    running.folder.collect()
    assert sorted(running.folder.reports.values()) == sorted([REPORT, PACKED])


def test_while_the_folder_is_full_nothing_is_taken(running):
    assert running.folder.collect(quota=1) == ""
    assert running.post(REPORT) == 201
    assert "No more TLS reports are taken" in running.folder.collect(quota=1)
    assert running.post(REPORT) == 503
    assert running.folder.bodies == []
    assert "taken again" in running.folder.collect()
    assert running.post(REPORT) == 201


def test_a_sender_has_a_rate_and_another_one_has_its_own(endpoint):
    endpoint.take_reports(rate=3)
    assert [endpoint.post(REPORT) for _unused in range(5)] == [201, 201, 201, 201, 429]
    assert "limiting" not in (endpoint.root / "error.log").read_text()  # there may be many of them
    connection = socket.create_connection((LOOPBACK[0], endpoint.ports[443]), 5, source_address=("127.0.0.9", 0))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(connection, server_hostname=HOST) as other:
        other.sendall(f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        assert other.recv(100).startswith(b"HTTP/1.1 201 ")


def test_of_what_is_large_few_are_taken_of_all_together(running):
    sizes = [100_000] * 8 + [99_999]
    assert [running.post(bytes(size)) for size in sizes] == [201] * 7 + [429] + [201]


def test_a_sender_holds_few_connections(running):
    held = [begin(running, 10, b"12345") for _unused in range(4)]
    time.sleep(0.2)
    assert running.post(REPORT) == 429
    for connection in held:
        connection.close()
    running.folder.wait_for(lambda: running.post(REPORT) == 201)


def test_a_name_of_their_own(endpoint):
    (endpoint.root / "live").mkdir()
    pair = pem_pair("tlsrpt.example.net", "rsa2048", end=2**31)
    (endpoint.root / "live/tlsrpt.example.net.rsa").write_bytes(b"".join(pair))
    endpoint.take_reports(name="TLSRPT.example.net")
    assert endpoint.post(REPORT, name="tlsrpt.example.net") == 201
    assert endpoint.get("/.well-known/mta-sts.txt", name="tlsrpt.example.net").status == 404
    assert endpoint.get("/.well-known/acme-challenge/x", name="tlsrpt.example.net", plain=True).status == 404
    assert endpoint.post(REPORT) == 404
    assert endpoint.get("/.well-known/mta-sts.txt").status == 200
    assert endpoint.test() == []
    endpoint.folder.collect()
    assert list(endpoint.folder.reports.values()) == [REPORT]


def test_reports_come_before_there_is_a_policy(running):
    shutil.rmtree(running.root / "www")
    assert running.post(REPORT) == 201
    running.folder.collect()
    assert list(running.folder.reports.values()) == [REPORT]


def test_a_name_of_their_own_without_certificate_harms_no_other(endpoint):
    endpoint.take_reports(name="tlsrpt.example.net")
    with pytest.raises(ssl.SSLError, match=r"internal.error"):
        endpoint.handshake("tlsrpt.example.net")
    assert endpoint.get("/.well-known/mta-sts.txt").status == 200


@pytest.mark.parametrize("length", [14, 47, 110, 239])
def test_nginx_takes_a_name_of_their_own_of_any_length(endpoint, length):
    label = "x" * (length - len(".net"))
    endpoint.write(name=".".join(label[at : at + 60] for at in range(0, len(label), 61)) + ".net")
    assert endpoint.test() == []


def test_settings_of_others_for_all_servers_do_not_keep_reports_away(endpoint):
    endpoint.theirs(
        f"""
        deny all; satisfy any; auth_basic closed; auth_basic_user_file {endpoint.root}/nobody;
        client_max_body_size 1; client_body_in_file_only clean; open_log_file_cache max=10; open_file_cache max=10;
        limit_req_zone $binary_remote_addr zone=theirs:1m rate=1r/m; limit_req zone=theirs; limit_req_status 418;
        error_page 405 403 413 /theirs; access_log off; mirror /theirs; mirror_request_body off;
        log_subrequest off; log_format theirs x;
        server {{ listen {endpoint.ports[443]} default_server ssl; ssl_reject_handshake on; server_name x; }}
        """
    )
    endpoint.take_reports()
    assert endpoint.test() == []
    assert [endpoint.post(REPORT), endpoint.post(REPORT)] == [201, 201]
    assert endpoint.get(PATH).status == 403
    endpoint.folder.collect()
    assert len(endpoint.folder.reports) == 2


def test_a_report_is_logged_once_and_where_everything_is(running):
    running.post(REPORT)
    running.get("/")
    assert running.logged(1) == 1
    lines = (running.root / "access.log").read_text().splitlines()
    assert [f'"POST {PATH} HTTP/1.1" 201' in line for line in lines] == [True, False]
    assert "[error]" not in (running.root / "error.log").read_text()


def test_a_sender_is_told_when_a_body_cannot_be_written(running):
    running.folder.uploads.rename(running.folder.root / "away")
    assert running.post(REPORT) == 500
