"""Runs in the admin: everything found, nothing changed, no table counted to its end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.web import paging
from runs.models import (
    Delivery,
    Heartbeat,
    Release,
    Report,
    ReportSubscription,
    Run,
    Schedule,
    StepAttempt,
    Tally,
    TallyEntry,
)
from tests.factories import make_run, make_user, make_workflow

pytestmark = pytest.mark.django_db

REPORTS = [Report, ReportSubscription]
MODELS = [Run, StepAttempt, Delivery, Schedule, Release, Heartbeat, Tally, TallyEntry, *REPORTS]


@pytest.fixture
def support() -> Client:
    client = Client()
    client.force_login(make_user("manager", username="support", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def run() -> Run:
    now = timezone.now()
    workflow = make_workflow("Leads")
    made = make_run(
        workflow, delivery_id="d-77", correlation="corr-77", status="failed", error_code="timed_out"
    )
    trigger = workflow.triggers.get(trigger_id="hook")
    StepAttempt.objects.create(run=made, step_id="greet", kind="set", status="success", started_at=now)
    Delivery.objects.create(trigger=trigger, delivery_id="d-77", run_id=made.pk, received_at=now)
    Schedule.objects.create(trigger=trigger, next_at=now + timedelta(hours=1), anchor=now)
    Release.objects.create(workflow=workflow, pace=60, total=3, started_at=now)
    counted = {"workflow": workflow, "scope": workflow.scope, "trigger_kind": "webhook"}
    Tally.objects.create(level=1, start=now, success=1, **counted)
    TallyEntry.objects.create(at=now, status="success", runs=1, **counted)
    about = {"kind": "weekly", "scope": workflow.scope}
    ReportSubscription.objects.create(recipient="boss@example.test", created_at=now, **about)
    Report.objects.create(period="2026-W47", starts_at=now, ends_at=now, made_at=now, document="{}", **about)
    Heartbeat.objects.create(name="w-1", kind="worker", host="here", pid=7, started_at=now, beat_at=now)
    return made


def address(model: type, word: str, *args: object) -> str:
    return reverse(f"admin:runs_{model._meta.model_name}_{word}", args=args)


def found(client: Client, model: type, text: str) -> int:
    return client.get(address(model, "changelist"), {"q": text}).context["cl"].result_count


@pytest.mark.parametrize("model", MODELS)
def test_model_is_listed_and_shown_but_never_changed(support: Client, run: Run, model: type) -> None:
    one = model.objects.get()
    shown = address(model, "change", one.pk)

    assert support.get(address(model, "changelist")).context["cl"].result_count == 1
    assert support.get(shown).status_code == 200
    assert support.post(shown, {}).status_code == 403
    assert support.get(address(model, "add")).status_code == 403
    assert support.post(address(model, "delete", one.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (Run, "d-77"),
        (Run, "corr-77"),
        (Run, "lead"),
        (Run, "timed_out"),
        (StepAttempt, "greet"),
        (StepAttempt, "corr-77"),
        (Delivery, "d-77"),
        (Schedule, "hook"),
        (Release, "leads"),
        (Heartbeat, "w-1"),
    ],
)
def test_support_finds_it_by(support: Client, run: Run, model: type, text: str) -> None:
    assert found(support, model, text) == 1
    assert found(support, model, "nothing-has-this") == 0


def test_support_finds_a_run_and_its_attempts_by_the_run_id(support: Client, run: Run) -> None:
    make_run(run.workflow)

    assert found(support, Run, str(run.pk)) == 1
    assert found(support, StepAttempt, str(run.pk)) == 1


def test_run_list_counts_no_further_than_the_cap(support: Client, run: Run, monkeypatch) -> None:
    for _number in range(4):
        make_run(run.workflow)
    monkeypatch.setattr(paging, "COUNT_CAP", 3)
    monkeypatch.setattr("runs.admin.COUNT_CAP", 3)

    with CaptureQueriesContext(connection) as queries:
        page = support.get(address(Run, "changelist"))

    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert page.context["cl"].result_count == 3
    assert [sql for sql in counts if "LIMIT 4" not in sql] == []


def test_run_list_has_one_query_count_for_any_length(
    support: Client, run: Run, django_assert_num_queries
) -> None:
    support.get(address(Run, "changelist"))
    with django_assert_num_queries(6):
        support.get(address(Run, "changelist"))
    for _number in range(20):
        make_run(make_workflow())

    with django_assert_num_queries(6):
        support.get(address(Run, "changelist"))
