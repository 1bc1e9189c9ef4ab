"""The kinds of trigger, found in this package."""

from typing import TYPE_CHECKING

from workflows.definition.registry import Registry

if TYPE_CHECKING:
    from workflows.triggers.base import TriggerKind

TRIGGER_KINDS: "Registry[TriggerKind]" = Registry("workflows.triggers")
