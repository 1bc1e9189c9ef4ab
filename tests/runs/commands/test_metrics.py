"""`manage.py metrics`: wrong figures are named and mended, whatever is wrong about them."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditEvent
from runs.models import Run, ScopeTally, StepTally, Tally, TallyBook, TallyEntry
from runs.monitoring import checking, figures
from runs.monitoring.folding import fold
from runs.monitoring.windows import Window
from tests.factories import make_workflow
from tests.runs.engine.driving import accept, advance, workflow_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEPS: list[dict[str, Any]] = [
    {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"},
    {"id": "worth", "kind": "record_value", "name": "lead", "value": "12.50", "unit": "AUD"},
]


def metrics(verb: str) -> tuple[dict[str, Any], str]:
    """The document, and what was wrong."""
    out = StringIO()
    try:
        call_command("metrics", verb, "--json", stdout=out)
    except CommandError as wrong:
        assert wrong.returncode == 1
        return json.loads(out.getvalue()), str(wrong)
    return json.loads(out.getvalue()), ""


def some_runs() -> None:
    workflow = workflow_of(*STEPS, minutes_saved_per_run=4)
    for _ in range(3):
        advance(accept(workflow))
    fold()
    advance(accept(workflow))


def one(model: type[Any]) -> Any:
    return model.objects.filter(level=1)


def too_many(name: str) -> Callable[[], None]:
    return lambda: one(Tally).update(**{name: 99})


SPOILT: dict[str, tuple[Callable[[], object], str]] = {
    "success": (too_many("success"), "tally"),
    "failed": (too_many("failed"), "tally"),
    "milliseconds": (too_many("milliseconds"), "tally"),
    "saved": (too_many("saved"), "tally"),
    "durations": (lambda: one(Tally).update(durations="3:3"), "tally"),
    "values": (lambda: one(Tally).update(recorded='{"AUD": "1"}'), "tally"),
    "reasons": (lambda: Tally.objects.filter(level=3).update(skipped_reasons="paused:1"), "tally"),
    "a row is gone": (lambda: Tally.objects.filter(level=4).delete(), "tally"),
    "an entry is gone": (lambda: TallyEntry.objects.all().delete(), "tally"),
    "an entry is double": (lambda: TallyEntry(**entry_fields()).save(), "tally"),
    "a row of nothing": (lambda: Tally.objects.filter(level=2).update(version=77), "tally"),
    "scope": (lambda: one(ScopeTally).update(success=1), "scopetally"),
    "steps": (lambda: one(StepTally).update(failed=1), "steptally"),
}


def entry_fields() -> dict[str, Any]:
    return {**TallyEntry.objects.values().first(), "id": None}


@pytest.mark.parametrize(("spoil", "table"), SPOILT.values(), ids=SPOILT)
def test_wrong_figures_are_named_and_mended(spoil: Callable[[], object], table: str) -> None:
    some_runs()
    right = figures.totals(Window.of("24h", timezone.now()))
    spoil()

    found, problem = metrics("verify")
    mended, _none = metrics("rebuild")

    assert found["ok"] is False and "differ" in problem
    assert table in {one["table"] for one in found["differences"]}
    assert mended["changed"] is True
    assert metrics("verify") == ({**found, "ok": True, "compared": metrics("verify")[0]["compared"],
                                  "differing": 0, "differences": []}, "")  # fmt: skip
    assert figures.totals(Window.of("24h", timezone.now())) == right


def test_exact_figures_are_left_alone() -> None:
    some_runs()

    told, _problem = metrics("rebuild")

    assert (told["ok"], told["changed"], told["differing"]) == (True, False, 0)
    assert told["compared"] > 0
    assert not AuditEvent.objects.filter(event="Figures rebuilt").exists()


def test_difference_says_where_and_what() -> None:
    some_runs()
    Tally.objects.filter(level=1).update(success=9)

    found, _problem = metrics("verify")

    (told,) = [one for one in found["differences"] if one["table"] == "tally"]
    workflow = Run.objects.first().workflow
    assert (told["level"], told["workflow_id"], told["version"]) == (
        "quarter", workflow.pk, workflow.published_id,
    )  # fmt: skip
    assert (told["expected"], told["found"]) == ({"success": 4}, {"success": 10})
    assert told["trigger_kind"] == "webhook" and told["start"].endswith("Z")


def test_mending_is_recorded_once() -> None:
    some_runs()
    Tally.objects.update(success=0)

    metrics("rebuild")
    metrics("rebuild")

    (event,) = AuditEvent.objects.filter(event="Figures rebuilt")
    assert json.loads(event.after)["mended"] > 0


def test_what_was_removed_stays_counted() -> None:
    some_runs()
    fold()
    right = figures.totals(Window.of("24h", timezone.now()))
    for row in Tally.objects.values():
        Tally(**{**row, "id": None, "removed": True}).save()
    for row in StepTally.objects.values():
        StepTally(**{**row, "id": None, "removed": True}).save()
    Run.objects.all().delete()
    assert metrics("verify")[0]["ok"] is True
    Tally.objects.filter(removed=False, level=3).update(success=1)

    metrics("rebuild")

    assert figures.totals(Window.of("24h", timezone.now())) == right
    assert metrics("verify")[0]["ok"] is True


def test_what_ran_before_is_counted_once_after_the_upgrade() -> None:
    some_runs()
    TallyEntry.objects.all().delete()
    for model in (Tally, ScopeTally, StepTally, TallyBook):
        model.objects.all().delete()

    assert checking.rebuild_if_due() is True
    assert checking.rebuild_if_due() is False

    assert figures.totals(Window.of("24h", timezone.now())).success == 4
    assert metrics("verify")[0]["ok"] is True


def test_another_zone_moves_days(settings: Any) -> None:
    some_runs()
    checking.rebuild()
    settings.TIME_ZONE = "Pacific/Auckland"
    assert metrics("verify")[0]["ok"] is False

    assert checking.rebuild_if_due() is True

    assert metrics("verify")[0]["ok"] is True
    assert {start.astimezone(timezone.get_default_timezone()).hour for start in starts()} == {0}


def starts() -> list[Any]:
    return list(Tally.objects.filter(level=3).values_list("start", flat=True))


def test_busy_workflow_is_counted_month_by_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "TOGETHER", 2)
    workflow, now = make_workflow(), timezone.now()
    for days in (0, 20, 45, 100):
        run = advance(accept(workflow))
        Run.objects.filter(pk=run.pk).update(
            started_at=now - timedelta(days=days), ended_at=now - timedelta(days=days)
        )
    quiet = make_workflow()

    checking.rebuild()

    portions = list(checking.portions())
    assert len(portions) > 4 and portions[-1].workflows == (quiet.pk,)
    assert Tally.objects.filter(level=3).count() == 4
    assert metrics("verify")[0]["ok"] is True


def test_lines_for_people_say_it_too() -> None:
    some_runs()
    Tally.objects.filter(level=1).update(success=9)
    out = StringIO()

    call_command("metrics", "rebuild", stdout=out)

    assert "success 10, not 4" in out.getvalue() and "mended." in out.getvalue()
