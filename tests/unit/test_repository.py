# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shape of the repository, held by tests: what is documented is what is, and the layers stay apart."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
CORE = sorted((ROOT / "plugins/module_utils/_core").rglob("*.py"))
ROLE_FILES = ("README.md", "defaults/main.yml", "meta/main.yml", "meta/argument_specs.yml", "tasks/main.yml")

# What the core may import beside itself: nothing that reaches a network, a file or a clock.
PURE = {
    "__future__", "base64", "binascii", "bisect", "collections.abc", "collections", "contextlib", "dataclasses",
    "datetime", "difflib", "email.errors", "email.header", "email.message", "enum", "fnmatch", "functools", "hashlib",
    "html", "http", "ipaddress", "itertools", "json", "math", "re", "string", "struct", "typing", "unicodedata",
    "urllib.parse", "zlib",
}  # fmt: skip


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def name(path):
    return str(path.relative_to(ROOT))


def spec_of(role):
    return load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def defaults_of(role):
    return load(role / "defaults/main.yml")


def tasks_in(node):
    """Every task of a parsed YAML file, those inside blocks too."""
    if isinstance(node, list):
        for item in node:
            yield from tasks_in(item)
    elif isinstance(node, dict):
        yield node
        for key in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            yield from tasks_in(node.get(key) or [])


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_a_role_is_complete(role):
    assert [file for file in ROLE_FILES if not (role / file).is_file()] == []


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_every_variable_is_in_the_spec_and_every_option_has_its_default(role):
    assert set(spec_of(role)) == set(defaults_of(role))


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_documented_defaults_are_the_real_ones(role):
    documented = {option: entry["default"] for option, entry in spec_of(role).items() if "default" in entry}
    real = {option: value for option, value in defaults_of(role).items() if "{{" not in str(value)}
    assert documented == real


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_every_variable_has_its_role_as_prefix_and_its_place_in_the_readme(role):
    readme = (role / "README.md").read_text(encoding="utf-8")
    for variable in defaults_of(role):
        assert variable.startswith(role.name + "_")
        assert f"`{variable}`" in readme


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_the_readme_invents_no_variable(role):
    readme = (role / "README.md").read_text(encoding="utf-8")
    tasks = [task for file in role.glob("tasks/*.yml") for task in tasks_in(load(file))]
    handed_on = {name for task in tasks for name in (*task.get("vars", {}), task.get("register"))}
    known = set(defaults_of(role)) | {f"{role.name}_result"} | handed_on
    assert set(re.findall(rf"\b{role.name}_\w+", readme)) - known == set()


def test_the_scenario_alternative_changes_every_variable():
    changed = load(ROOT / "molecule/alternative/inventory/group_vars/all.yml")
    defaults = {variable: value for role in ROLES for variable, value in defaults_of(role).items()}
    paths = {variable for variable in defaults if collection_path(variable) in changed}
    assert {variable for variable in changed if variable.startswith("sts_")} == set(defaults) - paths
    assert [variable for variable in set(defaults) - paths if changed[variable] == defaults[variable]] == []


# The folders that roles share, and where they are unless the user says otherwise
PATHS = {
    "mta_sts_policy_root": "/var/www/mta-sts",
    "mta_sts_challenge_root": "/var/lib/mta-sts/acme-challenges",
    "mta_sts_live_root": "/var/lib/mta-sts/live",
    "mta_sts_reports_root": "/var/lib/mta-sts/reports",
}


def collection_path(variable):
    """The collection's variable for the folder that a role's variable names."""
    return next((path for path in PATHS if variable.endswith(path.removeprefix("mta_sts"))), None)


@pytest.mark.parametrize("path", PATHS)
def test_every_role_takes_a_shared_folder_from_the_same_expression(path):
    expression = f"{{{{ {path} | default('{PATHS[path]}') }}}}"
    defaults = [(variable, value) for role in ROLES for variable, value in defaults_of(role).items()]
    assert {value for variable, value in defaults if collection_path(variable) == path} == {expression}
    written = [found for _unused, value in defaults for found in re.findall(rf"{{{{ {path}\b.*?}}}}", str(value))]
    assert {found.replace("\\", "") for found in written} == {expression}


def test_sts_vhost_gives_nginx_what_sts_certificate_orders():
    vhost, certificate = (defaults_of(ROOT / "roles" / role) for role in ("sts_vhost", "sts_certificate"))
    served = [path for pair in vhost["sts_vhost_certificates"] for path in pair.values()]
    assert all(path.startswith(certificate["sts_certificate_live_root"] + "/{host}.") for path in served)


def test_no_shared_folder_is_spelt_out_in_a_role():
    files = [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("roles/*/vars/*.yml"), *ROOT.glob("roles/*/templates/*.j2")]
    texts = {name(file): file.read_text(encoding="utf-8") for file in files}
    assert [(file, folder) for file, text in texts.items() for folder in PATHS.values() if folder in text] == []


def test_the_key_types_of_the_role_are_those_of_the_modules():
    families = load(ROOT / "roles/sts_certificate/vars/main.yml")["__sts_certificate_keys"]
    assert {key_type: entry["family"] for key_type, entry in families.items()} == FAMILIES


