"""Recipients of scopes: by service, page and command; who may; and failed deliveries sent again."""

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import DEFINITION, make_connection, make_scope, make_user, make_workflow, workspace
from tests.signing_in import signed_in
from tests.workflows.commands.terminal import manage
from tests.workflows.events import words
from workflows.lifecycle import Stale, ValueRefused
from workflows.models import Connection, NoticeDelivery, NoticeKind, NoticeRecipient, Role, Scope
from workflows.models.notice import ABOUT_WORKFLOWS
from workflows.notices import delivering
from workflows.services import notices
from workflows.services.recipients import add_recipient, change_recipient, remove_recipient, send_again

pytestmark = pytest.mark.django_db

PAGE = "/settings/notifications/"
HTMX = {"HX-Request": "true"}
OPS = "ops@example.test"


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def tell(number: int = 1, *names: str, scope: Scope | None = None) -> None:
    definition = {**DEFINITION, "settings": {"notify": list(names)}}
    workflow = make_workflow(definition=definition, scope=scope)
    with transaction.atomic():
        notices.raise_(
            NoticeKind.FINDING, f"finding:{number}", workflow=workflow, title=f"Finding {number}", text="So."
        )


def test_adding_twice_changes_nothing_and_adding_otherwise_changes() -> None:
    first = add_recipient(OPS, scope=workspace())
    again = add_recipient(OPS.upper(), scope=workspace())
    other = add_recipient(OPS, scope=workspace(), kinds=["overdue"], in_digest=True)
    assert [first[0], again[0], other[0]] == [True, False, True]
    row = NoticeRecipient.objects.get()
    assert (row.kinds, row.in_digest, row.revision) == (["overdue"], True, 2)
    assert words() == ["Recipient added", "Recipient changed"]


def test_all_kinds_are_the_same_as_none() -> None:
    row = add_recipient(OPS, scope=workspace(), kinds=ABOUT_WORKFLOWS)[1]
    assert row.kinds == []


@pytest.mark.parametrize("name", ["", "not@@right", "nobody", "a\nb@example.test", "x" * 400])
def test_a_recipient_that_nothing_can_be_sent_to_is_refused(name: str) -> None:
    with pytest.raises(ValueRefused):
        add_recipient(name, scope=workspace())
    assert not NoticeRecipient.objects.exists()


def test_people_and_chats_are_recipients_where_they_can_be_reached() -> None:
    make_user(username="kim", email="kim@example.test")
    make_connection("alarms", kind=Connection.Kind.CHAT, scope=make_scope("hub:sydney"))
    assert add_recipient("kim", scope=workspace())[0]
    with pytest.raises(ValueRefused):
        add_recipient("alarms", scope=workspace())
    assert add_recipient("alarms", scope=Scope.objects.get(ref="hub:sydney"))[0]


def test_changes_and_removal_are_audited_and_a_stale_one_is_refused() -> None:
    row = add_recipient(OPS, scope=workspace())[1]
    change_recipient(row.pk, kinds=["paused"], in_digest=False, revision=1)
    with pytest.raises(Stale):
        change_recipient(row.pk, kinds=[], in_digest=True, revision=1)
    remove_recipient(row.pk)
    assert words() == ["Recipient added", "Recipient changed", "Recipient removed"]


def test_a_failed_delivery_is_sent_again_where_the_name_means_something_now() -> None:
    tell(1, "kim")
    row = NoticeDelivery.objects.get()
    with pytest.raises(ValueRefused):
        send_again(row.pk)
    make_user(username="kim", email="kim@example.test")
    assert send_again(row.pk)[0] is True
    assert send_again(row.pk)[0] is False
    delivering.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.recipient) == (NoticeDelivery.State.SENT, "kim@example.test")
    assert words() == ["Notice sent again"]


def test_the_page_shows_recipients_notices_and_what_became_of_them() -> None:
    add_recipient(OPS, scope=workspace(), kinds=["finding"], in_digest=True)
    tell(1, "nobody")
    shown = text_of(signed_in(Role.VIEWER).get(PAGE))
    assert "Workspace Finding Once a day" in shown
    assert "in the daily digest" in shown
    assert "There is no person and no chat connection of this name." in shown
    assert "Add recipient" not in shown
    assert "Send again" not in shown
    failed = text_of(signed_in(Role.MANAGER).get(f"{PAGE}?delivery=failed"))
    assert "Finding 1" in failed
    assert "Send again" in failed


def test_an_empty_page_explains_itself() -> None:
    shown = text_of(signed_in(Role.VIEWER).get(PAGE))
    assert "No scope has recipients of its own." in shown
    assert "Nothing was told yet." in shown


