# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What our nginx file says, for every nginx and beside any neighbours."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
import yaml

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.config import (
    VhostOptions,
    check,
    check_neighbours,
    file_of,
    find_faults,
    values,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.installation import (
    Build,
    Listen,
    Neighbours,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.reports import ReportOptions

ROLE_DEFAULTS = Path(__file__).resolve().parents[6] / "roles/sts_vhost/defaults/main.yml"
PAIR = {"certificate": "/live/{host}.pem", "key": "/keys/{domain}/key.pem"}
LONG = "x" * 80 + ".example"
THEIRS = "/etc/nginx/conf.d/theirs.conf"


def options(*domains, **others):
    return VhostOptions(domains=domains or ("a.example",), certificates=[PAIR], **others)


def listen(address, port, *options, before_us=True):
    return Listen(address, port, frozenset(options), THEIRS, before_us)


def filled(*domains, build=None, others=None, ipv6=True, **wished):
    return values(options(*domains, **wished), build or Build(), others or Neighbours(), ipv6=ipv6)


def objections(*domains, others, ipv6=True, **wished):
    return [str(finding) for finding in check_neighbours(options(*domains, **wished), others, ipv6=ipv6)]


def test_a_host_of_our_own():
    assert filled("a.example", "b.example") == {
        "http_lines": [],
        "map": [
            {"key": "mta-sts.a.example", "domain": "a.example"},
            {"key": "mta-sts.b.example", "domain": "b.example"},
        ],
        "names": ["mta-sts.a.example", "mta-sts.b.example"],
        "tls_names": ["mta-sts.a.example", "mta-sts.b.example"],
        "tls_listens": ["0.0.0.0:443 ssl", "[::]:443 ssl"],
        "plain_listens": ["0.0.0.0:80", "[::]:80"],
        "reject_lines": ["ssl_reject_handshake on;"],
        "tls_lines": ["ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;", "http2 on;"],
        "certificates": [
            {"certificate": "/live/mta-sts.${mta_sts_domain}.pem", "key": "/keys/${mta_sts_domain}/key.pem"}
        ],
        "elsewhere": "404",
        "log_lines": [],
        "peers": [],
        "reports": {},
    }


PLAIN_CURVES = "ssl_ecdh_curve X25519:prime256v1:secp384r1;"
NEW_CURVES = "ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;"
NO_TICKETS = "ssl_session_tickets off;"
REJECT = ["ssl_reject_handshake on;"]
NOWHERE = [
    "ssl_certificate /nonexistent/${mta_sts_domain};",
    "ssl_certificate_key /nonexistent/${mta_sts_domain};",
]


@pytest.mark.parametrize(
    ("version", "openssl", "tls_listen", "reject", "tls_lines"),
    [
        ((1, 18, 0), (1, 1, 1), "ssl http2", NOWHERE, [PLAIN_CURVES, NO_TICKETS]),
        ((1, 19, 3), (1, 1, 1), "ssl http2", NOWHERE, [PLAIN_CURVES, NO_TICKETS]),
        ((1, 19, 4), (1, 1, 1), "ssl http2", REJECT, [PLAIN_CURVES, NO_TICKETS]),
        ((1, 22, 1), (3, 0, 15), "ssl http2", REJECT, [PLAIN_CURVES, NO_TICKETS]),
        ((1, 23, 1), (3, 0, 15), "ssl http2", REJECT, [PLAIN_CURVES, NO_TICKETS]),
        ((1, 23, 2), (3, 0, 15), "ssl http2", REJECT, [PLAIN_CURVES]),
        ((1, 25, 0), (3, 0, 15), "ssl http2", REJECT, [PLAIN_CURVES]),
        ((1, 25, 1), (3, 4, 9), "ssl", REJECT, [PLAIN_CURVES, "http2 on;"]),
        ((1, 28, 0), (3, 5, 0), "ssl", REJECT, [NEW_CURVES, "http2 on;"]),
    ],
)
def test_every_nginx_gets_what_it_understands(version, openssl, tls_listen, reject, tls_lines):
    lines = filled(build=Build(version=version, openssl=openssl))
    assert lines["tls_listens"][0] == f"0.0.0.0:443 {tls_listen}"
    assert (lines["reject_lines"], lines["tls_lines"]) == (reject, tls_lines)


def test_an_nginx_without_http2():
    lines = filled(build=Build(version=(1, 22, 0), http2=False))
    assert lines["tls_listens"] == ["0.0.0.0:443 ssl", "[::]:443 ssl"]
    assert "http2 on;" not in filled(build=Build(http2=False))["tls_lines"]


@pytest.mark.parametrize(
    ("options", "ours"), [(["ssl"], "0.0.0.0:443 ssl"), (["ssl", "http2"], "0.0.0.0:443 ssl http2")]
)
def test_an_old_nginx_does_not_give_http2_to_others_that_have_none(options, ours):
    others = Neighbours(listens=(listen("0.0.0.0", 443, *options),))
    assert filled(build=Build(version=(1, 22, 0)), others=others)["tls_listens"] == [ours, "[::]:443 ssl http2"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ([], ["0.0.0.0", "[::]"]),
        ([("0.0.0.0", "ssl")], ["0.0.0.0", "[::]"]),
        ([("192.0.2.1", "ssl")], ["192.0.2.1", "[::]"]),
        ([("192.0.2.1", "ssl"), ("0.0.0.0", "ssl")], ["0.0.0.0", "192.0.2.1", "[::]"]),
        ([("[2001:db8::1]", "ssl")], ["0.0.0.0", "[2001:db8::1]"]),
        ([("[::]", "ipv6only=off")], ["[::]"]),
        ([("127.0.0.1", "ssl"), ("0.0.0.0", "ssl")], ["0.0.0.0", "[::]"]),
    ],
)
def test_where_we_listen_beside_others(theirs, ours):
    others = Neighbours(listens=tuple(listen(address, 443, option) for address, option in theirs))
    assert filled(others=others)["tls_listens"] == [f"{address}:443 ssl" for address in ours]
    assert filled(others=others)["plain_listens"] == ["0.0.0.0:80", "[::]:80"]


def test_we_keep_an_address_that_our_file_holds():
    """From all addresses to one nginx cannot go by a reload either."""
    others = Neighbours(listens=(listen("192.0.2.1", 443),), we_listen=frozenset({("0.0.0.0", 443)}))
    assert filled(others=others)["tls_listens"] == ["0.0.0.0:443 ssl", "192.0.2.1:443 ssl", "[::]:443 ssl"]


def test_an_address_that_others_take_with_theirs_is_given_up():
    others = Neighbours(listens=(listen("[::]", 443, "ipv6only=off"),), we_listen=frozenset({("0.0.0.0", 443)}))
    assert filled(others=others)["tls_listens"] == ["[::]:443 ssl"]


def test_a_host_without_ipv6():
    assert filled(ipv6=False)["tls_listens"] == ["0.0.0.0:443 ssl"]
    assert filled(ipv6=False)["plain_listens"] == ["0.0.0.0:80"]


def test_addresses_wished_for():
    lines = filled(addresses=["192.0.2.1", "2001:DB8::1", "[2001:db8::1]"])
    assert lines["tls_listens"] == ["192.0.2.1:443 ssl", "[2001:db8::1]:443 ssl"]
    assert lines["plain_listens"] == ["192.0.2.1:80", "[2001:db8::1]:80"]


def test_peers_redirect_and_log():
    lines = filled(peers=["192.0.2.1", "2001:db8::1"], redirect_url="https://x.example/?a=b", access_log="off")
    assert lines["peers"] == ["192.0.2.1:80", "[2001:db8::1]:80"]
    assert lines["elsewhere"] == '301 "https://x.example/?a=b"'
    assert lines["log_lines"] == ["access_log off;"]


@pytest.mark.parametrize(
    ("length", "bucket"), [(46, None), (47, 128), (110, 128), (111, 256), (238, 256), (239, 512), (253, 512)]
)
def test_buckets_grow_with_the_longest_name(length, bucket):
    domain = "x" * (length - len("mta-sts."))
    lines = [f"server_names_hash_bucket_size {bucket};", f"map_hash_bucket_size {bucket};"] if bucket else []
    assert filled(domain)["http_lines"] == lines


def test_hashes_grow_with_the_number_of_names():
    few = [f"{number}.example" for number in range(32)]
    assert filled(*few)["http_lines"] == []
    many = [f"{number}.example" for number in range(10000)]
    assert filled(*many)["http_lines"] == [
        "server_names_hash_bucket_size 256;",
        "server_names_hash_max_size 32768;",
        "map_hash_bucket_size 256;",
        "map_hash_max_size 32768;",
    ]


@pytest.mark.parametrize(("length", "bucket"), [(30, 256), (31, 512)])
def test_of_many_names_a_bucket_holds_six(length, bucket):
    many = ["x" * (length - len("mta-sts.") - 2) + f"{number:02}" for number in range(33)]
    assert filled(*many)["http_lines"] == [
        f"server_names_hash_bucket_size {bucket};",
        f"map_hash_bucket_size {bucket};",
    ]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (256, []),
        (257, ["server_names_hash_max_size 1024;"]),
        (1024, ["server_names_hash_max_size 2048;"]),
        (1025, ["server_names_hash_max_size 4096;", "map_hash_max_size 4096;"]),
    ],
)
def test_hashes_are_twice_as_large_as_there_are_names(count, sizes):
    lines = filled(*(f"{number}.example" for number in range(count)))["http_lines"]
    assert [line for line in lines if "max_size" in line] == sizes


