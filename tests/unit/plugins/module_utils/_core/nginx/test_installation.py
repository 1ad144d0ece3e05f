# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is already on the host: "nginx -V", and the files of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import (
    Build,
    Listen,
    Neighbours,
    bracketed,
    choose_path,
    read_at_start,
    read_build,
    read_neighbours,
    report_root,
    served_domains,
    served_peers,
)

MAIN = "/etc/nginx/nginx.conf"
OURS = "/etc/nginx/sites-enabled/zz-mta-sts.conf"
THEIRS = "/etc/nginx/conf.d/theirs.conf"
DEBIAN = "pid /run/nginx.pid; http { include /etc/nginx/conf.d/*.conf; include /etc/nginx/sites-enabled/*; %s }"
LOCAL = "/usr/local/nginx"
PATHS = "configure arguments: --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --pid-path=/run/nginx.pid"


def neighbours(inline="", ours="", theirs=""):
    """Read a Debian host with a file of others that is read before ours, and text in the main file that comes after."""
    return read_neighbours({MAIN: DEBIAN % inline, OURS: ours, THEIRS: theirs}, MAIN, OURS)


@pytest.mark.parametrize(
    ("said", "build"),
    [
        (
            f"nginx version: nginx/1.18.0\nbuilt with OpenSSL 1.1.1n  15 Mar 2022\n{PATHS} --with-http_v2_module",
            Build((1, 18, 0), (1, 1, 1), True, MAIN, "/run/nginx.pid", "nobody"),
        ),
        (
            f"nginx version: nginx/1.30.0\n{PATHS} --user=nginx --group=nginx",
            Build((1, 30, 0), (0,), False, MAIN, "/run/nginx.pid", "nginx", "nginx"),
        ),
        (
            f"nginx version: nginx/1.30.0\n{PATHS} --user=web",
            Build((1, 30, 0), (0,), False, MAIN, "/run/nginx.pid", "web", "web"),
        ),
        (
            "nginx version: nginx/1.26.3\nbuilt with OpenSSL 3.5.0 8 Apr 2025 (running with OpenSSL 3.5.4 x)\n"
            f"TLS SNI support enabled\n{PATHS}",
            Build((1, 26, 3), (3, 5, 4), False, MAIN, "/run/nginx.pid", "nobody"),
        ),
        (
            "nginx version: openresty/1.27.1.1\nbuilt with LibreSSL 3.8.2\nconfigure arguments: --prefix=/opt/nginx",
            Build((1, 27, 1, 1), (0,), False, "/opt/nginx/conf/nginx.conf", "/opt/nginx/logs/nginx.pid", "nobody"),
        ),
        (
            "nginx version: nginx/1.28.0\nconfigure arguments: --prefix=/opt/nginx/ --with-http_v2_module",
            Build((1, 28, 0), (0,), True, "/opt/nginx/conf/nginx.conf", "/opt/nginx/logs/nginx.pid", "nobody"),
        ),
        (
            "nginx version: nginx/1.28.0\nconfigure arguments:",
            Build((1, 28, 0), (0,), False, f"{LOCAL}/conf/nginx.conf", f"{LOCAL}/logs/nginx.pid", "nobody"),
        ),
        (
            "sh: nginx: not found",
            Build((0,), (0,), False, f"{LOCAL}/conf/nginx.conf", f"{LOCAL}/logs/nginx.pid", "nobody"),
        ),
    ],
)
def test_build(said, build):
    assert read_build(said) == build


def test_a_host_without_nginx_is_planned_for_as_a_current_one():
    debian = f"nginx version: nginx/1.26.0\nbuilt with OpenSSL 3.5.0\n{PATHS} --with-http_v2_module"
    assert replace(Build(), user="nobody") == read_build(debian)


def test_a_host_without_neighbours_has_nothing_to_look_out_for():
    assert read_neighbours({MAIN: "http { include sites-enabled/*; }"}, MAIN, OURS) == Neighbours(our_file=OURS)


@pytest.mark.parametrize(
    ("options", "answer"), [("", False), (" ssl", False), (" default_server", True), (" ssl default", True)]
)
def test_who_is_the_default_server_in_so_many_words(options, answer):
    (listen,) = neighbours(theirs=f"server {{ listen 443{options}; }}").listens
    assert listen.is_default is answer


