"""The log's pages: who sees what, filters, one event, the export."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit import verify
from audit.context import Actor, acting
from audit.models import AuditEvent
from audit.services import Subject
from audit.verbs import AuditWord
from tests import factories
from tests.audit.events import make_event, make_events
from workflows.models import Role

pytestmark = pytest.mark.django_db

LIST = "/automations/audit/"
EXPORT = "/automations/audit/export/"


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(factories.make_user(Role.MANAGER))
    return client


def numbers(response: Any) -> list[int]:
    """The event numbers of the list's rows, from top to bottom."""
    return [int(number) for number in re.findall(r'<tr id="event-(\d+)"', response.content.decode())]


def test_stranger_is_sent_to_sign_in(client: Client) -> None:
    for address in (LIST, EXPORT, f"{LIST}1/"):
        response = client.get(address)

        assert (response.status_code, response.url) == (302, f"/login/?next={address}")


def test_list_shows_newest_first_with_everything_of_a_row(manager: Client) -> None:
    with acting(Actor("person", "7", "anna"), origin="page", correlation="abc-1"):
        event = make_event(
            word=AuditWord.WORKFLOW_PAUSED,
            before={"status": "active"},
            after={"status": "paused"},
            reason="crm <is> down",
        )

    page = manager.get(LIST)

    text = page.content.decode()
    assert numbers(page)[0] == event.pk
    for expected in ("anna", "Workflow paused", "Digest", "crm &lt;is&gt; down", "abc-1", "page"):
        assert expected in text
    assert f"{event.time.microsecond // 1000:03d}" in text


def test_list_has_one_query_count_for_any_length(manager: Client, django_assert_num_queries: Any) -> None:
    make_events(1)
    manager.get(LIST)
    with django_assert_num_queries(6):
        manager.get(LIST)
    make_events(60)

    with django_assert_num_queries(6):
        page = manager.get(LIST)

    assert len(numbers(page)) == 50


def test_cursor_leads_through_all_events_once(manager: Client) -> None:
    make_events(120)
    seen: list[int] = []
    address = LIST
    while address:
        page = manager.get(address)
        seen += numbers(page)
        following = re.search(r'id="page-next"[^>]* href="([^"]+)"', page.content.decode())
        address = following.group(1) if following else ""

    assert seen == list(AuditEvent.objects.order_by("-id").values_list("id", flat=True))


def test_fragment_is_the_results_alone(manager: Client) -> None:
    page = manager.get(LIST, headers={"HX-Request": "true"})

    assert "<html" not in page.content.decode()
    assert 'id="results"' in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=ANN", ["a", "d"]),
        ("event=Workflow+paused", ["b"]),
        ("subject=7", ["a", "b"]),
        ("subject=Old+name", ["a", "b"]),
        ("subject=igest", ["d"]),
        ("origin=API", ["b"]),
        ("origin=bulk", ["d"]),
        ("origin=API&person=bert", ["b"]),
        ("from=2999-01-01", []),
        ("to=2000-01-01", []),
        ("person=nobody", []),
    ],
)
def test_filter_narrows(manager: Client, query: str, found: list[str]) -> None:
    with acting(Actor("person", "1", "anna"), origin="page"):
        first = make_event(subject=Subject("workflow", "7", "Old name"))
    with acting(Actor("person", "2", "bert"), origin="API"):
        second = make_event(word=AuditWord.WORKFLOW_PAUSED, subject=Subject("workflow", "7", "New name"))
    with acting(Actor("person", "1", "anna"), origin="bulk:12"):
        fourth = make_event(subject=Subject("connection", "7", "Digest"))
    names = {first.pk: "a", second.pk: "b", fourth.pk: "d"}

    page = manager.get(f"{LIST}?{query}")

    assert sorted(names.get(number, "other") for number in numbers(page)) == found


def test_range_includes_both_days(manager: Client) -> None:
    make_events(1)
    today = timezone.localdate()

    assert numbers(manager.get(f"{LIST}?from={today}&to={today}"))
    assert not numbers(manager.get(f"{LIST}?to={today - timedelta(days=1)}"))
    assert not numbers(manager.get(f"{LIST}?from={today + timedelta(days=1)}"))


def test_unknown_values_are_told_and_ignored(manager: Client) -> None:
    make_events(1)

    page = manager.get(f"{LIST}?event=Nonsense&from=soon&cursor=x")

    assert page.status_code == 200
    assert "3 filters were not understood" in page.content.decode()


def test_foreign_events_are_not_there(client: Client) -> None:
    mine, other = factories.make_scope("hub:mine"), factories.make_scope("hub:other")
    seen = make_event(subject=Subject("workflow", "1", "Mine", mine.pk))
    foreign = make_event(subject=Subject("workflow", "2", "Other", other.pk))
    unscoped = make_event(subject=Subject("audit", "", "Audit log"))
    client.force_login(factories.make_user(Role.MANAGER, scope=mine))
    verify.verify()

    page = client.get(LIST)
    exported = b"".join(client.get(f"{EXPORT}?format=jsonl").streaming_content).decode()

    mine_only = list(AuditEvent.objects.filter(scope_id=mine.pk).order_by("id").values_list("id", flat=True))
    assert seen.pk in mine_only
    assert numbers(page) == mine_only[::-1]
    assert "chain whole" in page.content.decode() and "events, chain whole" not in page.content.decode()
    assert [json.loads(line)["id"] for line in exported.splitlines()] == mine_only
    for number in (foreign.pk, unscoped.pk, 999):
        assert client.get(f"{LIST}{number}/").status_code == 404
    assert client.get(f"{LIST}{seen.pk}/").status_code == 200


def test_event_page_shows_values_chain_history_and_siblings(manager: Client) -> None:
    workflow = factories.make_workflow("Digest")
    row = workflow.history.first()
    with acting(Actor("person", "1", "anna"), origin="page", correlation="same-1"):
        sibling = make_event(word=AuditWord.VERSION_CREATED)
        event = make_event(
            before={"name": "Old"}, after={"name": "Digest <b>"}, history={"workflow": row.history_id}
        )

    text = manager.get(f"{LIST}{event.pk}/").content.decode()

    assert "Digest &lt;b&gt;" in text
    assert event.hash in text and event.previous_hash in text
    assert f"Row version {row.history_id} of the workflow" in text
    assert f'href="/automations/audit/{sibling.pk}/"' in text
    assert "/admin/" not in text


def test_event_page_links_staff_to_the_admin(client: Client) -> None:
    workflow = factories.make_workflow("Digest")
    row = workflow.history.first()
    event = make_event(history={"workflow": row.history_id})
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))

    text = client.get(f"{LIST}{event.pk}/").content.decode()

    address = f"/admin/workflows/workflow/{workflow.pk}/history/{row.history_id}/"
    assert f'href="{address}"' in text
    assert client.get(address).status_code == 200


def test_head_line_tells_the_last_verification(manager: Client) -> None:
    assert "Not verified yet" in manager.get(LIST).content.decode()
    make_events(1_2)
    found = verify.verify()

    text = manager.get(LIST).content.decode()

    assert f"{found.events} events, chain whole" in text
    verify.AuditVerification.objects.update(ok=False, problem="Event 3 is missing.")
    assert "Event 3 is missing." in manager.get(LIST).content.decode()


def test_nothing_edits_or_deletes(manager: Client) -> None:
    event = make_event()

    for address in (LIST, EXPORT, f"{LIST}{event.pk}/"):
        for method in (manager.post, manager.put, manager.patch, manager.delete):
            assert method(address).status_code == 405
