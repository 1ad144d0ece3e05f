# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What strangers say in reports and names of files reaches terminal, metrics, page and audit, and acts in none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import atheris
from harness import fuzz, load

alone = load("_core.audit.alone")
days = load("_core.tls_reports.days")
figures = load("_core.tls_reports.figures")
headline = load("_core.tls_reports.reports.html").headline
metrics = load("_core.tls_reports.reports.prometheus").metrics
overview = load("_core.tls_reports.reports.terminal").overview
page = load("_core.audit.reports.html").page
reader = load("_io.tls_reports.reader")
run = load("_io.tls_reports.run")
signatures = load("_io.tls_reports.dkim_signatures")
source = load("_io.tls_reports.source")
state = load("_core.tls_reports.state")
text = load("_core.text")

ACTING = [
    "\x1b[31m", "\x9b2J", "\x07", "\0", "\r", "\n", "\t", "\v", "\x85", "\u2028", "\u202e", "\u2066", "\u200b",
    "\ufeff", "\ud800", "\U000e0001", "e\u0301", "\u4f60", "\u05d0", "</script>", "<!--", "<script>", "]]>", "&lt;",
    "&", "'", '"', "\\", "\\n", "{", "}", ",", "#", "=cmd()", "@data@", "@headline@", "%s", "{{ x }}", " ",
    "certificate-expired",
]  # fmt: skip
FRAME = '<style></style>@headline@ @audited@ "@security@" <data>@data@</data><script type="module"></script>'
SAMPLE = re.compile(r'[a-z_]+(?:\{[a-z_]+="(?:[^"\\]|\\[\\"])*"(?:,[a-z_]+="(?:[^"\\]|\\[\\"])*")*\})? -?[0-9]+')
DOMAINS = ("example.com", "xn--mnchen-3ya.example")
START, NOW = "2027-01-21T00:00:00Z", 1_800_600_000
WIDTH = 80


class Strangers:
    """Makes what strangers write, of a few bytes."""

    def __init__(self, data: bytes) -> None:
        """Begin with the first of them."""
        self._provider = atheris.FuzzedDataProvider(data)

    def number(self) -> int:
        """Make a number of sessions."""
        return self._provider.ConsumeIntInRange(0, 3)

    def word(self) -> str:
        """Make a word of what might act somewhere."""
        parts = [self._provider.PickValueInList(ACTING) for _unused in range(self.number())]
        return "".join([*parts, self._provider.ConsumeUnicode(3)])

    def report(self) -> bytes:
        """Make a report."""
        details = [
            {"result-type": self.word(), "failed-session-count": self.number(), "receiving-mx-hostname": self.word(),
             "receiving-ip": self.word(), "failure-reason-code": self.word()}
            for _unused in range(self.number())
        ]  # fmt: skip
        policy = {"policy-type": "sts", "policy-domain": self._provider.PickValueInList([*DOMAINS, self.word()]),
                  "policy-string": [self.word(), "mode: testing", self.word()]}  # fmt: skip
        summary = {"total-successful-session-count": self.number(), "total-failure-session-count": self.number()}
        entry = {"policy": policy, "summary": summary, "failure-details": details}
        start = self._provider.PickValueInList([START, START, self.word()])
        report = {"organization-name": self.word(), "contact-info": self.word(), "report-id": self.word(),
                  "date-range": {"start-datetime": start}, "policies": [entry, {}]}  # fmt: skip
        return json.dumps(report).encode()

    def mail(self) -> bytes:
        """Make a mail with a report in a file of any name."""
        fields = f'Subject: Report Domain: {self.word()}\nContent-Type: application/json; name="{self.word()}"\n\n'
        return fields.encode("utf-8", "surrogatepass") + self.report()


def told_of(data: bytes) -> dict[str, Any]:
    """Return what the module returns of some reports."""
    strangers = Strangers(data)
    read = reader.Reader(days.Days(), DOMAINS, signatures.Signatures(None), "2028-01-01")
    for take, kind in ((strangers.report, "any"), (strangers.mail, "mail"), (strangers.word, "any")):
        content = take()
        packed = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        read.take(f"folder {strangers.word()}", source.Item(f"{strangers.word()}.json", packed, kind=kind))
    assert not [one for one in read.refused if "bug" in one["reason"]], read.refused
    kept = state.State(list(read._days))
    kept = state.from_text(state.to_text(kept))
    question = run.Question(DOMAINS, NOW)
    return run.result(run.Reading(read, [strangers.word()], kept), question, lambda _domains: {})


def strings(data: Any) -> Iterator[str]:
    """Give every text in data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, (dict, list)):
        for inner in [*data, *(data.values() if isinstance(data, dict) else ())]:
            yield from strings(inner)


def try_one(data: bytes) -> None:
    """Read strangers' reports, and show them in every way."""
    told = told_of(data)
    assert all(word.isprintable() for key, part in told.items() if key != "problems" for word in strings(part))
    found = json.loads(json.dumps(figures.figures(told, DOMAINS)))
    shown = overview(found, "failures", 0, 20, WIDTH)
    for line in shown.lines:
        assert line.isprintable(), repr(line)
        assert text.columns(line) <= WIDTH, repr(line)
    assert all(line.isprintable() for line in shown.message.split("\n")), repr(shown.message)
    for line in metrics(found).removesuffix("\n").split("\n"):
        assert line.startswith("# ") or SAMPLE.fullmatch(line), repr(line)
        assert line.isprintable(), repr(line)
    written = page(alone.audit_of(found), FRAME, found, headline(found))
    assert written.count("<") == FRAME.count("<"), written
    assert "&" not in written, written
    island = json.loads(written.partition("<data>")[2].partition("</data>")[0])
    assert all(word.isprintable() for word in strings(island)), island


if __name__ == "__main__":
    fuzz(try_one, [bytes(range(256)), bytes(64), b"\x05\x01\x07\x02" * 60, bytes(range(255, 0, -1)) * 2])
