"""Reads: who sees what, search, filters, cursors."""

import pytest

from tests.factories import make_scope, make_user, workspace
from tests.workflows.services.material import active, imported
from workflows import paging, queries, services
from workflows.lifecycle import ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_listed_shows_only_what_lies_in_the_persons_scopes() -> None:
    hub = make_scope("hub:sydney")
    imported("Outside")
    inside = imported("Inside", scope="hub:sydney")

    assert list(queries.listed(make_user("viewer", scope=hub))) == [inside]
    assert queries.listed(make_user("viewer")).count() == 2
    assert queries.listed(make_user(None)).count() == 0


def test_listed_leaves_the_deleted_out() -> None:
    services.delete(imported().pk, confirm="Lead")

    assert list(queries.everything()) == []


def test_by_name_or_id_finds_only_within_what_is_given() -> None:
    hub = make_scope("hub:sydney")
    foreign = imported("Foreign")
    seen = queries.listed(make_user("viewer", scope=hub))

    for text in ("Foreign", str(foreign.pk)):
        with pytest.raises(queries.NotFound):
            queries.by_name_or_id(text, workflows=seen)


def test_a_name_of_digits_is_found_when_no_id_fits() -> None:
    named = imported("4711")

    assert queries.by_name_or_id("4711") == named


@pytest.mark.parametrize("text", ["9" * 30, "٣", "-1", "\0", "x" * 1000])
def test_odd_texts_find_nothing(text: str) -> None:
    with pytest.raises(queries.NotFound):
        queries.by_name_or_id(text)


def test_archived_first_prefers_the_archived_one() -> None:
    old = imported()
    services.archive(old.pk)
    new = imported()

    assert queries.by_name_or_id("Lead") == new
    assert queries.by_name_or_id("Lead", archived_first=True) == old


def test_search_ignores_case_beyond_ascii() -> None:
    found = imported("Grüße")

    assert list(queries.searched(queries.everything(), "GRÜSSE")) == [found]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "a\0b"])
def test_search_takes_signs_as_they_are(text: str) -> None:
    imported("plain")

    assert list(queries.searched(queries.everything(), text)) == []


def test_filtered_by_tag_and_owner() -> None:
    person = make_user()
    tagged = imported("Tagged", tags=["a b", "c"])
    services.describe(tagged.pk, owner=person)
    imported("Other", tags=["a b c"])

    assert list(queries.filtered(queries.everything(), tag="c")) == [tagged]
    assert list(queries.filtered(queries.everything(), owner=person.get_username())) == [tagged]


def test_pages_hold_every_workflow_once() -> None:
    for number in range(7):
        active(f"Workflow {number % 3} {number}")

    seen, cursor = [], ""
    while cursor is not None:
        rows, cursor = queries.page(queries.everything(), limit=3, cursor=cursor)
        seen.extend(row.pk for row in rows)

    assert len(seen) == 7
    assert set(seen) == set(Workflow.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("cursor", ["!", "", "e30", "WzEsMl0", "W1tbW1s", "é", "A" * 5000])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(paging.CursorRefused):
        paging.unpack(cursor, str, int)


def test_a_cursor_gives_back_its_values() -> None:
    assert paging.unpack(paging.pack("naïve", 3), str, int) == ["naïve", 3]


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_texts_that_no_database_takes_are_refused_and_not_a_crash(text: str) -> None:
    assert queries.deleted_by_name_or_id(text) is None
    with pytest.raises(queries.NotFound):
        queries.scope_by_ref(text)
    with pytest.raises(queries.NotFound):
        queries.by_name_or_id(text)
    with pytest.raises(ValueRefused):
        services.pause(active().pk, reason=f"why {text} not")
