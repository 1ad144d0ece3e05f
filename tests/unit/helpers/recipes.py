# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the tasks for DNS providers by Ansible, with modules that write down what they are asked and do nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

PROVIDERS = Path(__file__).resolve().parents[3] / "docs/dns-providers"
RECIPES = sorted(PROVIDERS.glob("*.yml"))
SPEAKING = {"ansible.builtin.debug", "ansible.builtin.fail"}
KEY = "the key of PowerDNS"
NEW, OLD, SPF = "v=STSv1; id=2;", "v=STSv1; id=1;", "v=spf1 -all"
LONG = "v=TLSRPTv1; rua=" + ",".join(f"mailto:tlsrpt{number}@a.example" for number in range(20))
QUOTED = 'what "somebody" \\ else says'


def record(name, value, values, remove=(), zone="a.example", published=False):
    return {
        "domain": "a.example", "name": name, "zone": zone, "value": value, "values": values, "remove": list(remove),
        "published": published,
    }  # fmt: skip


RECORD = record("_mta-sts.a.example", NEW, [NEW], [OLD])
RECORDS = [
    RECORD,
    record("_smtp._tls.a.example", LONG, [SPF, QUOTED, LONG]),
    record("a.example", None, [SPF], [OLD]),
    record("gone.a.example", None, [], [OLD]),
    record("there.a.example", NEW, [NEW], published=True),
]
# In quotation marks, in strings of at most 255 characters
TXT_LONG = f'"{LONG[:255]}" "{LONG[255:510]}" "{LONG[510:]}"'
TXT = {text: f'"{text}"' for text in (NEW, OLD, SPF)} | {LONG: TXT_LONG, QUOTED: r'"what \"somebody\" \\ else says"'}

# Stands in for a module: writes down its options, and answers as Route 53 would about a name that is left
STAND_IN = """#!/usr/bin/python
# WANT_JSON
import json, sys
options = {key: value for key, value in json.load(open(sys.argv[1])).items() if not key.startswith("_ansible")}
open(ASKED, "a").write(json.dumps([NAME, options]) + chr(10))
if REFUSED and REFUSED in json.dumps(options):
    print(json.dumps({"failed": True, "msg": "refused by the provider"}))
    sys.exit(1)
found = LEFT if options.get("state") == "get" else {}
print(json.dumps({"changed": True, "set": found}))
"""


def tasks(recipe):
    """The tasks that speak to the provider, those in blocks too."""
    return [
        task for task in _flat(yaml.safe_load(recipe.read_text(encoding="utf-8"))) if module_of(task) not in SPEAKING
    ]


def _flat(those):
    for task in those:
        inner = [*task.get("block", []), *task.get("always", [])]
        yield from _flat(inner) if inner else [task]


def module_of(task):
    (name,) = (key for key in task if key.count(".") == 2)
    return name


def play(tmp_path, recipe, records, left=None, *, arguments=(), refused="", **more):
    """Run a recipe on records; return what each module was asked, in order. One that is asked what is refused fails."""
    asked = tmp_path / "asked"
    asked.touch()
    for name in {module_of(task) for task in tasks(recipe)} - {"ansible.builtin.uri"}:
        namespace, collection, module = name.split(".")
        folder = tmp_path / "collections/ansible_collections" / namespace / collection / "plugins/modules"
        folder.mkdir(parents=True, exist_ok=True)
        text = STAND_IN.replace("ASKED", repr(str(asked))).replace("NAME", repr(name)).replace("LEFT", repr(left or {}))
        text = text.replace("REFUSED", repr(refused))
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
    variables = {
        "vault_powerdns_key": KEY, "vault_hetzner_token": "token", "vault_cloudflare_token": "token",
        "vault_desec_token": KEY, "vault_gandi_token": "token", "vault_google_service_account": "{}",
        "google_project": "mail", "google_zones": {"a.example": "zone-a"}, "azure_dns_resource_group": "mail",
        "sts_dns_records": records, "sts_dns_ttl": 60, "ansible_python_interpreter": sys.executable,
    }  # fmt: skip
    run = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"include_tasks": str(recipe)}]}]
    (tmp_path / "play.yml").write_text(json.dumps(run), encoding="utf-8")
    (tmp_path / "variables.json").write_text(json.dumps({**variables, **more}), encoding="utf-8")
    done = subprocess.run(
        ["ansible-playbook", "-vvv", "--diff", "-ilocalhost,", "-clocal", "-e@variables.json", *arguments, "play.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections")},
    )  # fmt: skip
    return done, [json.loads(line)[1] for line in asked.read_text(encoding="utf-8").splitlines()]
