"""The fields that steps share."""

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from workflows.definition.conditions import AnyCondition
from workflows.definition.dispatch import REFERENCE, Dispatch, written
from workflows.definition.durations import Pause, Timeout
from workflows.steps.registry import STEP_KINDS

OnCrash = Literal["repeat", "ask", "fail"]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
DEFAULT_TIMEOUT = timedelta(seconds=30)


class Part(BaseModel):
    """Every part of a definition: unknown keys are refused, values are not converted, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)


class BaseStep(Part):
    """A step of any kind. A kind's own fields all have defaults: a draft may be incomplete, `check` says so."""

    id: Identifier
    kind: str
    name: str = Field("", max_length=100)
    note: str = Field("", max_length=2_000)
    enabled: bool = True
    if_: AnyCondition | None = Field(None, alias="if")

    @cached_property
    def written(self) -> dict[str, Any]:
        """The kind's own fields as they are written, nothing rendered; must not be changed."""
        return self.model_dump(exclude=set(COMMON_FIELDS))

    @property
    def title(self) -> str:
        """What people read: the name, or else the id."""
        return self.name or self.id


AnyStep = Annotated[BaseStep, Dispatch("Step", STEP_KINDS.model_of)]


class Retry(Part):
    """How often a failed attempt is repeated: waits double from `backoff` to `max_backoff`."""

    tries: int = Field(3, ge=1, le=20)
    backoff: Pause = timedelta(seconds=2)
    max_backoff: Pause = timedelta(minutes=5)


class FailureSteps(Part):
    """What runs instead once a step has failed for good; then the run goes on."""

    steps: list[AnyStep] = Field(default_factory=list)


def _on_failure(value: Any) -> "Literal['stop', 'continue'] | FailureSteps":
    if value in ("stop", "continue") or isinstance(value, FailureSteps):
        return value
    if isinstance(value, dict):
        return FailureSteps.model_validate(value)
    raise PydanticCustomError("on_failure", _("Write stop, continue, or an object with steps."))


OnFailure = Annotated[
    Literal["stop", "continue"] | FailureSteps,
    PlainValidator(_on_failure),
    PlainSerializer(written, return_type=Any),
    WithJsonSchema({"oneOf": [{"enum": ["stop", "continue"]}, {REFERENCE: "FailureSteps"}]}),
]


class OutsideStep(BaseStep):
    """A step that acts outside: its intent is committed before, its result after."""

    timeout: Timeout | None = None
    retry: Retry | None = None
    on_failure: OnFailure = "stop"
    on_crash: OnCrash | None = None

    @property
    def deadline(self) -> timedelta:
        """How long one attempt may take."""
        return self.timeout or DEFAULT_TIMEOUT

    @property
    def tries(self) -> int:
        """How many attempts there are in all."""
        return self.retry.tries if self.retry else 1


COMMON_FIELDS = frozenset(OutsideStep.model_fields)
"""What no kind renders or performs: the engine's own."""
