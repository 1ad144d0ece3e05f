# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read one HTTP/1.1 answer from whoever sends it, and no more of it than an honest one has (RFC 9112).

Not http.client, which takes any number of 100 Continue, of trailers and of chunk extensions, 6 MB of header fields, and
103 Early Hints for the answer. Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from ..bounds import HTTP_FIELDS, HTTP_INTERIM_ANSWERS, HTTP_LINES_BYTES
from ..rfc import HTTP_CHUNKS, HTTP_LENGTH

INTERIM = range(100, 200)

_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?: .*)?\Z", re.DOTALL)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\Z", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}\Z")


class NoHTTP(ValueError):
    """What was sent is not an HTTP answer, or does not end within the bounds: what the server does, and ``said``."""

    def __init__(self, rule: str, said: bytes = b"") -> None:
        """Keep both apart: what was said is anybody's."""
        super().__init__(rule)
        self.rule = rule
        self.said = said


class Incomplete(ValueError):
    """The other side ended the connection before the answer was complete."""


class TooLarge(ValueError):
    """The body is larger than the limit."""


@dataclass(frozen=True)
class HTTPAnswer:
    """The final answer. ``fields`` are by name in lower case, several of one name joined as RFC 9110 has it (5.3).

    There is a ``body`` with status 200 only: with any other, senders do not look at it.
    """

    status: int
    fields: dict[str, str]
    body: bytes = b""


def read_answer(receive: Callable[[], bytes], size_limit: int) -> HTTPAnswer:
    """Read an answer to a GET; ``receive`` returns the next bytes there are, none at the end of the connection.

    Raises NoHTTP, Incomplete, TooLarge, and what ``receive`` raises.
    """
    stream = _Stream(receive)
    for _unused in range(HTTP_INTERIM_ANSWERS + 1):
        status = _status(stream)
        fields = _fields(stream)
        if status not in INTERIM or status == HTTPStatus.SWITCHING_PROTOCOLS:
            return HTTPAnswer(status, fields, _body(stream, fields, size_limit) if status == HTTPStatus.OK else b"")
    raise NoHTTP(f"sends more than {HTTP_INTERIM_ANSWERS} interim answers (1xx) and no final one")


class _Stream:
    """Bytes as they come; lines, which only frame what is wanted, are limited in total."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._unread = b""
        self._left = HTTP_LINES_BYTES

    def line(self) -> bytes:
        """Return the next line without its end."""
        while b"\n" not in self._unread and len(self._unread) <= self._left:
            self._unread += self._more()
        line, newline, rest = self._unread.partition(b"\n")
        self._left -= len(line) + len(newline)
        if self._left < 0:
            raise NoHTTP(f"sends more than {HTTP_LINES_BYTES} bytes of header fields and the like")
        self._unread = rest
        return line[:-1] if line.endswith(b"\r") else line

    def exactly(self, size: int) -> bytes:
        """Return so many bytes."""
        while len(self._unread) < size:
            self._unread += self._more()
        data, self._unread = self._unread[:size], self._unread[size:]
        return data

    def rest(self, limit: int) -> bytes:
        """Return all up to the end of the connection, or a little more than the limit."""
        data = self._unread
        while len(data) <= limit:
            more = self._receive()
            if not more:
                break
            data += more
        return data

    def _more(self) -> bytes:
        more = self._receive()
        if not more:
            raise Incomplete
        return more


def _status(stream: _Stream) -> int:
    line = stream.line()
    found = _STATUS_LINE.match(line)
    if found is None:
        raise NoHTTP("does not speak HTTP", line)
    return int(found[1])


def _fields(stream: _Stream) -> dict[str, str]:
    """Read header fields or trailers, up to the empty line behind them."""
    found: list[list[str]] = []
    for _unused in range(HTTP_FIELDS + 1):
        line = stream.line().decode("latin-1")
        if not line:
            return _joined(found)
        if line[0] in " \t" and found:  # a folded line (RFC 9112, section 5.2)
            found[-1][1] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if colon:
            found.append([name.strip().lower(), value.strip()])
    raise NoHTTP(f"sends more than {HTTP_FIELDS} header fields")


def _joined(found: list[list[str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in found:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _body(stream: _Stream, fields: dict[str, str], limit: int) -> bytes:
    """Read the body, whose end is marked by chunks, by a length, or by the end of the connection, in that order."""
    if "transfer-encoding" in fields:
        last = fields["transfer-encoding"].rpartition(",")[2].strip().lower()
        return _chunks(stream, limit) if last == "chunked" else _within(limit, stream.rest(limit))
    if "content-length" not in fields:
        return _within(limit, stream.rest(limit))
    return stream.exactly(_length(fields["content-length"], limit))


def _length(text: str, limit: int) -> int:
    said = {one.strip() for one in text.split(",")}
    if len(said) != 1 or not _LENGTH.match(next(iter(said))):
        raise NoHTTP(f"does not state the length of its answer ({HTTP_LENGTH})", text.encode("latin-1"))
    length = int(said.pop())
    if length > limit:
        raise TooLarge
    return length


def _chunks(stream: _Stream, limit: int) -> bytes:
    body = b""
    while True:
        line = stream.line()
        size = _CHUNK_SIZE.match(line)
        if size is None:
            raise NoHTTP(f"does not state the length of a chunk ({HTTP_CHUNKS})", line)
        length = int(size[1], 16)
        if not length:
            _fields(stream)  # trailers, which say nothing that senders look at
            return body
        if len(body) + length > limit:
            raise TooLarge
        body += stream.exactly(length)
        if stream.line():
            raise NoHTTP(f"sends a chunk that is longer than it says ({HTTP_CHUNKS})")


def _within(limit: int, body: bytes) -> bytes:
    if len(body) > limit:
        raise TooLarge
    return body
