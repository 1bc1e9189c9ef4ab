"""The pages of maintenance windows: what they say, how windows are planned."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_connection, make_scope, make_workflow, workspace
from tests.signing_in import signed_in
from tests.workflows.events import words
from tests.workflows.windows import make_current, make_window
from workflows.models import MaintenanceWindow, Role, Status, WindowPause
from workflows.services.maintenance import end_window
from workflows.services.maintenance_pauses import take

pytestmark = pytest.mark.django_db

LIST = "/automations/maintenance/"
HTMX = {"HX-Request": "true"}
SENT = {
    "title": "CRM upgrade", "starts_at": "2099-03-01T10:00", "ends_at": "2099-03-01T12:00", "zone_name": "Australia/Sydney",
    "tags": "", "connection": "", "in_flight": "hold", "triggers": "skip", "revision": "1",
}  # fmt: skip


def at(word: str, window: MaintenanceWindow) -> str:
    return reverse(f"maintenance:{word}", args=[window.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def seen_in(response) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', response.content.decode())
    assert found, "the numbers that were shown come back with the form"
    return found[1]


def test_list_without_windows_explains_what_they_are() -> None:
    shown = text_of(signed_in(Role.VIEWER).get(LIST))

    assert "No maintenance planned" in shown
    assert "Plan a window" not in shown


def test_list_shows_each_group_with_workflows_counted_live() -> None:
    make_workflow()
    make_workflow(status=Status.DRAFT)
    make_workflow(status=Status.ARCHIVED)
    make_current("Now")
    make_window("Soon", tags=["nobody"])
    end_window(make_current("Before").pk)

    shown = text_of(signed_in(Role.OPERATOR).get(LIST))

    order = [shown.index(word) for word in ("In force", "Now", "Upcoming", "Soon", "Past", "Before")]
    assert order == sorted(order)
    assert "2 workflows, 1 Active" in shown
    assert "0 workflows, 0 Active" in shown
    assert "None was paused" in shown
    assert "ended early" in shown


@pytest.mark.parametrize("count", [1, 3])
def test_list_needs_the_same_queries_for_one_window_and_for_three(
    count: int, django_assert_num_queries: Callable
) -> None:
    client, crm = signed_in(Role.OPERATOR), make_connection()
    for number in range(count):
        make_workflow()
        make_window(f"Soon {number}", connection=crm)
        make_current(f"Now {number}")
        end_window(make_current(f"Before {number}").pk)

    asks_the_clock = connection.vendor == "postgresql"
    with django_assert_num_queries(15 + asks_the_clock):
        client.get(LIST)


def test_past_ones_are_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.views.maintenance.PAST_SHOWN", 1)
    for title in ("First", "Second"):
        end_window(make_current(title).pk)
    client = signed_in(Role.VIEWER)

    assert "Older" in text_of(client.get(LIST))
    assert "Newer" in text_of(client.get(f"{LIST}?page=2"))


def test_page_says_which_resumed_and_which_stay_paused_and_why() -> None:
    window = make_current()
    for outcome, why in (("resumed", ""), ("stays", "Connection crm does not answer"), ("left", "")):
        flow = make_workflow(f"{outcome} flow")
        now = timezone.now()
        WindowPause.objects.create(
            window=window,
            workflow=flow,
            paused_at=now,
            reason="x",
            until=now,
            outcome=outcome,
            why=why,
            closed_at=now,
        )

    shown = text_of(signed_in(Role.VIEWER).get(at("detail", window)))

    for said in (
        "resumed flow",
        "Resumed",
        "stays flow",
        "Stays Paused",
        "Connection crm does not answer",
        "Left alone",
    ):
        assert said in shown


def test_planning_tells_the_numbers_first_and_then_does_it() -> None:
    hub = make_scope("hub:sydney")
    make_workflow("Inside", scope=hub)
    make_workflow("Outside")
    client = signed_in(Role.OPERATOR)
    sent = {**SENT, "scopes": [hub.pk]}

    asked = client.get(reverse("maintenance:create"))
    told = client.post(reverse("maintenance:create"), sent)
    assert (asked.status_code, told.status_code, MaintenanceWindow.objects.count()) == (200, 200, 0)
    assert "It is bound to 1 workflow. 1 is Active now" in text_of(told)
    assert "Inside" in text_of(told)
    assert 'value="2099-03-01T10:00"' in told.content.decode()
    done = client.post(reverse("maintenance:create"), {**sent, "seen": seen_in(told)})

    assert done.status_code == 302
    window = MaintenanceWindow.objects.get()
    assert window.starts_at.isoformat() == "2099-02-28T23:00:00+00:00"
    assert (window.scope, window.triggers, window.zone) == (hub, "skip", "Australia/Sydney")
    assert "Planned CRM upgrade." in text_of(client.get(LIST))


def test_planning_tells_again_when_the_numbers_changed_meanwhile() -> None:
    client, address = signed_in(Role.OPERATOR), reverse("maintenance:create")
    sent = {**SENT, "scopes": [workspace().pk]}
    told = client.post(address, sent, headers=HTMX)
    make_workflow()

    again = client.post(address, {**sent, "seen": seen_in(told)}, headers=HTMX)
    done = client.post(address, {**sent, "seen": seen_in(again)}, headers=HTMX)

    assert (told.status_code, again.status_code, done.status_code) == (200, 200, 204)
    assert "maintenance-changed" in done.headers["HX-Trigger"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Title: This field is required."),
        ({"ends_at": "2099-03-01T09:00"}, "To: The end lies before the beginning."),
        (
            {"starts_at": "2000-03-01T09:00", "ends_at": "2000-03-01T10:00"},
            "To: This time has passed already.",
        ),
        ({"zone_name": "Mars/Olympus"}, "Time zone: Select a valid choice."),
        ({"scopes": []}, "Scopes: This field is required."),
        ({"starts_at": "2026-10-04T02:30", "zone_name": "Australia/Sydney"}, "From: "),
    ],
)
def test_planning_refuses_bad_values_at_their_field(changes, said: str) -> None:
    sent = {**SENT, "scopes": [workspace().pk], **changes}

    answer = signed_in(Role.OPERATOR).post(reverse("maintenance:create"), sent)

    assert (answer.status_code, MaintenanceWindow.objects.count()) == (422, 0)
    assert said in text_of(answer)


def test_changing_keeps_what_is_not_touched_and_refuses_a_stale_page() -> None:
    crm = make_connection()
    window = make_window(connection=crm)
    client = signed_in(Role.OPERATOR)
    form = client.get(at("edit", window)).context["form"]
    sent = {name: form[name].value() or "" for name in ("title", "zone_name", "connection", "tags")}
    sent |= {"starts_at": "2099-03-01T10:00", "ends_at": "2099-03-01T12:00", "scopes": [workspace().pk]}
    sent["connection"] = crm.pk
    told = client.post(at("edit", window), sent)
    sent["seen"] = seen_in(told)

    saved = client.post(at("edit", window), {**sent, "revision": 1})
    stale = client.post(at("edit", window), {**sent, "title": "Other", "revision": 1})

    assert (saved.status_code, stale.status_code) == (302, 409)
    now = MaintenanceWindow.objects.get()
    assert (now.title, now.connection, now.in_flight, now.revision) == ("CRM upgrade", crm, "hold", 2)


def test_of_one_that_has_begun_only_the_end_is_asked() -> None:
    window = make_current()
    client = signed_in(Role.OPERATOR)
    sent = {"ends_at": "2099-03-01T12:00", "revision": 1}
    assert set(client.get(at("edit", window)).context["form"].fields) == {"ends_at", "seen"}

    told = client.post(at("edit", window), sent)
    client.post(at("edit", window), {**sent, "seen": seen_in(told)})

    assert MaintenanceWindow.objects.get().ends_at.year == 2099
    end_window(window.pk)
    assert "The window is over." in text_of(client.get(at("edit", window)))


def test_ending_and_deleting_say_how_many_are_resumed() -> None:
    window = make_current()
    take(window, make_workflow("Leads").pk)
    client = signed_in(Role.OPERATOR)

    for word in ("end", "delete"):
        asked = text_of(client.get(at(word, window)))
        assert "1 workflow that it paused will be resumed" in asked
        assert "Leads" in asked
    ended = client.post(at("end", window), {"revision": 1})
    deleted = client.post(at("delete", window), {"revision": 2}, headers=HTMX)

    assert (ended.status_code, deleted.status_code) == (302, 204)
    assert words(kind="maintenance")[-2:] == ["Maintenance window changed", "Maintenance window deleted"]
    assert client.get(at("detail", window)).status_code == 404


def test_deleting_what_lies_ahead_says_who_is_not_paused() -> None:
    make_workflow()

    asked = signed_in(Role.OPERATOR).get(at("delete", make_window()))

    assert "1 workflow that is Active now will not be paused." in text_of(asked)