@pytest.mark.parametrize(
    ("written", "address", "port", "options"),
    [
        ("listen 443 ssl", "0.0.0.0", 443, {"ssl"}),
        ("listen *:443 ssl http2", "0.0.0.0", 443, {"ssl", "http2"}),
        ("listen [::]:443 ipv6only=off", "[::]", 443, {"ipv6only=off"}),
        ("listen [0:0::0]:443", "[::]", 443, set()),
        ("listen [2001:DB8::1]", "[2001:db8::1]", 80, set()),
        ("listen 192.0.2.1", "192.0.2.1", 80, set()),
        ("listen 192.0.2.1:443 default_server", "192.0.2.1", 443, {"default_server"}),
        ("root /x", "0.0.0.0", 80, set()),
        ("listen", "0.0.0.0", 80, set()),
    ],
)
def test_listen(written, address, port, options):
    found = neighbours(theirs=f"server {{ {written}; }}")
    assert found.listens == (Listen(address, port, frozenset(options), THEIRS, before_us=True),)


@pytest.mark.parametrize("written", ["unix:/run/x.sock", "443 quic reuseport", "8000-8010", "localhost:80", "[::x]:80"])
def test_listens_that_cannot_concern_us(written):
    assert neighbours(f"server {{ listen {written}; }}").listens == ()


def test_whether_a_server_is_read_before_us():
    found = neighbours("server { listen 81; }", theirs="server { listen 82; }")
    assert [(listen.port, listen.before_us) for listen in found.listens] == [(82, True), (81, False)]


def test_our_own_file_is_nobody_elses():
    ours = "map_hash_bucket_size 128; map $a $b {} server { listen [::]:443 ssl; server_name x; }"
    found = neighbours(ours=ours)
    assert (found.listens, found.names, found.hash_settings, found.map_before_us) == ((), {}, {}, False)
    assert found.we_listen == {("[::]", 443)}


def test_names_settings_maps_streams_and_the_pid_file():
    found = neighbours(
        inline="server_names_hash_max_size 1024; } stream { server { listen 443; }",
        theirs="map $x $y { } server { server_name A.example *.b.example; }",
    )
    assert found.names == {"a.example": THEIRS, "*.b.example": THEIRS}
    assert found.hash_settings == {"server_names_hash_max_size": (1024, MAIN)}
    assert found.map_before_us
    assert found.stream_ports == {443: MAIN}
    assert found.pid_file == "/run/nginx.pid"


def test_a_server_that_listens_in_several_ways_does_so_in_each():
    found = neighbours(
        theirs="server { listen 81; listen unix:/x; listen \u00b2; listen [::]:82; }"
        " server { listen 83 quic; listen 84; }"
    )
    assert [(listen.address, listen.port) for listen in found.listens] == [
        ("0.0.0.0", 81), ("[::]", 82), ("0.0.0.0", 84),
    ]  # fmt: skip


def test_where_our_file_is_not_read_all_servers_come_before_it_and_each_once():
    found = read_neighbours({MAIN: "http { server { listen 81; } map $a $b { } server { listen 82; } }"}, MAIN, OURS)
    assert [(listen.port, listen.before_us) for listen in found.listens] == [(81, True), (82, True)]
    assert (found.read_us, found.map_before_us, found.pid_file) == (False, True, "")


@pytest.mark.parametrize(
    ("theirs", "settings"),
    [
        ("map_hash_bucket_size 128;", {"map_hash_bucket_size": (128, THEIRS)}),
        ("map_hash_max_size 4096;", {"map_hash_max_size": (4096, THEIRS)}),
        ("server_names_hash_bucket_size 128;", {"server_names_hash_bucket_size": (128, THEIRS)}),
        ("types_hash_max_size 4096; variables_hash_bucket_size 64;", {}),
        ("map_hash_bucket_size;", {}),
        ("map_hash_bucket_size 1k;", {}),
        ("map_hash_bucket_size \u00b2;", {}),
    ],
)
def test_settings_of_hashes_that_are_ours_too(theirs, settings):
    assert neighbours(theirs=theirs).hash_settings == settings


def test_what_others_say_behind_us_is_no_map_before_us():
    assert not neighbours("map $a $b { }").map_before_us


