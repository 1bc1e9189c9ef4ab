"""One measurement of all pages: databases of four sizes, made from one; queries on each, time on two by turns."""

import json
import statistics
from argparse import Namespace
from dataclasses import asdict

from django.conf import settings

from bench import page_asking as asking
from bench.page_addresses import pages, polled
from bench.page_asking import Asked, Askers
from bench.page_budgets import DIALOG, POLL, SCRIPT_BYTES, STYLE_BYTES, Budget, Measured
from bench.page_databases import prepare, say, use
from bench.page_world import World
from bench.stacks import Stack

# Workflows of the databases beside the full one; the runs of each in the full one's proportion.
SIZES = (1, 50, 500)
SMALL = 50
ROUNDS = 3
# So often a page that seems too slow is asked anew: the quickest of few requests says much about a busy machine.
AGAIN = 3


def run(stack: Stack, arguments: Namespace) -> int:
    """Measure, print the table and what is broken; 1 if anything is."""
    sizes = sorted({size for size in SIZES if size < arguments.workflows} | {arguments.workflows})
    world, askers = prepare(stack, sizes, arguments.runs)
    found = [
        *measured(stack, askers, pages(world, every=arguments.every), sizes),
        *unchanged(stack, askers, world, sizes),
    ]
    timed(stack, askers, world, found, arguments)
    weights = {"script": weight("js"), "style": weight("css")}
    broken = [sentence for page in found for sentence in page.broken()]
    broken += heavy(weights)
    print(table(found, weights, arguments))
    print("\n".join(broken) or "Every budget holds.")
    if arguments.json:
        figures = {"pages": [asdict(page) for page in found], "weights": weights, "broken": broken}
        arguments.json.write_text(json.dumps(figures, indent=1))
    return 1 if broken else 0


def measured(
    stack: Stack, askers: Askers, asked: dict[str, tuple[Asked, Budget]], sizes: list[int]
) -> list[Measured]:
    """Queries on every database, dialogs on the smallest and the largest; bytes and nodes on the largest."""
    found = {name: Measured(name, budget) for name, (_, budget) in asked.items()}
    for size in sizes:
        use(stack, size)
        for name, (page, budget) in asked.items():
            if budget is DIALOG and size not in (sizes[0], sizes[-1]):
                continue
            asking.answer(askers, page)
            response, found[name].queries[size] = asking.queries(askers, page)
            found[name].status = response.status_code
            found[name].size = asking.packed(response)
            found[name].nodes = asking.nodes(response).count
    return list(found.values())


def unchanged(stack: Stack, askers: Askers, world: World, sizes: list[int]) -> list[Measured]:
    """Polls that bring the mark of what is shown."""
    found = {name: Measured(f"poll: {name}", POLL) for name in polled(world)}
    for size in sizes:
        use(stack, size)
        for name, page in polled(world).items():
            mark = asking.nodes(asking.answer(askers, Asked(page.address))).marks[page.target]
            poll = Asked(f"{page.address}?since={mark}", page.target)
            response, found[name].queries[size] = asking.queries(askers, poll)
            found[name].status, found[name].size = response.status_code, asking.packed(response)
    return list(found.values())


def timed(stack: Stack, askers: Askers, world: World, found: list[Measured], arguments: Namespace) -> None:
    """The pages with a ratio, on the small and the full database by turns, so that a busy minute hits both."""
    asked = pages(world, every=arguments.every)
    for page in found:
        if page.budget.ratio:
            say(page.name)
            turns = [(SMALL, False, page.small), (arguments.workflows, False, page.full)]
            if page.budget.growth:
                turns.append((arguments.workflows, True, page.fewer))
            count = max(round(arguments.requests * page.budget.share / ROUNDS), 1)
            for number in range(ROUNDS * (1 + AGAIN)):
                if number % ROUNDS == 0 and number and not page.slow():
                    break
                for size, fewer, times in turns:
                    use(stack, size, fewer=fewer)
                    rounds(askers, asked[page.name][0], page, times, count)


def rounds(askers: Askers, asked: Asked, page: Measured, times: list[float], count: int) -> None:
    first, _ = asking.seconds(askers, asked)
    if times is page.full:
        page.first.append(first)
    for _ in range(count):
        cpu, wall = asking.seconds(askers, asked)
        times.append(cpu)
        if times is page.full:
            page.waited.append(wall)


def weight(folder: str) -> int:
    """The gzipped bytes of all own files of a kind."""
    files = (settings.BASE_DIR / "static" / folder).glob(f"*.{folder}")
    return sum(len(asking.gzip.compress(path.read_bytes())) for path in files)


def heavy(weights: dict[str, int]) -> list[str]:
    allowed = {"script": SCRIPT_BYTES, "style": STYLE_BYTES}
    return [
        f"{name}: {size:,} bytes, {allowed[name]:,} allowed"
        for name, size in weights.items()
        if size > allowed[name]
    ]


def table(found: list[Measured], weights: dict[str, int], arguments: Namespace) -> str:
    """All figures, as Markdown."""
    lines = [
        f"{arguments.workflows:,} workflows, {arguments.runs:,} runs; {arguments.requests} requests timed",
        "",
        "| Page | Queries | Bytes, gzip | Nodes | CPU, ms | Ratio | Growth | First, ms | p95, ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [row(page) for page in found]
    lines += ["", *(f"{name}: {size:,} bytes" for name, size in weights.items()), ""]
    return "\n".join(lines)


def row(page: Measured) -> str:
    times = "| - | - | - | - | -"
    if page.waited:
        late = statistics.quantiles(page.waited, n=20)[-1]
        target = f" ({page.budget.target})" if page.budget.target else ""
        growth = f"{page.growth:.2f}" if page.fewer else "-"
        cpu, first = 1000 * min(page.full), 1000 * min(page.first)
        times = f"| {cpu:.0f} | {page.ratio:.2f} | {growth} | {first:.0f} | {1000 * late:.0f}{target}"
    most = max(page.queries.values())
    return f"| {page.name} | {most} ({page.budget.queries}) | {page.size:,} | {page.nodes:,} {times} |"
