"""Support staff read the log in the admin and change nothing."""

import pytest
from django.test import Client

from audit.models import AuditEvent
from tests import factories
from tests.audit.events import make_event, make_events

pytestmark = pytest.mark.django_db

LIST = "/admin/audit/auditevent/"


@pytest.fixture
def support(client: Client) -> Client:
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    return client


def test_events_are_found(support: Client) -> None:
    event = make_event(reason="needle in the log")
    make_events(3)

    text = support.get(f"{LIST}?q=needle").content.decode()

    assert "needle in the log" in text
    assert f"{LIST}{event.pk}/change/" in text
    assert support.get(f"{LIST}?event=Workflow+described&origin=page").status_code == 200


def test_event_can_be_read_only(support: Client) -> None:
    event = make_event(reason="why")
    address = f"{LIST}{event.pk}/change/"

    text = support.get(address).content.decode()

    assert "why" in text and f"/automations/audit/{event.pk}/" in text
    assert event.actor_salt not in text and event.signature not in text
    assert 'name="_save"' not in text
    assert support.post(address, {"reason": "other"}).status_code == 403
    assert support.get(f"{LIST}add/").status_code == 403
    assert support.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.get(pk=event.pk).reason == "why"


def test_no_bulk_action_is_offered(support: Client) -> None:
    make_event()

    assert 'name="action"' not in support.get(LIST).content.decode()


def test_list_has_one_query_count_for_any_length(
    support: Client, django_assert_max_num_queries: object
) -> None:
    make_events(1)
    with django_assert_max_num_queries(9) as few:  # type: ignore[operator]
        support.get(LIST)
    make_events(40)
    with django_assert_max_num_queries(9) as many:  # type: ignore[operator]
        support.get(LIST)

    assert len(few) == len(many)