def test_a_pid_file_that_is_not_named_is_not_known():
    assert read_neighbours({MAIN: "pid; http { }"}, MAIN, OURS).pid_file == ""
    assert read_neighbours({MAIN: "pid; pid /run/x.pid; http { }"}, MAIN, OURS).pid_file == "/run/x.pid"


@pytest.mark.parametrize(
    ("http", "path"),
    [
        ("include /etc/nginx/conf.d/*.conf; include /etc/nginx/sites-enabled/*;", OURS),
        ("include sites-enabled/*.conf;", OURS),
        ("include conf.d/*.conf;", "/etc/nginx/conf.d/zz-mta-sts.conf"),
    ],
)
def test_where_our_file_goes(http, path):
    assert choose_path({MAIN: f"http {{ {http} }}"}, MAIN) == path
    assert read_neighbours({MAIN: f"http {{ {http} }}"}, MAIN, path).read_us


@pytest.mark.parametrize("http", ["server { include sites-enabled/*; }", ""])
def test_a_file_that_nginx_would_not_read_has_a_name_all_the_same(http):
    path = "/etc/nginx/conf.d/zz-mta-sts.conf"
    assert choose_path({MAIN: f"http {{ {http} }}"}, MAIN) == path
    assert not read_neighbours({MAIN: f"http {{ {http} }}"}, MAIN, path).read_us


@pytest.mark.parametrize(
    ("line", "user", "group"),
    [("", "", ""), ("user nginx;", "nginx", "nginx"), ("user web keys;", "web", "keys"), ("user;", "", "")],
)
def test_whom_nginx_runs_as(line, user, group):
    found = read_neighbours({MAIN: f"{line} http {{ }}"}, MAIN, OURS)
    assert (found.user, found.group) == (user, group)


def test_the_user_may_stand_in_a_file_that_the_main_one_includes():
    files = {MAIN: "include /etc/nginx/main.d/*; http { }", "/etc/nginx/main.d/x": "user x;"}
    found = read_neighbours(files, MAIN, OURS)
    assert found.user == "x"


def test_peers_served():
    ours = (
        "upstream mta_sts_peers { server 192.0.2.1:80 max_fails=0; server [2001:db8::1]:80; server; }"
        " upstream x { server 192.0.2.9; }"
    )
    assert served_peers(ours) == ["192.0.2.1", "2001:db8::1"]
    assert served_peers("") == []


def test_certificates_read_at_start():
    ours = (
        "server { ssl_certificate /a.pem; ssl_certificate_key /a.key; ssl_certificate /live/$mta_sts_domain.pem; }"
        " server { ssl_certificate /a.pem; ssl_certificate_key; ssl_protocols TLSv1.3; }"
    )
    assert read_at_start(ours) == ["/a.pem", "/a.key"]


def test_domains_served():
    text = 'map $ssl_server_name $mta_sts_domain { default ""; mta-sts.a.test a.test; ~*^mta-sts\\.b\\.test$ b.test; }'
    assert served_domains(text) == ["a.test", "b.test"]


def test_domains_served_stand_in_a_map_with_their_names():
    assert served_domains("types { a.test b.test; } map $a $mta_sts_domain { include; hostnames; x.test a.test; }") == [
        "a.test"
    ]
    assert served_domains("") == []


def test_what_another_map_of_ours_chooses_is_no_domain():
    text = 'map $http_x_mta_sts_peer $mta_sts_where_else { "" @peers; default @nowhere; }'
    assert served_domains(text) == []


def test_where_our_file_keeps_reports():
    location = "location = /x { client_body_temp_path /srv/reports/uploads; }"
    assert report_root(f"server {{ location / {{ }} {location} }}") == "/srv/reports"
    assert report_root("server { location / { } }") == ""


@pytest.mark.parametrize(("address", "written"), [("192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "[2001:db8::1]")])
def test_brackets(address, written):
    assert bracketed(address) == bracketed(written) == written


@pytest.mark.parametrize("address", ["[2001:db8::1", "2001:db8::1]", "[]", "[", "localhost"])
def test_what_is_no_address_has_no_brackets_put_around_it(address):
    with pytest.raises(ValueError, match="is not a plain IP address"):
        bracketed(address)
