"""The list of triggers and steps as the editor draws it: what is open, what is wrong where, how a test went."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.views.editor.chosen import query_of
from workflows.definition.findings import Finding
from workflows.editing.tree import Branch, Node, steps_in, triggers_in


@dataclass(frozen=True)
class BranchLines:
    """A list of steps inside a step; `end` is where the next one would be added."""

    branch: Branch
    lines: "list[OutlineLine]"

    @property
    def end(self) -> str:
        return f"{self.branch.path}.{len(self.lines)}"


@dataclass(frozen=True)
class OutlineLine:
    """One trigger or step. `result` is its status in the shown test run."""

    node: Node
    query: str
    is_open: bool = False
    errors: int = 0
    warnings: int = 0
    result: str = ""
    branches: list[BranchLines] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Keeps the focus when the list is drawn anew."""
        return self.node.path.replace(".", "-")


@dataclass(frozen=True)
class Outline:
    """Everything that the left side lists."""

    triggers: list[OutlineLine]
    steps: list[OutlineLine]

    @property
    def next_trigger(self) -> str:
        return f"triggers.{len(self.triggers)}"

    @property
    def next_step(self) -> str:
        return f"steps.{len(self.steps)}"


def outline_of(
    document: dict[str, Any], *, opened: str, findings: Iterable[Finding], results: Mapping[str, str]
) -> Outline:
    """The lines of a document. `results` are statuses by step id."""
    triggers, steps = triggers_in(document), steps_in(document)
    nodes = [inner for node in (*triggers, *steps) for inner in node.below()]
    counted = _counted([node.path for node in nodes], findings)
    ids = Counter((node.path.partition(".")[0], node.id) for node in nodes)

    def line(node: Node) -> OutlineLine:
        root = node.path.partition(".")[0]
        is_alone = ids[root, node.id] == 1
        name = "trigger" if root == "triggers" else "step"
        return OutlineLine(
            node,
            f"{name}={node.id}" if is_alone and node.id.isidentifier() else query_of(document, node.path),
            node.path == opened,
            counted[node.path, "error"],
            counted[node.path, "warning"],
            results.get(node.id, "") if name == "step" else "",
            [BranchLines(branch, [line(inner) for inner in branch.nodes]) for branch in node.branches],
        )

    return Outline([line(one) for one in triggers], [line(one) for one in steps])


def _counted(paths: Sequence[str], findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    """How many findings of each level belong to each part, the innermost around them."""
    known, counted = set(paths), Counter[tuple[str, str]]()
    for finding in findings:
        place = finding.path
        while place and place not in known:
            place = place.rpartition(".")[0]
        if place:
            counted[place, finding.level] += 1
    return counted
