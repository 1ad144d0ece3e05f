# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Small faults that can be put into a file: those of mutmut, which knows how programmers err, and two of our own."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

# What never runs: annotations, and the names given to types for them. Decorators and imports just have to be there.
ALIAS = m.AssignTarget(m.Name(m.MatchRegex("[A-Z][A-Za-z]*[a-z]$")))
IDLE = m.Annotation() | m.Decorator() | m.Import() | m.ImportFrom() | m.Assign(targets=[ALIAS], value=m.Subscript())


@dataclass(frozen=True)
class Place:
    """What could be exchanged for what, and the lines (from 1) it stands on."""

    first: int
    last: int
    node: cst.CSTNode
    other: cst.CSTNode


@dataclass(frozen=True)
class Mutant:
    """A file with one fault: ``removed`` and ``added`` are the lines that differ, in one, ``line`` is the first."""

    path: str
    line: int
    code: str
    removed: str
    added: str
    diff: str


class File:
    """A file and the places in it where a fault can be put."""

    def __init__(self, path: str, code: str) -> None:
        """Find the places."""
        self.path, self.code = path, code
        finder = _Finder()
        self._module = MetadataWrapper(cst.parse_module(code)).visit(finder)
        self.places = tuple(finder.places)

    def mutant(self, place: Place) -> Mutant | None:
        """Put a fault there; None if that is no Python, or no change."""
        code = self._module.deep_replace(place.node, place.other).code
        try:
            compile(code, self.path, "exec", dont_inherit=True)
        except SyntaxError:
            return None
        before, after = self.code.splitlines(), code.splitlines()
        diff = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
        if not diff:
            return None
        line = next((number for number, lines in enumerate(zip(before, after), 1) if lines[0] != lines[1]), len(after))
        return Mutant(self.path, line, code, _joined(diff, "-"), _joined(diff, "+"), "\n".join(diff[1:]))

    def mutants_of(self, removed: str) -> Iterator[Mutant]:
        """Make all faults that change what reads like that."""
        numbers = [
            number for number, line in enumerate(self.code.splitlines(), 1) if line.strip() and line.strip() in removed
        ]
        for place in self.places:
            if any(place.first <= number <= place.last for number in numbers):
                mutant = self.mutant(place)
                if mutant and mutant.removed == removed:
                    yield mutant


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.places: list[Place] = []
        self._lines = (1, 1)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Ask everyone who knows a fault for this kind of node."""
        if m.matches(node, IDLE):
            return False
        position = self.get_metadata(PositionProvider, node, None)
        if position:
            self._lines = position.start.line, position.end.line
        for kind, faults in (*mutation_operators, (cst.If, _negated), (cst.Return, _nothing)):
            if isinstance(node, kind):
                self.places.extend(Place(*self._lines, node, other) for other in faults(node))
        return True


def _negated(node: cst.If) -> Iterator[cst.If]:
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


def _nothing(node: cst.Return) -> Iterator[cst.Return]:
    if node.value is not None:
        yield node.with_changes(value=cst.Name("None"))


def _joined(diff: list[str], sign: str) -> str:
    return " ".join(line[1:].strip() for line in diff if line.startswith(sign))
