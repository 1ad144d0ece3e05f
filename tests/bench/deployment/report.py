# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bench's tables, as they stand in docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version

from figures import KEPT, NEW, PARTS, POLICY, STATIC, Figures, Run, Size
from tables import machine, table

FEW, MANY, MOST = 1, 1000, 10000
AIM_AGAIN, AIM_LOOPS, AIM_RELOAD, AIM_REQUESTS = 2, 100, 0.3, 0.9


def parts(figures: Figures) -> list[list[str]]:
    """Return all of it as Markdown."""
    return [
        [machine(f"ansible-core {version('ansible-core')}")],
        _aims(figures),
        _runs(figures),
        _where(figures),
        _host(figures),
        _loops(figures),
        _requests(figures),
    ]


def _aims(figures: Figures) -> list[str]:
    titles = ["", "aim", "measured", "met"]
    return table(titles, [[what, aim, told, "yes" if met else "no"] for what, aim, told, met in _judged(figures)])


def _judged(figures: Figures) -> Iterator[tuple[str, str, str, bool]]:
    sizes = figures.sizes
    for what, runs in _by_run(figures).items():
        counts = sorted({run.count() for run in runs.values()})
        yield f"tasks of a {what}, for all sizes", "the same", ", ".join(map(str, counts)), len(counts) == 1
    if {FEW, MANY} <= sizes.keys():
        times = sizes[MANY].again.seconds / sizes[FEW].again.seconds
        yield f"re-run of {MANY}: times that of one", f"at most {AIM_AGAIN}", f"{times:.2f}", times <= AIM_AGAIN
    times = figures.usual_seconds(MANY) / figures.roles[MANY]
    yield f"{MANY} domains: times faster than loops", f"at least {AIM_LOOPS}", f"{times:.0f}", times >= AIM_LOOPS
    if MOST in sizes:
        seconds = sizes[MOST].nginx.reload_seconds
        yield f"reload at {MOST}: s", f"less than {AIM_RELOAD}", f"{seconds:.2f}", seconds < AIM_RELOAD
    for how in (NEW, KEPT):
        ratio = figures.ratio(how)
        yield (
            f"requests on {how}: times plain static",
            f"at least {AIM_REQUESTS}",
            f"{ratio:.2f}",
            ratio >= AIM_REQUESTS,
        )


def _runs(figures: Figures) -> list[str]:
    titles = ["domains", "seconds", "processor seconds", "tasks", "changed", "controller MiB", "module MiB"]
    rows = [_run(name, run) for name, run in _each(figures)]
    if figures.bare:
        rows.append(_run("none: as many modules that do nothing", figures.bare))
    return table(titles, rows)


def _run(name: str, run: Run) -> list[str]:
    return [
        name, f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}", str(run.count()), str(run.count("changed")),
        f"{run.controller_mib:.0f}", f"{run.module_mib:.0f}",
    ]  # fmt: skip


def _where(figures: Figures) -> list[str]:
    """Say where the seconds go."""
    runs = _each(figures)
    titles = ["seconds", *(name for name, _unused in runs)]
    return table(titles, [[part, *(f"{run.part(part):.1f}" for _unused, run in runs)] for part in PARTS])


def _by_run(figures: Figures) -> dict[str, dict[int, Run]]:
    return {
        "first run": {count: size.first for count, size in figures.sizes.items()},
        "re-run": {count: size.again for count, size in figures.sizes.items()},
    }


def _each(figures: Figures) -> list[tuple[str, Run]]:
    return [(f"{count}, {what}", run) for what, runs in _by_run(figures).items() for count, run in runs.items()]


def _host(figures: Figures) -> list[str]:
    """Say what domains cost the policy host, every night and at every reload."""
    measures: dict[str, Callable[[Size], str]] = {
        "`nginx -t`: s": lambda size: f"{size.nginx.test_seconds:.2f}",
        "reload until the old workers are gone: s": lambda size: f"{size.nginx.reload_seconds:.2f}",
        "nginx before reloads: MiB": lambda size: f"{size.nginx.mib_before:.1f}",
        "nginx after reloads: MiB": lambda size: f"{size.nginx.mib_after:.1f}",
        "the night's run, nothing due: s": lambda size: f"{size.night_seconds:.1f}",
    }
    titles = ["domains", *map(str, figures.sizes)]
    return table(titles, [[name, *map(measure, figures.sizes.values())] for name, measure in measures.items()])


def _loops(figures: Figures) -> list[str]:
    rows = [["loops", str(count), f"{seconds:.1f}"] for count, seconds in sorted(figures.usual.items())]
    rows.append(["loops, extrapolated", str(MANY), f"{figures.usual_seconds(MANY):.0f}"])
    rows += [["sts_policy and sts_vhost", str(count), f"{seconds:.1f}"] for count, seconds in figures.roles.items()]
    return table(["first run", "domains", "seconds"], rows)


def _requests(figures: Figures) -> list[str]:
    rows = [
        [how, f"{figures.rate(STATIC, how):.0f}", f"{figures.rate(POLICY, how):.0f}", f"{figures.ratio(how):.2f}"]
        for how in (NEW, KEPT)
    ]
    return table(["requests a second", STATIC, POLICY, "ratio"], rows)
