"""The kinds of step, found in this package."""

from typing import TYPE_CHECKING

from workflows.definition.registry import Registry

if TYPE_CHECKING:
    from workflows.steps.base import StepKind

STEP_KINDS: "Registry[StepKind]" = Registry("workflows.steps")
