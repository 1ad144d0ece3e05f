# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tasks for DNS providers give their modules the options these take, as the package "ansible" has the modules."""

from __future__ import annotations

import importlib

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from helpers.recipes import OLD, RECIPES, RECORDS, TXT, module_of, play, tasks


class Asked(Exception):
    """A module has said which options it takes."""


def accepted(name, options, monkeypatch):
    """What the module itself says against the options, and of those that will not be there for long."""

    def say(_self, argument_spec, *_unused, **rules):
        raise Asked(argument_spec, rules)

    builtin, (namespace, collection, last) = name.startswith("ansible.builtin."), name.split(".")
    folder = "ansible.modules" if builtin else f"ansible_collections.{namespace}.{collection}.plugins.modules"
    module = importlib.import_module(f"{folder}.{last}")
    monkeypatch.setattr(AnsibleModule, "__init__", say)
    with pytest.raises(Asked) as said, patch_module_args(options):
        module.main()
    spec, rules = said.value.args
    if hasattr(module, "RECORD_ARGSPECS"):  # Azure's takes other records for each type
        spec["records"]["options"] = module.RECORD_ARGSPECS["TXT"]
    kinds = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")
    result = ModuleArgumentSpecValidator(spec, **{kind: rules.get(kind) for kind in kinds}).validate(options)
    return result.error_messages + [str(old) for old in (*result._deprecations, *result._warnings)]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_module_takes_the_options_it_is_given(tmp_path, recipe, monkeypatch):
    left = {"record": "gone.a.example.", "ttl": 300, "values": [TXT[OLD]]}
    _done, asked = play(tmp_path, recipe, RECORDS, left)
    (name,) = {module_of(task) for task in tasks(recipe)}
    given = asked or [{key: value for key, value in task[name].items() if key != "body"} for task in tasks(recipe)]
    assert given
    for options in given:
        with monkeypatch.context() as patched:
            assert accepted(name, options, patched) == []


def test_an_option_that_is_no_more_is_noticed(monkeypatch):
    with monkeypatch.context() as patched:
        (said,) = accepted(
            "hetzner.hcloud.zone_rrset", {"zone": "a.example", "api_token": "x", "hetzner_token": "x", "id": 1}, patched
        )
    assert "hetzner_token" in said


def test_what_a_record_of_azure_is_made_of_is_checked_too(monkeypatch):
    options = {"resource_group": "a", "zone_name": "a.example", "relative_name": "@", "record_type": "TXT"}
    for record, said in (({"entry": ["a"]}, []), ({"text": ["a"]}, ["text", "value"])):
        with monkeypatch.context() as patched:
            problems = accepted("azure.azcollection.azure_rm_dnsrecordset", {**options, "records": [record]}, patched)
        assert all(any(word in problem for problem in problems) for word in said)
        assert bool(problems) == bool(said)
