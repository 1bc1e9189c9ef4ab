"""Recent actions: a person's own last acts, from the user menu."""

import re

from django.test import Client

from audit import context
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from tests.factories import make_user
from tests.runs.views.pages import HTMX, client_of, text_of

ADDRESS = "/automations/audit/recent/"


def did(user, label, *, word=AuditWord.WORKFLOW_PAUSED, origin="page"):
    actor = context.Actor("person", str(user.pk), user.get_username())
    with context.acting(actor, origin=origin), change():
        record(word, Subject("workflow", "1", label))


def subjects(page: str) -> list[str]:
    return re.findall(r'id="recent-\d+"[^>]*>[^<]*</a> · <b>([^<]*)</b>', page)


def test_the_last_twenty_of_ones_own_newest_first(db):
    user, other = make_user("viewer", username="vera"), make_user("viewer", username="otto")
    for number in range(22):
        did(user, f"Flow {number}")
    did(other, "Theirs")
    did(user, "Many", origin="bulk 1")
    did(user, "Vera", word=AuditWord.SIGN_IN)
    page = text_of(client_of(user).get(ADDRESS))
    assert subjects(page) == [f"Flow {number}" for number in range(21, 1, -1)]


def test_it_is_a_dialog_of_the_user_menu_and_says_when_there_is_nothing(db):
    client = client_of(make_user("viewer"))
    assert f'hx-get="{ADDRESS}" hx-target="#modal"' in text_of(client.get("/settings/"))
    dialog = text_of(client.get(ADDRESS, headers=HTMX))
    assert dialog.lstrip().startswith('<div id="dialog"')
    assert "You have not done anything yet." in dialog
    assert Client().get(ADDRESS).status_code == 302
