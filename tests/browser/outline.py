"""A page in words, as a screen reader has it, without what differs from day to day: text that can be kept and compared."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Page

OUTLINE = """() => {
  const words = (one) => one.innerText.trim().replace(/\\s+/g, " ");
  const cell = (one) => (words(one) || "-") + (one.scope ? "" : " (without scope)");
  return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, caption, thead tr")].filter((one) => one.checkVisibility())
    .map((one) => one.cells ? "columns: " + [...one.cells].map(cell).join(" | ") : `${one.tagName.toLowerCase()}: ${words(one)}`);
}"""
# Secret addresses, identities of runs, dates, times, figures. A run's short name may be digits alone.
MASKS = (
    (r"/hooks/[\w-]+", "/hooks/SECRET"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[a-f]*\d|[a-f]{8}\b)[0-9a-f]{8,64}\b", "ID"),
    (r"(?<!level=)(?<!^h)\b\d+([.,:]\d+)*", "0"),
    (r"\b0 (Jan|Feb|March|Apr|May|June|July|Aug|Sept|Oct|Nov|Dec)\w*\.? 0\b", "DAY"),
    (r"\b(in )?0 (sec|min|hr|days?)\b\.?( ago)?", "SPAN"),
    (r"\b0 (ms|s|min|h)( 0 (ms|s|min))?\b", "SPAN"),
    (r"(?<=UTC )now\b", "SPAN"),
)
# The name of a row is all that its cells say; where a link leads is no name.
ROW = re.compile(r"""^'?row ".*"'?""")
OPTIONS = 9


@dataclass
class Node:
    """A line and what stands indented below it."""

    text: str
    below: list["Node"] = field(default_factory=list)

    def lines(self, depth: int = 0) -> list[str]:
        return [f"{'  ' * depth}{self.text}", *(line for one in self.below for line in one.lines(depth + 1))]


def told(page: Page, part: str, leave_out: str = "") -> str:
    """Headings and headers of tables; then roles, names and states of a part of the page.

    What is said twice in the same place stands once: the number of rows and marks is data. `leave_out` begins the
    line of what would change by the hour.
    """
    headings = [_masked(line) for line in page.evaluate(OUTLINE)]
    root = _tree(page.locator(part).aria_snapshot(), leave_out)
    return "\n".join([*headings, "", *(line for one in root.below for line in one.lines())]) + "\n"


def _masked(line: str) -> str:
    for pattern, word in MASKS:
        line = re.sub(pattern, word, line)
    return ROW.sub("row", line)


def _tree(snapshot: str, leave_out: str) -> Node:
    root = Node("")
    path = [root]
    for line in snapshot.splitlines():
        text = line.lstrip()
        depth = (len(line) - len(text)) // 2
        node = Node(_masked(text.removeprefix("- ")))
        path[depth + 1 :] = [node]
        path[depth].below.append(node)
    return _shortened(root, leave_out)


def _shortened(node: Node, leave_out: str) -> Node:
    kept: list[Node] = []
    many = len([one for one in node.below if one.text.startswith("option")]) > OPTIONS
    for one in node.below:
        is_noise = one.text.startswith("/url") or (leave_out and one.text.startswith(leave_out))
        is_choice = many and one.text.startswith("option") and "[selected]" not in one.text
        short = _shortened(one, leave_out)
        if not is_noise and not is_choice and short not in kept:
            kept.append(short)
    return Node(node.text, kept)