def test_the_names_of_others_need_room_too():
    others = Neighbours(names={f"{number}.example": THEIRS for number in range(256)})
    assert filled(others=others)["http_lines"] == [
        "server_names_hash_bucket_size 256;",
        "server_names_hash_max_size 1024;",
    ]


def test_what_others_have_set_is_not_set_again():
    others = Neighbours(hash_settings={"server_names_hash_bucket_size": (512, THEIRS)})
    assert filled(LONG, others=others)["http_lines"] == ["map_hash_bucket_size 128;"]


@pytest.mark.parametrize(
    "others", [Neighbours(map_before_us=True), Neighbours(hash_settings={"map_hash_bucket_size": (64, THEIRS)})]
)
def test_where_the_hash_of_maps_is_fixed_a_long_name_is_a_regular_expression(others):
    lines = filled("a.example", LONG, others=others)
    assert lines["map"][0]["key"] == "mta-sts.a.example"
    assert lines["map"][1] == {"key": rf"~*^mta-sts\.{'x' * 80}\.example$", "domain": LONG}
    assert lines["http_lines"] == ["server_names_hash_bucket_size 128;"]


@pytest.mark.parametrize(
    ("length", "size", "is_plain"), [(46, 64, True), (47, 64, False), (110, 100, True), (111, 128, False)]
)
def test_a_name_is_plain_in_the_map_where_it_fits_into_the_bucket_that_others_have_set(length, size, is_plain):
    host = "mta-sts." + "x" * (length - len("mta-sts."))
    others = Neighbours(hash_settings={"map_hash_bucket_size": (size, THEIRS)})
    (entry,) = filled(host[len("mta-sts.") :], others=others)["map"]
    assert (entry["key"] == host) is is_plain


