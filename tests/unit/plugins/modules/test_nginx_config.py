# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nginx_config with a real nginx: check, real, again; a refusal leaves everything as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from servers.ports import free_port
from servers.real_nginx import Nginx

GOOD = (
    'map $ssl_server_name $mta_sts_domain {{\n    default "";\n    mta-sts.a.example a.example;\n}}\n'
    "server {{ listen {port}; }}\n"
)


@pytest.fixture
def nginx(tmp_path):
    server = Nginx(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def good():
    return GOOD.format(port=free_port())


def run(nginx, *, check=False, diff=True, **options):
    """Run the module as Ansible does, in a process of its own."""
    given = {
        "path": str(nginx.sites / "zz-mta-sts.conf"),
        "test_command": nginx.test_command,
        "pid_file": str(nginx.pid_file),
        "_ansible_check_mode": check,
        "_ansible_diff": diff,
        **options,
    }
    arguments = nginx.root / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}))
    module = "ansible_collections.postmaster.mta_sts.plugins.modules.nginx_config"
    done = subprocess.run(
        [sys.executable, "-m", module, str(arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return json.loads(done.stdout)


def files(nginx):
    return {path.name: (path.read_text(), path.stat().st_mode & 0o777) for path in nginx.sites.iterdir()}


def test_check_real_again(nginx, good):
    planned = run(nginx, check=True, content=good)
    assert files(nginx) == {}
    done = run(nginx, content=good)
    assert files(nginx) == {"zz-mta-sts.conf": (good, 0o644)}
    assert (planned["changed"], planned["reload"]) == (done["changed"], done["reload"]) == (True, True)
    assert planned["diff"] == done["diff"]
    assert done["diff"]["after"] == good
    assert done["domains"] == [{"domain": "a.example", "policy_host": "mta-sts.a.example"}]
    again = run(nginx, content=good)
    assert (again["changed"], again["reload"]) == (False, False)


def test_removal(nginx, good):
    run(nginx, content=good)
    planned = run(nginx, check=True, state="absent")
    assert "zz-mta-sts.conf" in files(nginx)
    done = run(nginx, state="absent")
    assert files(nginx) == {}
    assert planned["changed"]
    assert done["changed"]
    assert planned["diff"] == done["diff"]
    assert done["domains"] == []
    assert not run(nginx, state="absent")["changed"]


def test_a_refused_new_file_is_gone_again(nginx):
    done = run(nginx, content="server { listen 1; nonsense; }\n")
    path = nginx.sites / "zz-mta-sts.conf"
    assert done["msg"] == (
        f'nginx refuses the new {path}: unknown directive "nonsense" in {path}:1. The file is as it was, and the '
        "running nginx was not touched. Remedy: Change what this names: a variable of the role, or the other file."
    )
    assert files(nginx) == {}


def test_a_refused_change_is_taken_back_to_the_byte_and_the_mode(nginx, good):
    path = nginx.sites / "zz-mta-sts.conf"
    path.write_text(good)
    path.chmod(0o640)
    assert run(nginx, content="nonsense;\n")["failed"]
    assert files(nginx) == {"zz-mta-sts.conf": (good, 0o640)}


def test_a_configuration_that_is_broken_already_is_told_apart(nginx, good):
    (nginx.sites / "theirs").write_text("oops;\n")
    done = run(nginx, content=good)
    assert done["msg"] == (
        f'nginx\'s configuration is broken already, without our change: unknown directive "oops" in '
        f"{nginx.sites}/theirs:1. {nginx.sites}/zz-mta-sts.conf is as it was. "
        "Remedy: Fix that first, then run again."
    )
    assert list(files(nginx)) == ["theirs"]


def test_our_new_file_may_mend_a_configuration_that_our_old_one_broke(nginx, good):
    (nginx.sites / "zz-mta-sts.conf").write_text("nonsense;\n")
    assert run(nginx, content=good)["changed"]
    assert files(nginx) == {"zz-mta-sts.conf": (good, 0o644)}


def test_a_file_that_the_running_nginx_has_not_read_yet_asks_for_a_reload(nginx, good):
    """So does the next run after one that was cut off between the file and the reload."""
    nginx.start()
    time.sleep(0.1)
    assert run(nginx, content=good)["changed"]
    assert run(nginx, content=good, check=True)["reload"]
    assert run(nginx, content=good)["reload"]
    time.sleep(0.1)
    nginx.reload()
    assert not run(nginx, content=good)["reload"]


def test_a_certificate_read_at_start_that_was_renewed_asks_for_a_reload(nginx, good):
    certificate, missing = nginx.root / "all.pem", nginx.root / "missing.pem"
    options = {"content": good, "fixed_paths": [str(certificate), str(missing)]}
    certificate.touch()
    run(nginx, **options)
    nginx.start()
    assert not run(nginx, **options)["reload"]
    time.sleep(0.1)
    certificate.write_text("renewed")
    assert run(nginx, check=True, **options)["reload"]
    time.sleep(0.1)
    nginx.reload()
    assert not run(nginx, **options)["reload"]


def test_a_wrong_mode_is_corrected(nginx, good):
    run(nginx, content=good)
    os.chmod(nginx.sites / "zz-mta-sts.conf", 0o600)
    assert run(nginx, content=good)["changed"]
    assert files(nginx)["zz-mta-sts.conf"] == (good, 0o644)


def test_a_symbolic_link_is_not_replaced(nginx, good):
    path = nginx.sites / "zz-mta-sts.conf"
    path.symlink_to("/dev/null")
    assert run(nginx, content=good)["msg"] == (f"{path} is a symbolic link. Remedy: Remove it, or name another file.")


def test_without_nginx_check_mode_works_and_the_real_run_says_what_is_missing(nginx, good):
    assert run(nginx, check=True, content=good, test_command=["no-such-nginx", "-t"])["changed"]
    done = run(nginx, content=good, test_command=["no-such-nginx", "-t"])
    assert done["msg"] == "nginx is not installed. Remedy: Install it before its files."
    assert files(nginx) == {}
    assert not run(nginx, state="absent", test_command=["no-such-nginx", "-t"])["changed"]


def test_a_reload_that_nginx_did_not_take_is_told(nginx, good):
    site = nginx.sites / "zz-mta-sts.conf"
    site.write_text(good)
    nginx.start()
    taken = run(nginx, wait_loaded=1)
    assert (taken["changed"], [entry["domain"] for entry in taken["domains"]]) == (False, ["a.example"])
    site.touch()
    assert run(nginx, wait_loaded=1)["msg"] == (
        "nginx was told to reload and still runs with its former configuration. Remedy: See its error log; perhaps "
        "another program holds port 443 or 80, then name free addresses in sts_vhost_addresses, "
        "or leave port 80 to it with sts_vhost_port_80."
    )
    nginx.reload()
    assert "msg" not in run(nginx, wait_loaded=5)
    assert site.read_text() == good


def test_a_file_that_is_gone_need_not_be_taken(nginx):
    assert not run(nginx, wait_loaded=1)["changed"]
