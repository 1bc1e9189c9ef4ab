"""Going through the steps of a document as it is written, valid or not, without naming a kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflows.steps.registry import STEP_KINDS

FOR_FAILURE = "on_failure"


@dataclass(frozen=True)
class WrittenStep:
    """A step's object, its path, how many steps stand around it, and the list it stands in.

    `container` names that list by what people named (step ids, branch names), not by numbers, so that it stays the
    same when something is put before it.
    """

    path: str
    step: dict[str, Any]
    depth: int
    container: str


def written_steps(document: dict[str, Any]) -> Iterator[WrittenStep]:
    """Every step that can be found, in the order of the document."""
    yield from _steps(document.get("steps"), "steps", 0, "")


def nesting_fields(step: dict[str, Any]) -> list[str]:
    """The fields of a step in which steps may stand."""
    kind = step.get("kind")
    known = STEP_KINDS.kinds().get(kind) if isinstance(kind, str) else None
    return [*(known.structural if known else ()), FOR_FAILURE]


def is_step_list(value: object) -> bool:
    """Whether a list holds steps themselves, rather than objects around them."""
    return any(isinstance(part, dict) and "kind" in part for part in as_list(value))


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _steps(value: object, path: str, depth: int, container: str) -> Iterator[WrittenStep]:
    for place, step in enumerate(as_list(value)):
        if not isinstance(step, dict):
            continue
        yield WrittenStep(f"{path}.{place}", step, depth, container)
        for field in [name for name in step if name in nesting_fields(step)]:
            yield from _inside(step[field], f"{path}.{place}.{field}", depth + 1, f"{step.get('id')}.{field}")


def _inside(value: object, path: str, depth: int, container: str) -> Iterator[WrittenStep]:
    if isinstance(value, dict):
        yield from _steps(value.get("steps"), f"{path}.steps", depth, container)
    elif is_step_list(value):
        yield from _steps(value, path, depth, container)
    else:
        for place, part in enumerate(as_list(value)):
            if isinstance(part, dict):
                name = part.get("name") or place
                yield from _steps(part.get("steps"), f"{path}.{place}.steps", depth, f"{container}.{name}")
