# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The settings of the program that renews, in a folder of a test."""

from __future__ import annotations

import json

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.settings import read_settings


def write_settings(root, names=("mta-sts.a.example",), **more):
    """Write what the role writes, and return it as the program reads it."""
    for folder in ("etc", "live", "tokens", "certs"):
        (root / folder).mkdir(exist_ok=True)
    given = {
        "store": str(root / "certs"),
        "state_root": str(root),
        "live_root": str(root / "live"),
        "challenge": "http-01",
        "challenge_root": str(root / "tokens"),
        "ca": "http://127.0.0.1:1/dir",
        "ca_file": "",
        "key_types": ["rsa2048", "p256"],
        "limits": {},
        "hosts": 1,
        "rank": 0,
    }
    (root / "etc/renew.json").write_text(json.dumps({**given, **more}))
    (root / "etc/domains.txt").write_text("".join(f"{name}\n" for name in names))
    return read_settings(root / "etc")


def write_program(path, lines):
    """Write a shell script that plays a program."""
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
