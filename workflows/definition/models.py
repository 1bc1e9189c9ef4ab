"""The whole file as models, over the registries of step and trigger kinds."""

import unicodedata
from datetime import timedelta
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from workflows.definition.durations import KeepTime, RunLength, Window
from workflows.steps.base import AnyStep, Part
from workflows.triggers.base import AnyTrigger

FORMAT = "signalbox/1"
NAME_LENGTH = 50
LARGEST_LIMIT = 100_000

Choice = Literal["hold", "skip"]
Count = Annotated[int, Field(ge=1, le=LARGEST_LIMIT)]


def _normal_name(name: str) -> str:
    normal = " ".join(unicodedata.normalize("NFC", name).split())
    if not normal:
        raise PydanticCustomError("name_missing", _("The workflow has no name."))
    if len(normal) > NAME_LENGTH:
        sentence = _("The name has %(length)d characters; at most %(most)d are allowed.")
        raise PydanticCustomError("name_too_long", sentence % {"length": len(normal), "most": NAME_LENGTH})
    return normal


class FailureRule(Part):
    """When failures warn or pause: a share of at least `min_runs` in the window, or so many in a row."""

    action: Literal["off", "warn", "pause"] = "warn"
    ratio: float = Field(0.5, gt=0, le=1)
    min_runs: int = Field(20, ge=1, le=LARGEST_LIMIT)
    window: Window = timedelta(hours=1)
    in_a_row: int = Field(10, ge=1, le=LARGEST_LIMIT)


class WhilePaused(Part):
    """What happens to triggers that come while the workflow is paused; the pause dialog may choose otherwise."""

    webhook: Choice = "hold"
    event: Choice = "hold"
    schedule: Literal["skip"] = "skip"


class Settings(Part):
    """`max_running` and `starts_per_minute` are unlimited when absent."""

    max_running: Count | None = None
    starts_per_minute: Count | None = None
    release_per_minute: Count = 60
    run_timeout: RunLength | None = None
    failure_rule: FailureRule = Field(default_factory=FailureRule)
    while_paused: WhilePaused = Field(default_factory=WhilePaused)
    notify: list[Annotated[str, Field(min_length=1, max_length=320)]] = Field(
        default_factory=list, max_length=50
    )
    minutes_saved_per_run: float | None = Field(None, ge=0, le=LARGEST_LIMIT)
    keep_payloads: KeepTime | None = None
    redact: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list, max_length=100
    )


class Definition(Part):
    """A workflow: what stands in one file of format `signalbox/1`."""

    format: Literal["signalbox/1"]
    name: Annotated[str, AfterValidator(_normal_name)]
    description: str = Field("", max_length=5_000)
    scope: Annotated[str, Field(pattern=r"^(workspace|(hub|card):[a-z0-9][a-z0-9_-]{0,49})$")] | None = None
    tags: list[Annotated[str, Field(pattern=r"^[^\x00-\x1f,]{1,40}$")]] = Field(
        default_factory=list, max_length=20
    )
    triggers: list[AnyTrigger] = Field(default_factory=list)
    steps: list[AnyStep] = Field(default_factory=list)
    settings: Settings = Field(default_factory=Settings)

    @property
    def trigger_ids(self) -> list[str]:
        """In the order of the file."""
        return [trigger.id for trigger in self.triggers]