@pytest.mark.parametrize(("others", "is_plain"), [(Neighbours(), True), (Neighbours(map_before_us=True), False)])
def test_a_long_name_is_plain_in_the_map_where_we_may_make_its_hash_large_enough(others, is_plain):
    (entry,) = filled(LONG, others=others)["map"]
    assert (entry["key"] == f"mta-sts.{LONG}") is is_plain


def test_the_size_of_maps_that_others_have_set_is_not_set_again():
    many = [f"{number}.example" for number in range(1025)]
    others = Neighbours(hash_settings={f"{kind}_hash_max_size": (4096, THEIRS) for kind in ("map", "server_names")})
    assert [line for line in filled(*many, others=others)["http_lines"] if "max_size" in line] == []


def test_a_list_without_domains_needs_no_room():
    nobody = VhostOptions(domains=[], certificates=[PAIR])
    others = Neighbours(hash_settings={"server_names_hash_bucket_size": (32, THEIRS)})
    assert values(nobody, Build(), others, ipv6=True)["http_lines"] == []
    assert (check(nobody), check_neighbours(nobody, others, ipv6=True)) == ([], [])


@pytest.mark.parametrize("others", [
    Neighbours(),
    Neighbours(listens=(listen("127.0.0.1", 80),), we_listen=frozenset({("0.0.0.0", 80)})),
    Neighbours(listens=(listen("192.0.2.1", 80, before_us=False), listen("192.0.2.1", 80, "default_server"))),
    Neighbours(listens=(listen("192.0.2.1", 8080, before_us=False),), stream_ports={25: THEIRS}),
    Neighbours(names={"www.example.com": THEIRS}),
    Neighbours(listens=(listen("0.0.0.0", 443, "default_server", before_us=False), listen("[::]", 443))),
    Neighbours(hash_settings={"server_names_hash_bucket_size": (100, THEIRS)}),
    Neighbours(hash_settings={"server_names_hash_bucket_size": (65, THEIRS)}),  # nginx makes it 128
])  # fmt: skip
def test_no_objections(others):
    assert objections(LONG, others=others) == []


