"""What a verb's transaction must do with runs, bound from the runs app: workflows imports nothing of it."""

from collections.abc import Callable
from typing import Any

from django.core.checks import Error, register

from workflows.lifecycle import TRANSITIONS
from workflows.models import Workflow

Effect = Callable[[Workflow, dict[str, Any]], dict[str, Any]]

_bound: dict[str, Effect] = {}

# Effects that services ask for beside those named in the table.
FURTHER = frozenset({"counts", "preview", "resume_preview"})


def bind(name: str, effect: Effect) -> None:
    """Bind an effect once, when the runs app is ready. Raises ValueError on a second binding."""
    if name in _bound and _bound[name] is not effect:
        raise ValueError(f"The effect {name} is already bound.")
    _bound[name] = effect


def perform(name: str, workflow: Workflow, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run a bound effect in the caller's transaction, the workflow's row being locked; gives its figures."""
    return _bound[name](workflow, data or {})


@register
def every_effect_is_bound(**_kwargs: Any) -> list[Error]:
    """System check: a verb whose effect nobody performs would lose work silently."""
    named = {transition.effect for transition in TRANSITIONS.values() if transition.effect} | FURTHER
    return [
        Error(f"The effect {name} is not bound.", id="workflows.E001")
        for name in sorted(named - _bound.keys())
    ]
