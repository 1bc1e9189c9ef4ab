"""Maintenance windows in force: what they pause, what they resume, what they leave alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditEvent
from runs.engine.maintenance import keep_windows
from runs.engine.resuming import resume_due
from tests.factories import make_connection, make_scope, make_workflow
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.sink import Sink
from tests.workflows.windows import let_pass, make_current, make_window
from workflows import services
from workflows.models import MaintenanceWindow, Status, WindowPause, Workflow
from workflows.services.connections import create_connection
from workflows.services.maintenance import delete_window, end_window

pytestmark = pytest.mark.django_db(transaction=True)

ASK = {
    "format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/leads"}],
}  # fmt: skip


def status_of(workflow: Workflow) -> str:
    return Workflow.objects.get(pk=workflow.pk).status


def outcome(window: MaintenanceWindow, workflow: Workflow) -> tuple[str, str]:
    row = WindowPause.objects.get(window=window, workflow=workflow)
    return row.outcome, row.why


def actors(event: str) -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(event=event).order_by("id")
    return list(found.values_list("actor_kind", "actor_label"))


def test_begins_by_pausing_what_is_active_and_says_why_and_until_when() -> None:
    flow, draft, paused = (
        make_workflow(),
        make_workflow(status=Status.DRAFT),
        make_workflow(status=Status.PAUSED),
    )
    window = make_current(triggers="skip")

    assert keep_windows() == 1

    now = Workflow.objects.get(pk=flow.pk)
    assert (now.status, now.reason, now.category) == (
        "paused",
        "maintenance window: CRM upgrade",
        "maintenance",
    )
    assert (now.resume_expected_at, now.auto_resume) == (window.ends_at, True)
    assert (now.in_flight_choice, now.triggers_choice, now.status_by) == (
        "hold",
        "skip",
        "Maintenance window",
    )
    assert actors("Workflow paused") == [("system", "Maintenance window")]
    assert (status_of(draft), Workflow.objects.get(pk=paused.pk).reason) == ("draft", "maintenance")
    assert keep_windows() == 0


def test_does_nothing_before_it_begins() -> None:
    flow = make_workflow()
    make_window()

    assert (keep_windows(), status_of(flow)) == (0, "active")


@pytest.mark.parametrize("bound_to", ["scope", "tags", "connection"])
def test_pauses_only_what_it_is_bound_to(bound_to: str) -> None:
    hub = make_scope("hub:sydney")
    card = make_scope("card:spring", parent=hub)
    meant = make_workflow("meant", scope=card, tags=["crm", "night"], definition=ASK)
    others = [make_workflow("plain", scope=hub), make_workflow("elsewhere", tags=["crm"], definition=ASK)]
    crm = make_connection()
    binding = {"scope": {"scopes": [card]}, "tags": {"tags": ["crm"]}, "connection": {"connection": crm}}[
        bound_to
    ]
    make_current(**{"scopes": [hub], **binding})

    assert keep_windows() == 1

    assert status_of(meant) == "paused"
    assert [status_of(one) for one in others] == ["active", "active"]


def test_a_window_of_a_deleted_connection_pauses_nothing() -> None:
    flow, crm = make_workflow(), make_connection()
    make_current(connection=crm)
    crm.delete()

    assert (keep_windows(), status_of(flow)) == (0, "active")


def test_ends_by_resuming_what_it_paused() -> None:
    flow, window = make_workflow(), make_current()
    keep_windows()
    let_pass(window)

    assert keep_windows() == 1

    assert (status_of(flow), outcome(window, flow)) == ("active", ("resumed", ""))
    assert actors("Workflow resumed") == [("system", "Maintenance window")]
    assert keep_windows() == 0


@pytest.mark.parametrize("end", [end_window, delete_window])
def test_ending_early_and_deleting_resume_at_once(end: Callable[[int], object]) -> None:
    flow, window = make_workflow(), make_current()
    keep_windows()
    end(window.pk)

    assert (keep_windows(), status_of(flow)) == (1, "active")


def test_stays_paused_when_the_checks_fail_and_says_why(sink: Sink) -> None:
    create_connection("crm", base_url=sink.url, scope=make_current().scope)
    flow = make_workflow(definition=ASK)
    window = MaintenanceWindow.objects.get()
    MaintenanceWindow.objects.update(bound_at=timezone.now())
    keep_windows()
    sink.status = 500
    let_pass(window)

    assert keep_windows() == 0

    kind, why = outcome(window, flow)
    assert (status_of(flow), kind) == ("paused", "stays")
    assert "Answered with an error (500)." in why
    assert Workflow.objects.get(pk=flow.pk).auto_resume_failed == why
    sink.status = 200
    assert (keep_windows(), resume_due(), status_of(flow)) == (0, 0, "paused")


def by_hand_paused(flow: Workflow) -> None:
    services.resume(flow.pk)
    services.pause(flow.pk, reason="legal asked for it")


@pytest.mark.parametrize(
    ("act", "stands", "why"),
    [
        (lambda flow: services.resume(flow.pk), "active", "Active meanwhile"),
        (lambda flow: services.stop(flow.pk, reason="no more"), "not_running", "Not Running meanwhile"),
        (lambda flow: services.change_pause(flow.pk, reason="legal asked"), "paused", "legal asked"),
        (by_hand_paused, "paused", "legal asked for it"),
        (
            lambda flow: services.change_pause(flow.pk, until=timezone.now() + timedelta(days=9)),
            "paused",
            "pause was changed",
        ),
    ],
)
def test_what_a_person_changed_meanwhile_is_left_alone(
    act: Callable[[Workflow], None], stands: str, why: str
) -> None:
    flow, window = make_workflow(), make_current()
    keep_windows()
    act(flow)

    assert (keep_windows(), status_of(flow)) == (0, stands)
    let_pass(window)

    assert (keep_windows(), status_of(flow)) == (0, stands)
    kind, told = outcome(window, flow)
    assert kind == "left"
    assert why in told


def test_started_by_a_person_after_it_began_is_left_alone() -> None:
    window = make_current()
    flow = make_workflow(activated_at=timezone.now())

    assert (keep_windows(), status_of(flow), window.pauses.count()) == (0, "active", 0)


def test_resumed_by_the_timer_while_it_is_in_force_is_paused_again() -> None:
    make_current()
    keep_windows()
    flow = make_workflow(status=Status.PAUSED, auto_resume=True, resume_expected_at=timezone.now())
    assert resume_due() == 1

    assert (keep_windows(), status_of(flow)) == (1, "paused")


def test_the_timer_leaves_to_the_window_what_the_window_paused() -> None:
    flow, window = make_workflow(), make_current()
    keep_windows()
    let_pass(window)

    assert (resume_due(), status_of(flow)) == (0, "paused")


def test_a_window_at_rest_costs_two_queries(django_assert_num_queries: Callable) -> None:
    asks_the_clock = connection.vendor == "postgresql"
    with django_assert_num_queries(2 + asks_the_clock):
        keep_windows()