@pytest.mark.parametrize(
    ("others", "objection"),
    [
        (
            Neighbours(our_file="/x/y.conf", read_us=False),
            "config_path: nginx would not read /x/y.conf: nothing in its http block includes it. "
            "Remedy: Include its folder there, or name a file that is included in sts_vhost_config_path.",
        ),
        (
            Neighbours(stream_ports={443: THEIRS}),
            f"addresses: {THEIRS} gives port 443 to a stream server. "
            "Remedy: Name the addresses to listen on in sts_vhost_addresses.",
        ),
        (
            Neighbours(listens=(listen("[::1]", 80),)),
            f"addresses: {THEIRS} listens on [::1]:80, and nginx cannot add all others with a reload. "
            "Remedy: Name the addresses to listen on in sts_vhost_addresses.",
        ),
        (
            Neighbours(stream_ports={80: THEIRS}),
            f"addresses: {THEIRS} gives port 80 to a stream server. "
            "Remedy: Name the addresses to listen on in sts_vhost_addresses.",
        ),
        (
            Neighbours(listens=(listen("127.0.0.1", 443), listen("127.0.0.2", 443))),
            f"addresses: {THEIRS} listens on 127.0.0.1:443, and nginx cannot add all others with a reload. "
            "Remedy: Name the addresses to listen on in sts_vhost_addresses.",
        ),
        (
            Neighbours(listens=(listen("192.0.2.1", 443, "ssl", before_us=False),)),
            f"config_path: our file would take the place of {THEIRS} as default server of 192.0.2.1:443. "
            "Remedy: Write default_server into the listen line there, or set sts_vhost_config_path to one read later.",
        ),
        (
            Neighbours(hash_settings={"server_names_hash_bucket_size": (64, THEIRS)}),
            f"server_names_hash_bucket_size: {THEIRS} sets server_names_hash_bucket_size to 64, too small for "
            f"mta-sts.{LONG} (96 characters). Remedy: Set it to 128 there.",
        ),
        (
            Neighbours(names={f"mta-sts.{LONG}": THEIRS}),
            f"{LONG}: domain: mta-sts.{LONG} is a server_name in {THEIRS} too, and nginx takes the one it reads first. "
            "Remedy: Leave it there until the end of the run says that ours is ready.",
        ),
    ],
)
def test_objections_name_the_file_and_the_remedy(others, objection):
    assert objections(LONG, others=others) == [objection]


def test_on_a_host_without_ipv6_nobody_minds_who_listens_there():
    assert objections(others=Neighbours(listens=(listen("[::1]", 80),)), ipv6=False) == []


@pytest.mark.parametrize(
    "others", [Neighbours(stream_ports={443: THEIRS}), Neighbours(listens=(listen("127.0.0.1", 80),))]
)
def test_addresses_wished_for_overrule_the_choice(others):
    assert objections(others=others, addresses=["192.0.2.1"]) == []


@pytest.mark.parametrize(
    "others",
    [
        Neighbours(stream_ports={80: THEIRS}),
        Neighbours(listens=(listen("[::1]", 80),)),
        Neighbours(listens=(listen("192.0.2.1", 80, before_us=False),)),
    ],
)
def test_without_port_80_it_is_nobodys_business_who_has_it(others):
    assert len(objections(others=others)) == 1
    assert objections(others=others, port_80=False) == []
    lines = filled(others=others, port_80=False, peers=["192.0.2.1"])
    assert lines["tls_listens"] == ["0.0.0.0:443 ssl", "[::]:443 ssl"]
    assert (lines["plain_listens"], lines["peers"]) == ([], [])


@pytest.mark.parametrize("option", ["policy_root", "challenge_root", "redirect_url", "access_log", "port_80"])
def test_what_is_left_out_is_as_the_role_has_it(option):
    default = yaml.safe_load(ROLE_DEFAULTS.read_text(encoding="utf-8"))[f"sts_vhost_{option}"]
    rendered = jinja2.Template(default).render() if isinstance(default, str) else default
    assert getattr(VhostOptions(domains=["a.example"]), option) == rendered


def test_nothing_wrong_with_usual_options():
    wished = options(redirect_url="https://www.example.com$request_uri", peers=["::1", "192.0.2.1"], access_log="off")
    assert check(wished) == []


