# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nginx_syntax and nginx_host: files of others are read, however broken they are."""

from __future__ import annotations

from harness import check_time, fuzz, literals, load

nginx_syntax = load("_core.nginx.syntax")
nginx_host = load("_core.nginx.installation")
nginx_answering = load("_core.nginx.answering")
MAIN, OURS = "/etc/nginx/nginx.conf", "/etc/nginx/sites-enabled/zz-mta-sts.conf"


def read(data: bytes) -> None:
    """Read a main file, which may include itself and a second one that says the same."""
    text = data.decode("utf-8", "replace")
    files = {MAIN: text, "/etc/nginx/sites-enabled/a": text}
    nginx_syntax.expand(files, MAIN)
    nginx_host.read_neighbours(files, MAIN, OURS)
    nginx_host.choose_path(files, MAIN)
    nginx_host.served_domains(text)
    nginx_answering.others_answering(["mta-sts.a.example"], {**files, OURS: text}, MAIN, OURS)


def try_one(data: bytes) -> None:
    """Read configuration files."""
    read(data)
    check_time(data, read)


if __name__ == "__main__":
    fuzz(try_one, [*literals("_core/nginx/test_syntax.py"), *literals("_core/nginx/test_installation.py")])
