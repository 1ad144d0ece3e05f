# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the fuzzers share: where they start from, how data are made of bytes, and what holds for every parser."""

from __future__ import annotations

import ast
import importlib
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import atheris

ROOT = Path(__file__).resolve().parents[2]
UNIT_TESTS = ROOT / "tests/unit/plugins/module_utils"
LARGE = 65536
WORTH_A_LOOK = 1.0  # seconds
GROWTH = 3  # for twice as much: 2 is linear, 4 quadratic
ONE_IN = 32
DEEPEST = 4


def load(name: str) -> ModuleType:
    """Import a module of plugins/module_utils, so that atheris sees which way it goes."""
    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["plugins"]):
        return importlib.import_module(f"plugins.module_utils.{name}")


def literals(test: str) -> list[bytes]:
    """Return every text that stands in a unit test: its cases."""
    tree = ast.parse((UNIT_TESTS / test).read_text(encoding="utf-8"))
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    texts = {value.encode("utf-8", "surrogatepass") for value in found if isinstance(value, str)}
    return sorted(texts | {value for value in found if isinstance(value, bytes)})


def fuzz(try_one: Callable[[bytes], None], seeds: Iterable[bytes]) -> None:
    """Have atheris try inputs, beginning with those in the folder that the command line names last; or try a file."""
    corpus = Path(sys.argv[-1])
    if corpus.is_dir():
        for number, seed in enumerate(seeds):
            (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


def plain(provider: atheris.FuzzedDataProvider, words: list[str], depth: int = 0) -> Any:
    """Make data as YAML and JSON have it: of any kind, preferably with these words."""
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        provider.ConsumeBool,
        lambda: provider.ConsumeInt(9),
        provider.ConsumeFloat,
        lambda: provider.ConsumeUnicode(12),
        lambda: provider.PickValueInList(words),
    ]
    if depth < DEEPEST:
        size = range(provider.ConsumeIntInRange(0, 4))
        kinds.append(lambda: [plain(provider, words, depth + 1) for _unused in size])
        kinds.append(lambda: {plain(provider, words, DEEPEST): plain(provider, words, depth + 1) for _unused in size})
    return provider.PickValueInList(kinds)()


def check_findings(findings: Iterable[Any]) -> None:
    """Findings are shown to people: one line of characters that a terminal only shows."""
    for finding in findings:
        assert str(finding).isprintable(), repr(str(finding))


def check_time(data: bytes, parse: Callable[[bytes], object]) -> None:
    """Now and then have a parser read 64 KiB, in which a few bytes of its input stand over and over, in linear time."""
    chance = zlib.crc32(data)
    if data and chance % ONE_IN == 0:
        start, length = (chance >> 8) % len(data), 1 + (chance >> 20) % 8
        piece = data[start : start + length]
        large = (data[:start] + piece * LARGE)[:LARGE]
        took = _seconds(parse, large)
        if took > WORTH_A_LOOK:
            half = _seconds(parse, large[: LARGE // 2])
            what = f"{data[:start]!r} and then {piece!r}"
            assert took < GROWTH * half, f"{took:.1f} s for {LARGE} bytes of {what}, {half:.1f} s for half of them"


def _seconds(parse: Callable[[bytes], object], data: bytes) -> float:
    begun = time.process_time()
    parse(data)
    return time.process_time() - begun
