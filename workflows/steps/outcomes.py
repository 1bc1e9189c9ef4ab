"""What a step tells the engine when it is done, or what the engine is to do for it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from workflows.definition.json_values import Json

if TYPE_CHECKING:
    from workflows.steps.model import BaseStep


@dataclass(frozen=True)
class RecordedValue:
    """What a run adds to its workflow's business impact."""

    name: str
    value: Decimal
    unit: str


@dataclass(frozen=True)
class Done:
    """The step is done; later steps see `output` as `steps.<id>`."""

    output: Json = None
    values: tuple[RecordedValue, ...] = ()


@dataclass(frozen=True)
class Branch:
    """Run these steps in place; then the step is done with `output`."""

    steps: "list[BaseStep]"
    output: Json


@dataclass(frozen=True)
class Loop:
    """Run these steps for each item, in order, with the name `item`; then the step is done with `{"count": n}`."""

    items: list[Json]
    steps: "list[BaseStep]"


@dataclass(frozen=True)
class Wait:
    """Suspend the run until then; then the step is done with `output`."""

    until: datetime
    output: Json


@dataclass(frozen=True)
class AwaitRun:
    """Suspend the run until that run closes; then the step is done with its outcome."""

    run_id: str


@dataclass(frozen=True)
class Finish:
    """The run ends here."""

    status: Literal["success", "failed"]
    message: str


Outcome = Done | Branch | Loop | Wait | AwaitRun | Finish
