# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be seen of a real nginx from outside: all that it reads, and whether it has read it."""

from __future__ import annotations

import subprocess
import time

import pytest
from servers.ports import free_port
from servers.real_nginx import Nginx

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.nginx import (
    can_listen_on_ipv6,
    has_loaded,
    read_configuration,
)


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes files and reads the configuration, by names within the folder."""

    def read(**files):
        for name, text in files.items():
            path = tmp_path / f"{name}.conf"
            path.write_text(text)
        told = []
        texts = read_configuration(str(tmp_path / "main.conf"), told.append)
        return {path.rpartition("/")[2].partition(".")[0]: text for path, text in texts.items()}, told

    return read


def test_everything_that_is_included_is_read_once(folder):
    main = "include a.conf; http { include b*.conf; }"
    files = {"main": main, "a": "include b1.conf;", "b1": "include main.conf;", "b2": "", "c": "listen 80;"}
    texts, told = folder(**files)
    assert texts == {name: text for name, text in files.items() if name != "c"}
    assert told == []


def test_names_are_taken_from_the_folder_of_the_main_file_as_nginx_takes_them(tmp_path):
    (tmp_path / "sites").mkdir()
    (tmp_path / "main.conf").write_text("include sites/*;")
    (tmp_path / "sites/one").write_text("include two.conf;")
    (tmp_path / "two.conf").write_text("found")
    texts = read_configuration(str(tmp_path / "main.conf"), lambda _sentence: None)
    assert sorted(texts) == sorted(str(tmp_path / name) for name in ("main.conf", "sites/one", "two.conf"))


def test_what_is_not_there_is_no_part_of_it(folder, tmp_path):
    assert read_configuration(str(tmp_path / "none.conf"), lambda _sentence: None) == {}
    (tmp_path / "folder.conf").mkdir()
    assert folder(main="include gone.conf; include folder.conf;")[0] == {
        "main": "include gone.conf; include folder.conf;"
    }


def test_bytes_that_are_no_text_hide_nothing(folder, tmp_path):
    (tmp_path / "odd.conf").write_bytes(b"server_name \xff;")
    assert folder(main="include odd.conf;")[0]["odd"] == "server_name \ufffd;"


def test_a_file_that_is_larger_than_any_configuration_is_passed_over_and_told(folder, tmp_path):
    with (tmp_path / "endless.conf").open("wb") as endless:
        endless.truncate(1 << 30)
    texts, told = folder(main="include endless.conf; include good.conf;", good="here")
    assert texts == {"main": "include endless.conf; include good.conf;", "good": "here"}
    assert told == [
        f"{tmp_path}/endless.conf, which nginx includes, is passed over: {tmp_path}/endless.conf is larger than "
        "67108864 bytes: it does not belong there"
    ]


@pytest.fixture
def nginx(tmp_path):
    server = Nginx(tmp_path)
    (server.sites / "site").write_text(f"server {{ listen 127.0.0.1:{free_port()}; }}\n")
    yield server
    server.stop()


def loaded(nginx, **options):
    return has_loaded(str(nginx.sites / "site"), str(nginx.pid_file), **options)


def touch(nginx):
    """Change the file, later than the workers started by more than the kernel's clock can tell."""
    time.sleep(0.1)
    (nginx.sites / "site").touch()


def test_an_nginx_that_does_not_run_will_read_the_file_when_it_starts(nginx):
    assert loaded(nginx)
    nginx.pid_file.write_text("")
    assert loaded(nginx)
    nginx.pid_file.write_text("999999999")  # as one leaves that was killed
    assert loaded(nginx)
    nginx.pid_file.unlink()


def test_a_running_nginx_has_loaded_what_was_there_when_its_workers_started(nginx):
    nginx.start()
    assert loaded(nginx)
    touch(nginx)
    assert not loaded(nginx)
    nginx.reload()
    assert loaded(nginx, within=5)


def test_what_else_starts_on_the_machine_is_no_worker(nginx):
    nginx.start()
    touch(nginx)
    with subprocess.Popen(["sleep", "60"]) as other:
        assert not loaded(nginx)
        other.kill()


def test_a_reload_that_does_not_come_is_waited_for_no_longer_than_that(nginx):
    nginx.start()
    touch(nginx)
    began = time.monotonic()
    assert not loaded(nginx, within=0.3)
    assert 0.3 <= time.monotonic() - began < 3


def test_a_file_that_is_not_there_is_nothing_to_wait_for(nginx):
    nginx.start()
    assert has_loaded(str(nginx.root / "none"), str(nginx.pid_file))


def test_whether_there_is_ipv6_is_found_out_by_binding_it():
    with open("/proc/net/if_inet6") as interfaces:
        assert can_listen_on_ipv6() is bool(interfaces.read())
