"""List pages: whole, as fragments, polled."""

import re

import pytest
from django.contrib.auth.models import Group

LIST = "/demo/workflows/"
HTMX = {"HX-Request": "true"}


def names(response) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a[^>]*>([^<]+)</a>', response.content.decode())


def mark_of(response) -> str:
    return re.search(r'data-mark="(\w+)"', response.content.decode()).group(1)


def test_fragment_is_the_results_alone(signed_in, groups):
    response = signed_in.get(LIST, headers=HTMX)
    assert response.content.decode().startswith('<div id="results"')
    assert "<main" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


def test_history_restore_gets_the_whole_page(signed_in, groups):
    response = signed_in.get(LIST, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert response.content.decode().count("<main") == 1


def test_unchanged_poll_gets_204_without_a_body(signed_in, groups):
    mark = mark_of(signed_in.get(LIST))
    unchanged = signed_in.get(LIST, {"since": mark}, headers=HTMX)
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    Group.objects.filter(pk=groups[3].pk).update(name="Workflow 04b")
    changed = signed_in.get(LIST, {"since": mark}, headers=HTMX)
    assert changed.status_code == 200
    assert "since" not in changed.content.decode()
    assert "HX-Push-Url" not in changed


def test_since_on_a_whole_page_is_ignored(signed_in, groups):
    mark = mark_of(signed_in.get(LIST))
    assert signed_in.get(LIST, {"since": mark}).status_code == 200


def test_filter_pushes_the_address_in_its_one_spelling(signed_in, groups):
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{LIST}"}
    response = signed_in.get(f"{LIST}?q=1&status=active%2Cpaused&page=", headers=headers)
    assert response["HX-Push-Url"] == f"{LIST}?status=active,paused&q=1"


def test_refresh_at_the_same_address_pushes_nothing(signed_in, groups):
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{LIST}?status=active%2Cpaused"}
    assert "HX-Push-Url" not in signed_in.get(f"{LIST}?status=active,paused", headers=headers)


@pytest.mark.parametrize("query", ["?status=active,paused", "?status=active&status=paused"])
def test_choice_reads_commas_and_repeated_parameters(signed_in, groups, query):
    assert len(names(signed_in.get(LIST + query))) == 6


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?colour=red", "1 filter was not understood and is ignored: colour"),
        ("?status=purple", "1 filter was not understood and is ignored: status"),
        ("?sort=weight", "1 filter was not understood and is ignored: sort"),
        ("?colour=red&status=purple", "2 filters were not understood and are ignored: colour, status"),
    ],
)
def test_parameters_not_understood_are_ignored_and_said(signed_in, groups, query, sentence):
    response = signed_in.get(LIST + query)
    assert sentence in response.content.decode()
    assert len(names(response)) == 12


def test_known_parameters_are_understood(signed_in, groups):
    text = signed_in.get(f"{LIST}?page=1&sort=-name&overview=3&per_page=5").content.decode()
    assert "not understood" not in text


def test_sort_links_keep_the_filters_and_say_the_direction(signed_in, groups):
    text = signed_in.get(f"{LIST}?status=active,paused&sort=-name&page=1").content.decode()
    assert 'aria-sort="descending"' in text
    assert f'href="{LIST}?status=active,paused&amp;sort=name"' in text


def test_pages_are_numbered_and_bounded(signed_in, groups):
    response = signed_in.get(f"{LIST}?per_page=5&page=2")
    assert names(response) == [f"Workflow {n:02d}" for n in range(6, 11)]
    assert 'id="page-2"' in response.content.decode()
    assert len(names(signed_in.get(f"{LIST}?per_page=5&page=99"))) == 2
    assert len(names(signed_in.get(f"{LIST}?per_page=-1"))) == 1


def test_row_header_labels_and_ids_are_there(signed_in, groups):
    text = signed_in.get(LIST).content.decode()
    assert f'<tr id="row-{groups[0].pk}" data-row>' in text
    assert '<caption class="hidden-text">Workflows</caption>' in text
    assert 'data-label="Success 24 h"' in text


def test_chips_name_their_filter_and_remove_it(signed_in, groups):
    text = signed_in.get(f"{LIST}?status=active&name=flow").content.decode()
    assert 'name="without" value="name" data-remove="name" aria-label="Remove filter Name"' in text
    response = signed_in.get(f"{LIST}?status=active&name=flow&sort=-name&page=2&without=name")
    assert (response.status_code, response.headers["Location"]) == (302, f"{LIST}?status=active&sort=-name")


def test_empty_list_tells_none_yet_from_no_match(signed_in):
    assert "No workflows yet" in signed_in.get(LIST).content.decode()
    assert "Nothing matches" in signed_in.get(f"{LIST}?q=x").content.decode()


def test_counts_end_at_the_cap(signed_in, groups, monkeypatch):
    monkeypatch.setattr("config.web.paging.COUNT_CAP", 10)
    monkeypatch.setattr("config.web.templatetags.web.COUNT_CAP", 10)
    text = signed_in.get(f"{LIST}?per_page=5").content.decode()
    assert "10+ found" in text
    assert 'id="page-3"' not in text


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_list_needs_the_same_queries_for_any_number_of_rows(signed_in, rows, django_assert_num_queries):
    Group.objects.bulk_create(Group(name=f"g{n:03d}") for n in range(rows))
    with django_assert_num_queries(4):  # session, person, count, rows
        signed_in.get(LIST)


def test_cursor_page_walks_by_links(signed_in, groups):
    first = signed_in.get("/demo/runs/").content.decode()
    shown = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', first)
    assert shown == [f"Workflow {n:02d}" for n in range(12, 7, -1)]
    following = re.search(r'id="page-next"[^>]*href="([^"]+)"', first).group(1)
    second = signed_in.get(following).content.decode()
    assert re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', second)[0] == "Workflow 07"
    assert 'id="page-previous"' in second


def test_cursor_page_says_that_a_cursor_was_not_understood(signed_in, groups):
    text = signed_in.get("/demo/runs/?cursor=nonsense").content.decode()
    assert "1 filter was not understood and is ignored: cursor" in text
    assert "Workflow 12" in text