def test_foreign_scopes_are_not_there() -> None:
    sydney, perth = make_scope("hub:sydney"), make_scope("hub:perth")
    row = add_recipient(OPS, scope=perth)[1]
    tell(1, "nobody", scope=perth)
    client = signed_in(Role.MANAGER, scope=sydney)
    shown = text_of(client.get(PAGE))
    assert OPS not in shown
    assert "Finding 1" not in shown
    delivery = NoticeDelivery.objects.latest("pk")
    assert client.get(f"{PAGE}recipients/{row.pk}/edit/").status_code == 404
    assert client.post(f"{PAGE}deliveries/{delivery.pk}/again/").status_code == 404


@pytest.mark.parametrize("word", ["edit", "remove"])
def test_operators_read_only(word: str) -> None:
    row = add_recipient(OPS, scope=workspace())[1]
    client = signed_in(Role.OPERATOR)
    assert client.get(f"{PAGE}recipients/{row.pk}/{word}/").status_code == 403
    assert client.post(f"{PAGE}recipients/{row.pk}/{word}/").status_code == 403
    assert client.get(f"{PAGE}recipients/new/").status_code == 403


def test_a_manager_adds_changes_and_removes_by_page_with_and_without_htmx() -> None:
    client = signed_in(Role.MANAGER)
    assert "Add recipient" in text_of(client.get(f"{PAGE}recipients/new/"))
    sent = {"recipient": OPS, "scope": workspace().pk, "kinds": ["overdue", "finding"], "rhythm": ""}
    refused = client.post(f"{PAGE}recipients/new/", {**sent, "recipient": "nobody"})
    assert refused.status_code == 422
    assert "no person and no chat connection" in text_of(refused)
    assert client.post(f"{PAGE}recipients/new/", sent).status_code == 302
    row = NoticeRecipient.objects.get()
    assert row.kinds == ["finding", "overdue"]
    changed = client.post(
        f"{PAGE}recipients/{row.pk}/edit/", {"rhythm": "digest", "revision": "1"}, headers=HTMX
    )
    assert (changed.status_code, "notifications-changed" in changed.headers["HX-Trigger"]) == (204, True)
    stale = client.post(f"{PAGE}recipients/{row.pk}/edit/", {"rhythm": "", "revision": "1"}, headers=HTMX)
    assert stale.status_code == 409
    assert client.post(f"{PAGE}recipients/{row.pk}/remove/", {"revision": "2"}).status_code == 302
    assert client.post(f"{PAGE}recipients/{row.pk}/remove/", {"revision": "2"}).status_code == 404


def test_sending_again_by_page() -> None:
    tell(1, "kim")
    make_user(username="kim", email="kim@example.test")
    pk = NoticeDelivery.objects.get().pk
    done = signed_in(Role.MANAGER).post(f"{PAGE}deliveries/{pk}/again/", headers=HTMX)
    assert done.status_code == 204
    assert "It is sent again to kim." in done.headers["HX-Trigger"]


def test_queries_of_the_page_do_not_grow() -> None:
    client, counts = signed_in(Role.MANAGER), set()
    for number in (1, 2, 20):
        add_recipient(f"p{number}@example.test", scope=workspace())
        tell(number, "nobody", OPS)
        with CaptureQueriesContext(connection) as caught:
            client.get(PAGE)
        counts.add(len(caught))
    assert len(counts) == 1


def test_the_command_adds_lists_and_removes() -> None:
    added = manage("notices", "add", OPS, "--kinds", "overdue,finding", "--digest", app="workflows")
    assert added.document["recipient"]["kinds"] == ["finding", "overdue"]
    again = manage("notices", "add", OPS, "--kinds", "overdue,finding", "--digest", app="workflows")
    assert (again.code, again.document["changed"]) == (0, False)
    listed = manage("notices", "recipients", app="workflows").document["recipients"]
    assert [(one["recipient"], one["scope"], one["digest"]) for one in listed] == [(OPS, "workspace", True)]
    wrong = manage("notices", "add", OPS, "--kinds", "x", app="workflows")
    assert (wrong.code, wrong.error["code"]) == (1, "invalid_value")
    gone = [manage("notices", "remove", OPS, app="workflows").document["changed"] for _ in range(2)]
    assert gone == [True, False]


def test_the_command_lists_notices_by_pages() -> None:
    for number in range(1, 4):
        tell(number, "nobody" if number == 2 else OPS)
    first = manage("notices", "list", "--limit", "2", app="workflows").document
    second = manage("notices", "list", "--limit", "2", "--cursor", first["next"], app="workflows").document
    titles = [one["title"] for one in first["notices"] + second["notices"]]
    assert titles == ["Finding 3", "Finding 2", "Finding 1"]
    assert second["next"] is None
    failed = manage("notices", "list", "--failed", app="workflows").document["notices"]
    assert [one["title"] for one in failed] == ["Finding 2"]
    assert manage("notices", "list", "--cursor", "x", app="workflows").code == 1