def test_every_wish_that_cannot_be_written_is_named_at_once():
    wished = VhostOptions(
        domains=["a.example"],
        certificates=[{"certificate": "live/{host}.pem", "key": "/live/{hots}.pem"}, {"chain": "/x"}],
        policy_root="/var/www;",
        challenge_root="relative",
        redirect_url='https://x.example/"',
        access_log="/var/log/$x",
        addresses=["192.0.2"],
        peers=["policy.example"],
    )
    path = "is not a path that can be written into nginx's configuration. " \
        "Remedy: Write an absolute path of letters, digits and / _ . @ % + = : , ~ -."  # fmt: skip
    assert [str(finding) for finding in check(wished)] == [
        f'policy_root: "/var/www;" {path}',
        f'challenge_root: "relative" {path}',
        f'access_log: "/var/log/$x" {path}',
        f'certificates: "live/{{host}}.pem" {path}',
        f'certificates: "/live/{{hots}}.pem" {path}',
        "certificates: an entry has the keys chain. Remedy: Give each entry exactly certificate and key.",
        'redirect_url: "https://x.example/"" is not a URL that can be written into nginx\'s configuration. '
        "Remedy: Write an http or https URL without spaces, quotes and backslashes.",
        'addresses: "192.0.2" is not an IP address. Remedy: Write an IPv4 or IPv6 address.',
        'peers: "policy.example" is not an IP address. Remedy: Write an IPv4 or IPv6 address.',
    ]


@pytest.mark.parametrize(
    ("wish", "hostile"),
    [
        ("addresses", "2001:db8::1%x]:80;}server{"),
        ("peers", "2001:db8::1%x]:80;}server{"),
        ("peers", "192.0.2.1\n"),
        ("peers", "[[2001:db8::1]]"),
        ("domains", "a.example;}server{"),
        ("domains", "a.example\n"),
        ("domains", "../a.example"),
        ("domains", "$host"),
        ("redirect_url", "https://x.example/\x00"),
        ("redirect_url", "https://x.example/\x1b[2J"),
        ("redirect_url", "https://x.example/\u2028"),
    ],
    ids=ascii,
)
def test_what_would_be_more_than_a_word_in_the_file_is_refused(wish, hostile):
    given = {"domains": ["a.example"], "certificates": [PAIR], wish: hostile if wish == "redirect_url" else [hostile]}
    (finding,) = check(VhostOptions(**given))
    assert (finding.severity, finding.field) == ("error", wish)
    assert str(finding).isprintable()


@pytest.mark.parametrize(
    ("entry", "keys"), [({}, "none"), ({"key": "/k", "certificate": "/c", "chain": "/x"}, "certificate, chain, key")]
)
def test_an_entry_of_certificates_is_told_what_it_has(entry, keys):
    assert [str(finding) for finding in check(VhostOptions(domains=["a.example"], certificates=[entry]))] == [
        f"certificates: an entry has the keys {keys}. Remedy: Give each entry exactly certificate and key."
    ]


def test_what_is_no_name_in_our_file_as_it_is_on_the_host_is_told():
    assert [str(finding) for finding in check(options("a.example", "$host"))] == [
        'domains: "$host" is not a name that can be written into nginx\'s configuration. '
        "Remedy: Remove the line from our file there, or remove the file."
    ]


def test_no_certificate_at_all():
    assert [str(finding) for finding in check(VhostOptions(domains=["a.example"]))] == [
        "certificates: no certificate is named. Remedy: Name at least one pair of certificate and key."
    ]


def test_port_443_of_a_name_that_is_held_is_left_to_others():
    found = filled("a.example", "b.example", held=["a.example"])
    assert found["names"] == ["mta-sts.a.example", "mta-sts.b.example"]
    assert found["tls_names"] == ["mta-sts.b.example"]
    assert [entry["domain"] for entry in found["map"]] == ["b.example"]


def on_our_ports(programs, **wished):
    return [str(finding) for finding in find_faults(options(**wished), Neighbours(), ipv6=True, programs=programs)]


def test_another_web_server_on_our_ports_is_named_and_what_to_do():
    tls, plain = on_our_ports({443: {"apache2"}, 80: {"haproxy", "caddy"}})
    assert tls == (
        "addresses: apache2 listens on port 443 of this host, so nginx cannot. Remedy: Keep it, with mta_sts_vhost: "
        "false and /var/www/mta-sts/<domain> as its document root, or stop it and run again (see docs/adopting.md), or "
        "name addresses that are free in sts_vhost_addresses."
    )
    assert plain.startswith(
        "addresses: caddy and haproxy listen on port 80 of this host, so nginx cannot. Remedy: Leave it"
    )


