"""Cursors and capped counts."""

import base64
import json

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from config.web import paging
from config.web.paging import CursorRefused, Keyset


def walk(keyset: Keyset) -> list[list[str]]:
    pages, cursor = [], ""
    while True:
        shown = keyset.page(cursor)
        pages.append([row.name for row in shown.rows])
        if not shown.next:
            return pages
        cursor = shown.next


@pytest.fixture
def twelve(db) -> list[Group]:
    return [Group.objects.create(name=f"g{n:02d}") for n in range(12)]


def test_keyset_shows_every_row_once_in_order(twelve):
    pages = walk(Keyset(Group.objects.all(), ("-name", "-pk"), per_page=5))
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [name for page in pages for name in page] == [f"g{n:02d}" for n in range(11, -1, -1)]


def test_keyset_leads_back_to_the_page_before(twelve):
    keyset = Keyset(Group.objects.all(), ("-name", "-pk"), per_page=5)
    first = keyset.page()
    second = keyset.page(first.next)
    back = keyset.page(second.previous)
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]
    assert (first.previous, back.previous, back.next) == ("", "", first.next)


def test_new_rows_do_not_shift_a_page(twelve):
    keyset = Keyset(Group.objects.all(), ("-pk",), per_page=5)
    cursor = keyset.page().next
    before = [row.pk for row in keyset.page(cursor).rows]
    Group.objects.create(name="newest")
    assert [row.pk for row in keyset.page(cursor).rows] == before


def test_rows_of_one_instant_are_told_apart_by_the_key(db):
    now = timezone.now()
    people = [User.objects.create(username=f"u{n}", date_joined=now) for n in range(7)]
    keyset = Keyset(User.objects.all(), ("-date_joined", "-pk"), per_page=3)
    first = keyset.page()
    second = keyset.page(first.next)
    third = keyset.page(second.next)
    seen = [row.pk for shown in (first, second, third) for row in shown.rows]
    assert seen == [person.pk for person in reversed(people)]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_keyset_without_further_pages_has_no_cursors(db, count):
    for n in range(count):
        Group.objects.create(name=f"g{n}")
    shown = Keyset(Group.objects.all(), ("-pk",), per_page=5).page()
    assert (len(shown.rows), shown.next, shown.previous) == (count, "", "")


def encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", "é", encoded([]), encoded({}), encoded([0]), encoded([0, None]), encoded([0, 1, 2]), encoded([0, [1]]),
     encoded([0, "not a number"]), encoded("[" * 50)],
)  # fmt: skip
def test_foreign_cursor_is_refused(db, cursor):
    with pytest.raises(CursorRefused):
        Keyset(Group.objects.all(), ("-pk",), per_page=5).page(cursor)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_decoding_any_text_raises_nothing_else(text):
    keyset = Keyset(Group.objects.none(), ("-pk",), per_page=5)
    try:
        keyset._decode(text)
    except CursorRefused:
        return
    assert text


def test_keyset_of_mixed_directions_is_a_mistake_in_code():
    with pytest.raises(ValueError, match="one direction"):
        Keyset(Group.objects.none(), ("-name", "pk"), per_page=5)


def test_count_stops_above_the_cap(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(paging, "COUNT_CAP", 3)
    for n in range(6):
        Group.objects.create(name=f"g{n}")
    with django_assert_num_queries(1) as captured:
        assert paging.capped_count(Group.objects.all()) == 4
    assert "LIMIT 4" in captured[0]["sql"]
    assert paging.capped_count([1, 2]) == 2
