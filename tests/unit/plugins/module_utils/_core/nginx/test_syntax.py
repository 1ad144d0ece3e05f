# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading nginx's files: tokens, blocks, includes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.syntax import (
    absolute,
    expand,
    included,
    matches,
    parse,
)


def outline(directives):
    """Names, arguments and blocks alone."""
    return [
        (directive.name, *directive.args, *([outline(directive.block)] if directive.block else []))
        for directive in directives
    ]


def test_every_directive_knows_its_line():
    text = '# first\nuser\n  www;\nhttp {\n init_by_lua_block {\n\n }\n log "a\nb";\n server {\n  listen 80;\n }\n}\n'
    user, http = parse(text, "f")
    log, server = http.block[-2:]
    assert [user.line, http.line, log.line, server.line, server.block[0].line] == [2, 4, 8, 10, 11]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", []),
        ("# only a comment; { }", []),
        ("listen 80;", [("listen", "80")]),
        ("listen 80; # why", [("listen", "80")]),
        ("server_name a b\n  c;", [("server_name", "a", "b", "c")]),
        ("""return 200 "a;b{c}" 'd "e"';""", [("return", "200", "a;b{c}", 'd "e"')]),
        (r'return 200 "a\"b";', [("return", "200", r"a\"b")]),
        ("root /www/${name}/x;", [("root", "/www/${name}/x")]),
        ("http { server { listen 80; } }", [("http", [("server", [("listen", "80")])])]),
        ('map $a $b { "~^x{2}$" 1; }', [("map", "$a", "$b", [("~^x{2}$", "1")])]),
        ("location = /x#y { }", [("location", "=", "/x#y")]),
        ('content_by_lua_block { if x then s = "}" .. "{" end } listen 80;', [("listen", "80")]),
        ("listen 80; content_by_lua_block { never ends", [("listen", "80")]),
        ("content_by_lua_block { -- a } and {\n } listen 80;", [("listen", "80")]),
        (r"""content_by_lua_block { s = 'it\'s }' .. "a \" }" } listen 80;""", [("listen", "80")]),
        ("content_by_lua_block { { } { { } } } listen 80;", [("listen", "80")]),
        ("http { init_by_lua_block { x } listen 80; } user www;", [("http", [("listen", "80")]), ("user", "www")]),
        ("set_by_lua_block $a { return 1 } listen 80;", [("listen", "80")]),
        ("{ listen 80; } user www;", [("user", "www")]),
        (";; listen 80;;", [("listen", "80")]),
        ("return 200 \"a\nb\"; return 200 'it\\'s';", [("return", "200", "a\nb"), ("return", "200", "it\\'s")]),
        ("rewrite ^/a\\;b$ /x;", [("rewrite", "^/a\\;b$", "/x")]),
        ("log \"\" '';", [("log", "", "")]),
        ("a b; } c;", [("a", "b"), ("c",)]),
        ('server { listen "unfinished', []),
    ],
)
def test_reading(text, meaning):
    assert outline(parse(text, "f")) == meaning


@given(st.text(alphabet="ab;{}\"'\\#$ \n_lu"))
def test_any_text_can_be_read(text):
    parse(text, "f")


def test_blocks_too_deep_for_nginx_are_skipped_with_what_is_in_them():
    (outermost, after) = expand({"main": "a { " * 20_000 + "x; " + "}" * 20_000 + "after;"}, "main")
    assert (outermost.name, after.name) == ("a", "after")


@pytest.mark.parametrize(("deep", "read"), [(50, True), (51, False)])
def test_blocks_are_read_to_a_depth_that_nginx_never_reaches(deep, read):
    tree = parse("a { " * deep + "include x; " + "} " * deep + "after;", "f")
    assert list(included(tree)) == (["x"] if read else [])
    assert tree[-1].name == "after"


def test_includes_are_put_in_place_in_the_order_of_nginx():
    files = {
        "/etc/nginx/nginx.conf": "user www; http { include conf.d/*.conf; include /etc/nginx/sites-enabled/*; last; }",
        "/etc/nginx/conf.d/b.conf": "b;",
        "/etc/nginx/conf.d/a.conf": "a; include snippets/s;",
        "/etc/nginx/conf.d/off": "never;",
        "/etc/nginx/snippets/s": "s;",
        "/etc/nginx/sites-enabled/.hidden": "never;",
        "/etc/nginx/sites-enabled/x": "x;",
    }
    tree = expand(files, "/etc/nginx/nginx.conf")
    assert outline(tree) == [("user", "www"), ("http", [("a",), ("s",), ("b",), ("x",), ("last",)])]
    assert [directive.file.rpartition("/")[2] for directive in tree[1].block] == [
        "a.conf", "s", "b.conf", "x", "nginx.conf",
    ]  # fmt: skip


def test_where_the_main_file_is_not_there_nothing_is_read():
    assert expand({"/e/a.conf": "a;"}, "/e/nginx.conf") == ()


def test_directives_are_those_of_the_file_they_stand_in():
    tree = parse("http { server { listen 80; } }", "/e/a.conf")
    server = tree[0].block[0]
    assert [directive.file for directive in (tree[0], server, server.block[0])] == ["/e/a.conf"] * 3


def test_a_file_that_includes_itself_ends():
    assert outline(expand({"/n": "a; include /n; b;"}, "/n")) == [("a",), ("b",)]


def test_an_include_names_one_pattern():
    assert list(included(parse("include; include a b;", "f"))) == ["a"]
    assert outline(expand({"/n": "include; include /a /b; c;", "/a": "a;", "/b": "b;"}, "/n")) == [("a",), ("c",)]


def test_includes_are_found_at_any_depth():
    tree = parse("include a; http { include b; server { include c; } }", "f")
    assert list(included(tree)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("pattern", "path", "answer"),
    [
        ("/e/sites-enabled/*", "/e/sites-enabled/zz-mta-sts.conf", True),
        ("/e/*.conf", "/e/a.conf", True),
        ("/e/*.conf", "/e/a.config", False),
        ("/e/*.conf", "/e/d/a.conf", False),
        ("/e/*/a", "/e/d/a", True),
        ("/e/?.conf", "/e/a.conf", True),
        ("/e/*", "/e/.a", False),
        ("/e/.*", "/e/.a", True),
        ("/e/a+b", "/e/aab", False),
        ("/e/?.conf", "/e/ab.conf", False),
        ("/e/?a", "/e/.a", False),
        ("/e/.?", "/e/.a", True),
        ("/e/a", "/e/a/b", False),
        ("/e/.d/a", "/e/.d/a", True),
        ("/e/[0-9]*.conf", "/e/10-a.conf", True),
        ("/e/[0-9]*.conf", "/e/a.conf", False),
        ("/e/[!a]b", "/e/cb", True),
        ("/e/[!a]b", "/e/ab", False),
        ("/e/[!a]b", "/e/.b", False),
    ],
)
def test_patterns(pattern, path, answer):
    assert matches(pattern, path) is answer


def test_relative_includes_start_at_the_main_file():
    assert absolute("conf.d/*", "/etc/nginx/nginx.conf") == "/etc/nginx/conf.d/*"


def test_the_other_spelling_of_a_negation():
    assert absolute("/e/[^a]b", "/etc/nginx/nginx.conf") == "/e/[!a]b"
    assert absolute("/x/*", "/etc/nginx/nginx.conf") == "/x/*"
