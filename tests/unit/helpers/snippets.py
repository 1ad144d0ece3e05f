# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The blocks of the documentation: read from the pages, sorted by what can try them, laid out as readers have them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("roles/*/README.md")])
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w./-]+\.yml)$")
OURS = re.compile(r"(mta_sts|sts_(policy|vhost|certificate|dns|audit|reports))_\w+")

# Kinds that test_snippets.py takes as they are typed; of all others snippets.yml says who tries them, or why not
PLAYBOOK, TASKS, INVENTORY, VARIABLES, COMMANDS, OTHER = (
    "playbook",
    "tasks",
    "inventory",
    "variables",
    "commands",
    "other",
)


@dataclass(frozen=True)
class Snippet:
    """One block: where it is, in which language, and its text."""

    page: str
    number: int
    language: str
    text: str

    @property
    def label(self) -> str:
        """A name for tests."""
        return f"{self.page}-{self.number}"

    @cached_property
    def data(self) -> Any:
        """What it says, if it is YAML."""
        return yaml.safe_load(self.text) if self.language == "yaml" else None

    @property
    def file(self) -> str:
        """The name of the file that it says it is, in its first line; or nothing."""
        named = NAMED.match(self.text.partition("\n")[0])
        return named[1] if named else ""

    @property
    def kind(self) -> str:
        """What can try it."""
        if self.language == "console":
            ours = all(line.split()[0] in {"ansible-playbook", "make"} for line in self.commands)
            return COMMANDS if ours else OTHER
        if isinstance(self.data, list):
            first = self.data[0]
            return PLAYBOOK if "hosts" in first or "ansible.builtin.import_playbook" in first else TASKS
        if isinstance(self.data, dict) and self.data:
            if all(isinstance(group, dict) and "hosts" in group for group in self.data.values()):
                return INVENTORY
            if all(OURS.fullmatch(name) for name in self.data):
                return VARIABLES
        return OTHER

    @property
    def commands(self) -> list[str]:
        """What is typed at the prompt: a line that ends in a backslash goes on in the next."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [
            re.sub(r"^([A-Z]+=\S+ )+", "", line[2:].partition(" #")[0].strip())
            for line in lines
            if line.startswith("$ ")
        ]


def snippets() -> Iterator[Snippet]:
    """Return every block of every page."""
    for page in PAGES:
        for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), start=1):
            _indent, language, text = block
            yield Snippet(str(page.relative_to(ROOT)), number, language, textwrap.dedent(text))


def lay_out(folder: Path, page: str) -> None:
    """Write what the README and a page say is in which file, as somebody has it who has followed both."""
    named = [snippet for snippet in snippets() if snippet.file and snippet.page in {"README.md", page}]
    for snippet in sorted(named, key=lambda snippet: snippet.page != "README.md"):
        path = folder / snippet.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(snippet.text, encoding="utf-8")
