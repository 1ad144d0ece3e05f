# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands in nginx's configuration files, as a tree with the includes put in place.

Private to this collection.

Reading is lenient: whether the files are right is for "nginx -t" to say. They are read from the files and not from
"nginx -T", which prints nothing at all when a single line of anybody's is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate

_TOKEN = re.compile(
    r"""
    \s+ | \#[^\n]*                                         # between tokens
    | "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)'
    | (?P<mark>[;{}])
    | (?P<word>(?:\\.|\$\{|[^\s;{\\])+)                    # a brace belongs to a word only as in ${name}
    """,
    re.VERBOSE | re.DOTALL,
)
DEEPEST = 50  # blocks in one another: nginx' own go five deep, and what is deeper here is skipped
_LUA = re.compile(r"""[{}]|--[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")


@dataclass(frozen=True)
class Directive:
    """One directive: where it stands, and what its block holds; lines count from 1."""

    name: str
    args: tuple[str, ...]
    file: str
    block: tuple[Directive, ...] = ()
    line: int = field(default=0, compare=False)


def parse(text: str, file: str) -> tuple[Directive, ...]:
    """Read the directives of one file; includes stay as they are written."""
    # Open blocks, the innermost last: the words before the brace, their line, and the directives found inside so far.
    levels: list[tuple[list[str], int, list[Directive]]] = [([], 0, [])]
    words: list[str] = []
    at, line, counted, first = 0, 1, 0, 1
    while match := _TOKEN.match(text, at):
        line += text.count("\n", counted, at)
        counted, at = at, match.end()
        if match["mark"] is None:
            found = [value for value in (match["double"], match["single"], match["word"]) if value is not None]
            first = first if words or not found else line
            words += found
        elif match["mark"] == "{":
            if len(levels) > DEEPEST or (words and words[0].endswith("_by_lua_block")):
                at = _after_block(text, at)
            else:
                levels.append((words, first, []))
            words = []
        else:
            if words:
                levels[-1][2].append(Directive(words[0], tuple(words[1:]), file, line=first))
            words = []
            if match["mark"] == "}" and len(levels) > 1:
                head, begun, inside = levels.pop()
                if head:
                    levels[-1][2].append(Directive(head[0], tuple(head[1:]), file, tuple(inside), begun))
    return tuple(levels[0][2])


def included(directives: tuple[Directive, ...]) -> Iterator[str]:
    """Every pattern that an include names, at any depth."""
    for directive in directives:
        if directive.name == "include":
            yield from directive.args[:1]
        yield from included(directive.block)


def expand(files: Mapping[str, str], main: str) -> tuple[Directive, ...]:
    """All directives in the order in which nginx reads them, starting from the file ``main``."""
    parsed = {file: parse(text, file) for file, text in files.items()}

    def put_in_place(directives: tuple[Directive, ...], parents: tuple[str, ...]) -> Iterator[Directive]:
        for directive in directives:
            if directive.name != "include":
                yield replace(directive, block=tuple(put_in_place(directive.block, parents)))
                continue
            pattern = absolute("".join(directive.args[:1]), main)
            for file in sorted(file for file in parsed if matches(pattern, file) and file not in parents):
                yield from put_in_place(parsed[file], (*parents, file))

    return tuple(put_in_place(parsed.get(main, ()), (main,)))


def absolute(pattern: str, main: str) -> str:
    """Resolve an include's pattern as nginx does: from the folder of its main file. Python negates with [!...] only."""
    pattern = pattern.replace("[^", "[!")
    return pattern if pattern.startswith("/") else f"{main.rpartition('/')[0]}/{pattern}"


def matches(pattern: str, path: str) -> bool:
    """Whether a shell pattern with *, ? and [...] names this path; none of them stands for / or a leading dot."""
    parts, names = pattern.split("/"), path.split("/")
    return len(parts) == len(names) and all(map(_part_matches, parts, names))


def _part_matches(pattern: str, name: str) -> bool:
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return re.match(translate(pattern), name) is not None


def _after_block(text: str, at: int) -> int:
    """Find the end of a block that is not read, such as one of Lua, whose words are not nginx's."""
    depth = 1
    for part in _LUA.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(part[0], 0)
        if not depth:
            return part.end()
    return len(text)
