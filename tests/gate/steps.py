# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the steps of the test suite consist of."""

from __future__ import annotations

from .command import ROOT, Command

# Python programs without an ending, which ruff does not find by itself
PROGRAMS = (
    "tests/run",
    *(f"tests/bench/{name}/run" for name in ("audit", "deployment", "reports")),
    "tests/browser/screenshot",
    "tests/fuzz/run",
    "tests/mutants/run",
    *(f"molecule/faultmatrix/{name}" for name in ("ask_checkdmarc", "build", "render")),
)
TYPES = ("--config-file", ".config/mypy.ini")
# The longest one first, that none is left to run alone at the end; `default` beside it, to understand a failure by.
FIRST = ("faults", "default")
# Runs with the ansible-core of tests/requirements.txt; the others with the oldest we support, which is also faster.
ON_OUR_CORE = {"default"}
# Of Debian's testing distribution, which may break any day: told at the end, and not counted as failed.
CANARY = Command("scenario canary", ("tests/env", "tests/gate/canary"), tests=True, canary=True)
# They find out how podman works on this machine, for all labs.
IMAGES = Command("lab images", ("molecule/lab/images",), alone=True)
# Downloads for the most part: beside what needs no lab.
IMAGES_EARLY = Command("early images", IMAGES.argv)


def commands(step: str, arguments: list[str]) -> list[Command]:
    """Return the commands a step consists of; ``arguments`` are pytest's, of the steps that are nothing else."""
    if step.startswith("scenario:"):
        return [IMAGES, _scenario(step.partition(":")[2])]
    return {
        "lint": [
            Command("ruff check", ("ruff", "check", ".", *PROGRAMS)),
            Command("ruff format", ("ruff", "format", "--check", ".", *PROGRAMS)),
            Command("mypy", ("mypy", *TYPES, "-p", "ansible_collections.postmaster.mta_sts.plugins")),
            Command("mypy of roles", ("mypy", *TYPES, "roles/sts_certificate/files/challenge.py")),
            Command("yamllint", ("yamllint", "--strict", ".")),
            Command(
                "ansible-lint",
                ("ansible-lint", "--profile", "production", "--offline", "-c", ".config/ansible-lint.yml"),
            ),
            Command("changelog", ("antsibull-changelog", "lint")),
            Command("documentation", ("tests/gate/documentation",)),
        ],
        "images": [IMAGES_EARLY],
        "unit": [_pytest("unit tests", arguments or ["tests/unit"])],
        # How fast the page is, is one of its tests.
        "browser": [_pytest("browser tests", arguments or ["tests/browser"], alone=True)],
        "sanity": [Command("sanity", ("tests/gate/sanity-run",))],
        "build": [Command("build", ("tests/gate/build",))],
        "cores": [Command(f"{age} core", ("tests/gate/cores", age), tests=True) for age in ("newest", "oldest")],
        "scenarios": [IMAGES, *map(_scenario, _scenario_names())],
    }[step]


def _pytest(name: str, arguments: list[str], alone: bool = False) -> Command:
    return Command(name, ("pytest", "-q", "-p", "no:cacheprovider", *arguments), tests=True, alone=alone)


def _scenario_names() -> list[str]:
    """Every scenario of molecule/."""
    names = {path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml")}
    return [*FIRST, *sorted(names - set(FIRST))]


def _scenario(name: str) -> Command:
    """One Molecule scenario, from nothing to nothing; the canary is a command of its own.

    Through tests/env once more: the images may just have found out how podman works on this machine.
    """
    if CANARY.name == f"scenario {name}":
        return CANARY
    core = () if name in ON_OUR_CORE else ("tests/gate/with-core", "oldest")
    argv = ("tests/env", *core, "molecule", "-c", ".config/molecule/config.yml", "test", "-s", name)
    return Command(f"scenario {name}", argv, tests=True)
