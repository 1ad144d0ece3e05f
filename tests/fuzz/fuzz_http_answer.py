# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""http_answer.read_answer: any bytes are an answer or a problem, the same however cut, and within the bounds."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from harness import check_time, fuzz, literals, load

http_answer = load("_core.net.http_answer")
LIMIT = 4096
PROBLEMS = (http_answer.NoHTTP, http_answer.Incomplete, http_answer.TooLarge)


def read(pieces: Iterable[bytes]) -> str:
    """Return what came of it, as text."""
    left = iter(pieces)
    try:
        answer = http_answer.read_answer(lambda: next(left, b""), LIMIT)
    except PROBLEMS as problem:
        return repr(problem)
    assert len(answer.body) <= LIMIT
    assert answer.status == HTTPStatus.OK or answer.body == b""
    return repr(answer)


def try_one(data: bytes) -> None:
    """Read it as a whole, and byte after byte."""
    assert read([data]) == read(data[at : at + 1] for at in range(len(data)))
    check_time(data, lambda large: read([large]))


if __name__ == "__main__":
    fuzz(try_one, literals("_core/net/test_http_answer.py"))