def test_nginx_itself_is_no_other_web_server():
    assert (
        on_our_ports({443: {"nginx"}, 80: {"nginx"}}) == on_our_ports({}) == on_our_ports({443: {""}, 80: {""}}) == []
    )


def test_who_shares_a_port_with_nginx_on_addresses_of_its_own_is_in_nobody_s_way():
    assert on_our_ports({443: {"nginx", "openvpn"}}) == []


def test_beside_another_web_server_on_ports_we_leave_to_it_or_addresses_we_are_told():
    assert on_our_ports({80: {"apache2"}}, port_80=False) == []
    assert on_our_ports({443: {"apache2"}}, addresses=["192.0.2.1"]) == []


def test_the_files_of_one_domain():
    assert file_of("/live/{host}/{domain}.pem", "a.example") == "/live/mta-sts.a.example/a.example.pem"


NAMED = ReportOptions(name="Reports.Example.net", certificates=[{"certificate": "/live/{host}.pem", "key": "/all.key"}])


def test_reports_are_taken_at_the_names_of_the_policy_hosts():
    lines = filled("a.example", reports=ReportOptions())
    assert (lines["names"], lines["reports"]["name"]) == (["mta-sts.a.example"], "")
    assert lines["reports"]["certificates"] == []


def test_reports_have_a_name_of_their_own_with_its_certificate():
    lines = filled("a.example", reports=NAMED)
    assert lines["names"] == ["mta-sts.a.example", "reports.example.net"]
    assert lines["tls_names"] == ["mta-sts.a.example"]
    assert (lines["reports"]["key"], lines["reports"]["name"]) == ("reports.example.net", "reports.example.net")
    assert lines["reports"]["certificates"] == [{"certificate": "/live/${mta_sts_reports_name}.pem", "key": "/all.key"}]


def test_a_certificate_of_reports_at_a_fixed_path_is_read_when_nginx_starts():
    assert options(reports=NAMED).fixed_paths == ["/all.key"]
    assert options(reports=ReportOptions(certificates=NAMED.certificates)).fixed_paths == []
    assert VhostOptions(domains=[], certificates=[PAIR], reports=NAMED).fixed_paths == []


def test_a_long_name_of_reports_makes_the_hash_larger():
    long = ".".join(["r" * 60] * 2) + ".net"
    lines = filled("a.example", reports=ReportOptions(name=long))
    assert lines["http_lines"] == ["server_names_hash_bucket_size 256;", "map_hash_bucket_size 256;"]
    others = Neighbours(hash_settings={"map_hash_bucket_size": (64, THEIRS)})
    assert filled("a.example", others=others, reports=ReportOptions(name=long))["reports"]["key"] == "~*^{}$".format(
        long.replace(".", r"\.")
    )


def test_a_name_of_reports_that_others_serve_or_cannot_be_served_beside_them():
    others = Neighbours(names={"reports.example.net": THEIRS})
    assert objections(others=others, reports=NAMED) == [
        f"reports.name: reports.example.net is a server_name in {THEIRS} too, and nginx takes the one it reads first. "
        "Remedy: Remove it there, or choose another name."
    ]
    long = Neighbours(hash_settings={"server_names_hash_bucket_size": (64, THEIRS)})
    (objection,) = objections(others=long, reports=ReportOptions(name=".".join(["r" * 60] * 2) + ".net"))
    assert "Set it to 256 there" in objection


@pytest.mark.parametrize(
    ("reports", "refused"),
    [
        (ReportOptions(root="here"), 'reports.root: "here" is not a path'),
        (ReportOptions(name="x.example"), "reports.certificates: no certificate is named"),
        (
            ReportOptions(name="x.example", certificates=[{"certificate": "/{domain}.pem", "key": "/k.pem"}]),
            'reports.certificates: "/{domain}.pem" is not a path',
        ),
        (
            ReportOptions(name="mta-sts.a.example", certificates=[PAIR]),
            "reports.name: mta-sts.a.example is a policy host",
        ),
    ],
)
def test_reports_that_cannot_be_taken(reports, refused):
    found = [str(finding) for finding in check(options(reports=reports))]
    assert refused in found[0]
