"""Rows that the engine makes in memory are those that the constructors give."""

from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from config.ids import new_id
from runs.models import Run, RunStatus, StepAttempt
from runs.models.made import made

NOW = timezone.now()
GIVEN: list[tuple[type[models.Model], dict[str, Any]]] = [
    (Run, {"id": new_id(), "workflow_id": 1, "status": RunStatus.RUNNING, "received_at": NOW, "started_at": NOW}),
    (StepAttempt, {"run_id": new_id(), "step_id": "ask", "kind": "set", "started_at": NOW}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "values"), GIVEN)
def test_row_has_all_that_the_constructor_gives(model: type[models.Model], values: dict[str, Any]) -> None:
    quick, plain = made(model, **values), model(**values)

    names = [field.attname for field in model._meta.concrete_fields]
    assert {name: getattr(quick, name) for name in names} == {name: getattr(plain, name) for name in names}
    assert quick._state.adding


def test_default_that_is_drawn_is_drawn_for_each_row() -> None:
    first, second = made(Run, workflow_id=1), made(Run, workflow_id=1)

    assert first.pk != second.pk


def test_rows_share_no_state() -> None:
    first, second = made(StepAttempt, step_id="ask"), made(StepAttempt, step_id="tell")

    first._state.adding = False
    assert second._state.adding
    assert (first.step_id, second.step_id) == ("ask", "tell")