def test_no_task_loops_over_domains():
    files = [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("roles/*/handlers/*.yml"), *ROOT.glob("playbooks/**/*.yml")]
    loops = [
        (name(file), task.get("name"))
        for file in files
        for task in tasks_in(load(file))
        for key, value in task.items()
        if (key == "loop" or key.startswith("with_")) and re.search("domain|result|host", str(value))
    ]
    assert files
    assert loops == []


def test_no_role_hides_trouble():
    words = re.compile(r"^\s*(ignore_errors|ansible\.builtin\.(set_fact|shell|lineinfile))\s*:", re.MULTILINE)
    files = [*ROOT.glob("roles/**/*.yml"), *ROOT.glob("playbooks/**/*.yml")]
    assert [name(file) for file in files if words.search(file.read_text(encoding="utf-8"))] == []


def test_playbooks_take_their_hosts_from_a_variable():
    for playbook in ROOT.glob("playbooks/*.yml"):
        assert all("{{" in play["hosts"] for play in load(playbook) if "hosts" in play), name(playbook)


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_is_pure(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) if not node.level}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert imported - PURE == set()
    assert called & {"open", "print", "input", "eval", "exec"} == set()
    methods = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    assert methods & {"now", "today", "utcnow"} == set()


def test_what_to_do_and_which_section_says_so_are_written_in_one_place_each():
    for literal, place in {r"Remedy: [{A-Z]": "finding.py", r"""["']RFC \d+, section [\d.]+["']""": "rfc.py"}.items():
        files = [file.name for file in PLUGINS if re.search(literal, file.read_text(encoding="utf-8"))]
        assert files == [place], literal


def test_the_core_imports_with_ansible_blocked():
    modules = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in CORE]
    program = "import sys\nsys.modules['ansible'] = None\n" + "".join(f"import {module}\n" for module in modules)
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{program}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("file", PLUGINS, ids=name)
def test_every_plugin_file_says_its_licence_and_private_ones_say_so(file):
    text = file.read_text(encoding="utf-8")
    assert "SPDX-License-Identifier: GPL-3.0-or-later" in text
    if file.parts[-2].startswith("_") or file.name.startswith("_"):
        assert "Private to this collection." in text


def unit_tests_wanted():
    """The unit test of every file with code: the same path below tests/unit, the same name without its underscore."""
    code = [file.relative_to(ROOT) for file in PLUGINS if "doc_fragments" not in file.parts]
    return {str("tests/unit" / file.with_name(f"test_{file.name.lstrip('_')}")) for file in code}


def unit_tests_there():
    return {name(file) for file in (ROOT / "tests/unit/plugins").rglob("*.py")}


def test_every_plugin_file_with_code_has_its_unit_test():
    assert sorted(unit_tests_wanted() - unit_tests_there()) == []


def test_every_unit_test_has_its_plugin_file():
    assert sorted(unit_tests_there() - unit_tests_wanted()) == []


def test_private_utilities_have_an_underscore():
    folders = [ROOT / "plugins/module_utils", ROOT / "plugins/plugin_utils", ROOT / "plugins/doc_fragments"]
    files = [file.relative_to(ROOT / "plugins") for folder in folders for file in folder.rglob("*.py")]
    assert [str(file) for file in files if not any(part.startswith("_") for part in file.parts)] == []


def test_the_readme_counts_the_checks_of_the_audit():
    assert f"\n{len(CHECKS)} checks along the way" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_action_group_names_every_module():
    modules = sorted(file.stem for file in (ROOT / "plugins/modules").glob("*.py"))
    assert load(ROOT / "meta/runtime.yml")["action_groups"]["all"] == modules


def test_no_lint_rule_and_no_sanity_test_is_skipped():
    assert list(ROOT.glob("tests/sanity/ignore-*.txt")) == []
    config = load(ROOT / ".config/ansible-lint.yml")
    assert config["profile"] == "production"
    assert {"skip_list", "warn_list"} & set(config) == set()
    marks = re.compile(r"#\s*(noqa|type:\s*ignore|pylint:)|pytest\.mark\.(skip|xfail)|pytest\.skip\(|yamllint disable")
    shipped = [
        file for folder in ("plugins", "roles", "playbooks", "molecule", "tests") for file in (ROOT / folder).rglob("*")
    ]
    code = [file for file in shipped if file.suffix in {".py", ".yml", ".j2"} and file != Path(__file__).resolve()]
    assert [name(file) for file in code if marks.search(file.read_text(encoding="utf-8"))] == []


def test_whatever_asks_dns_about_the_list_does_so_once_and_on_the_controller():
    files = [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/**/*.yml")]
    tasks = [task for file in files for task in tasks_in(load(file))]
    readings = [task for task in tasks if "look_up" in task.get("postmaster.mta_sts.domains_info", {})]
    assert len(readings) == 4
    how = {(task["run_once"], task["delegate_to"], task["become"], "when" in task) for task in readings}
    assert how == {(True, "localhost", False, True)}


def test_no_file_has_the_marks_of_a_merge_in_it():
    marks = ["git", "grep", "-lE", "^(<{7}|>{7}) "]
    assert subprocess.run(marks, cwd=ROOT, capture_output=True, text=True, check=False).stdout == ""
