"""Planning maintenance windows: what is accepted, recorded, and refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_connection, make_scope, workspace
from tests.workflows.events import change_of, newest, words
from tests.workflows.windows import make_current, make_window, plan
from workflows.lifecycle import Refusal, Stale, TransitionRefused, ValueRefused
from workflows.models import MaintenanceWindow
from workflows.services.maintenance import (
    Plan,
    WindowGone,
    change_window,
    create_window,
    delete_window,
    end_window,
    home_of,
)

pytestmark = pytest.mark.django_db


def plan_of(window: MaintenanceWindow, **changes) -> Plan:
    return replace(
        Plan(window.title, window.starts_at, window.ends_at, window.zone, list(window.scopes.all())),
        **changes,
    )


def test_create_records_what_was_planned_and_twice_is_once() -> None:
    wanted = plan("  CRM   upgrade ", tags=["crm"], triggers="skip")

    changed, window = create_window(wanted)
    again, same = create_window(wanted)

    assert (changed, again, same.pk) == (True, False, window.pk)
    assert (window.title, window.tags, window.state, window.in_flight) == (
        "CRM upgrade", ["crm"], "upcoming", "hold",
    )  # fmt: skip
    assert words() == ["Maintenance window created"]
    after = change_of(newest())[1]
    assert (after["scopes"], after["tags"], after["triggers"]) == (["workspace"], ["crm"], "skip")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"begins": 3, "ends": 2}, "ends_at"),
        ({"begins": -3, "ends": -2}, "ends_at"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"scopes": []}, "scopes"),
        ({"in_flight": "drop"}, "in_flight"),
        ({"triggers": "drop"}, "triggers"),
        ({"tags": ["a,b"]}, "tags"),
    ],
)
def test_create_refuses_bad_values_at_their_field(changes, path: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        create_window(plan(**{"title": "CRM upgrade", **changes}))

    assert refused.value.findings[0]["path"] == path
    assert (MaintenanceWindow.objects.count(), words()) == (0, [])


def test_create_refuses_tags_beside_a_connection() -> None:
    with pytest.raises(ValueRefused, match="not to both"):
        create_window(plan(tags=["crm"], connection=make_connection()))


def test_home_is_the_inmost_scope_that_holds_all() -> None:
    hub = make_scope("hub:sydney")
    card, other = make_scope("card:spring", parent=hub), make_scope("card:autumn", parent=hub)

    assert home_of([card]) == card
    assert home_of([card, other]) == hub
    assert home_of([card, make_scope("hub:perth")]) == workspace()


def test_change_records_the_difference_and_refuses_a_stale_page() -> None:
    window = make_window()
    hub = make_scope("hub:sydney")

    changed, now = change_window(window.pk, plan_of(window, title="Later", scopes=[hub]), revision=1)

    assert (changed, now.revision, now.scope) == (True, 2, hub)
    assert change_of(newest()) == (
        {"title": "CRM upgrade", "scopes": ["workspace"]},
        {"title": "Later", "scopes": ["hub:sydney"]},
    )
    assert change_window(window.pk, plan_of(now), revision=1)[0] is False
    with pytest.raises(Stale, match="Maintenance window changed"):
        change_window(window.pk, plan_of(now, title="Again"), revision=1)


def test_once_begun_only_the_end_may_change() -> None:
    window = make_current()

    with pytest.raises(Refusal, match="only its end can be changed"):
        change_window(window.pk, plan_of(window, title="Other"))
    later = window.ends_at + timedelta(hours=1)
    assert change_window(window.pk, plan_of(window, ends_at=later))[1].ends_at == later


def test_ending_early_is_once_and_only_for_what_has_begun() -> None:
    window, ahead = make_current(), make_window("Ahead")

    assert end_window(window.pk)[1].state == "ended_early"
    assert end_window(window.pk)[0] is False
    assert words()[-1] == "Maintenance window changed"
    with pytest.raises(TransitionRefused, match="has not begun"):
        end_window(ahead.pk)
    with pytest.raises(TransitionRefused, match="is over"):
        change_window(window.pk, plan_of(window, ends_at=timezone.now() + timedelta(hours=9)))


def test_deleted_is_gone_but_recorded() -> None:
    window = make_window()
    with pytest.raises(Stale):
        delete_window(window.pk, revision=7)

    delete_window(window.pk, revision=1)

    assert newest().event == "Maintenance window deleted"
    assert change_of(newest())[0]["title"] == "CRM upgrade"
    with pytest.raises(WindowGone):
        delete_window(window.pk)
    assert create_window(plan())[0] is True
