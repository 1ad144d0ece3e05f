# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bench's tables, as they stand in docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version

from figures import KEPT, NEW, PARTS, POLICY, STATIC, Comparison, Figures, Run, Size
from tables import machine, table

FEW, MANY, MOST = 1, 1000, 10000
AIM_AGAIN, AIM_LOOPS, AIM_RELOAD, AIM_REQUESTS = 2, 100, 0.3, 0.9
AIM_MODULES, AIM_TIME, AIM_SHARE = 26, 0.6, 1


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


def comparison_parts(comparison: Comparison) -> list[list[str]]:
    """Return the comparison of re-runs as Markdown."""
    return [
        [machine(f"ansible-core {version('ansible-core')}")],
        _compared_aims(comparison),
        table(["re-run", *comparison.names, "ratio"], _compared(comparison)),
    ]


def _compared_aims(comparison: Comparison) -> list[str]:
    """Judge the re-run of the smallest size that does most."""
    before, after = comparison.names
    kind = [kind for kind in comparison.kinds if kind[0] == comparison.kinds[0][0]][-1]
    modules = comparison.median(after, *kind, _modules)
    seconds = [comparison.median(name, *kind, _seconds) for name in (before, after)]
    judged = [
        ("modules executed", AIM_MODULES, f"{modules:.0f}", modules),
        (f"time: times that of {before}", AIM_TIME, f"{seconds[1] / seconds[0]:.2f}", seconds[1] / seconds[0]),
    ]
    if len({domains for domains, _unused in comparison.kinds}) > 1:
        share = comparison.share(after) / comparison.share(before)
        judged.append((f"controller's share of 1000 domains: times that of {before}", AIM_SHARE, f"{share:.2f}", share))
    rows = [[what, f"at most {aim}", told, "yes" if value <= aim else "no"] for what, aim, told, value in judged]
    return table([_kind(*kind), "aim", "measured", "met"], rows)


def _compared(comparison: Comparison) -> Iterator[list[str]]:
    measures: dict[str, tuple[Callable[[Run], float], int]] = {
        "seconds": (_seconds, 1),
        "processor seconds of the controller": (lambda run: run.cpu_seconds, 1),
        "tasks": (lambda run: run.count(), 0),
        "modules executed": (_modules, 0),
        "of them on the policy host": (lambda run: run.remote, 0),
    }
    for domains, what in comparison.kinds:
        for measure, (value, digits) in measures.items():
            each = [comparison.median(name, domains, what, value) for name in comparison.names]
            yield _compared_row(f"{_kind(domains, what)}: {measure}", each, digits)
    if len({domains for domains, _unused in comparison.kinds}) > 1:
        shares = [comparison.share(name) for name in comparison.names]
        yield _compared_row("each 1000 domains more: processor seconds of the controller", shares, 1)


def _compared_row(what: str, each: list[float], digits: int) -> list[str]:
    return [what, *(f"{value:.{digits}f}" for value in each), f"{each[-1] / each[0]:.2f}"]


def _kind(domains: int, what: str) -> str:
    return f"{domains} domain{'s' * (domains != 1)} {what}"


def _seconds(run: Run) -> float:
    return run.seconds


def _modules(run: Run) -> float:
    return run.local + run.remote


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
