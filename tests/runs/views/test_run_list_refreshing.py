"""The list of runs asks again: states as they are now, and new rows that wait."""

import re
from typing import Any

import pytest
from django.test import Client

from runs.models import Run
from tests.factories import make_run, make_workflow
from tests.runs.views.listed_runs import LIST, ids, mark_of, poll, shown
from tests.runs.views.pages import HTMX, text_of

pytestmark = pytest.mark.django_db


def test_unchanged_poll_has_no_body_and_few_queries(viewer: Client, django_assert_num_queries: Any) -> None:
    make_run(make_workflow())
    mark = mark_of(viewer.get(LIST))

    with django_assert_num_queries(5):
        answer = poll(viewer, mark)

    assert (answer.status_code, answer.content) == (204, b"")


def test_poll_shows_states_as_they_are_now(viewer: Client) -> None:
    run = make_run(make_workflow(), status="running")
    mark = mark_of(viewer.get(LIST))
    Run.objects.filter(pk=run.pk).update(status="success")

    answer = poll(viewer, mark)

    assert answer.status_code == 200
    assert 'data-status="success"' in text_of(answer)
    assert "HX-Push-Url" not in answer.headers


def test_new_rows_wait_until_they_are_asked_for(viewer: Client) -> None:
    workflow = make_workflow()
    old = make_run(workflow)
    first = viewer.get(LIST)
    newer = [make_run(workflow) for _number in range(12)]

    second = poll(viewer, mark_of(first))
    newest = make_run(workflow)
    third = poll(viewer, mark_of(second))

    assert (shown(second), shown(third)) == (ids(old), ids(old))
    assert "12 new runs</a>" in text_of(second)
    assert "13 new runs</a>" in text_of(third)
    assert poll(viewer, mark_of(third)).status_code == 204
    asked = viewer.get(LIST, headers=HTMX)
    assert shown(asked) == ids(newest, *reversed(newer), old)
    assert "new runs</a>" not in text_of(asked)


def test_new_rows_outside_the_filter_are_not_announced(viewer: Client) -> None:
    workflow = make_workflow()
    make_run(workflow, status="failed")
    mark = mark_of(viewer.get(f"{LIST}?status=failed"))
    make_run(workflow, status="running")

    assert poll(viewer, mark, "status=failed").status_code == 204


def test_empty_list_shows_its_first_run_with_the_next_poll(viewer: Client) -> None:
    mark = mark_of(viewer.get(LIST))
    assert poll(viewer, mark).status_code == 204
    run = make_run(make_workflow())

    assert shown(poll(viewer, mark)) == ids(run)


def test_strange_mark_is_no_error(viewer: Client) -> None:
    run = make_run(make_workflow())

    assert shown(poll(viewer, "x.y")) == ids(run)


def test_older_page_polls_only_while_a_run_on_it_is_open(viewer: Client) -> None:
    workflow = make_workflow()
    for _number in range(51):
        make_run(workflow, status="success")
    first = viewer.get(LIST)
    older = re.search(r'id="page-next"[^>]* href="([^"]+)"', text_of(first)).group(1)

    assert 'data-poll="5"' in text_of(first)
    assert "data-poll" not in text_of(viewer.get(older))
    Run.objects.filter(pk=shown(viewer.get(older))[0]).update(status="running")
    assert 'data-poll="5"' in text_of(viewer.get(older))
