"""Telling fragments from pages, and answering them."""

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.web import htmx


def request(**headers: str):
    return RequestFactory().get("/", headers=headers)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "false"}, False),
    ],
)
def test_wants_partial_only_for_plain_htmx_requests(headers, expected):
    assert htmx.wants_partial(request(**headers)) is expected


def test_vary_on_htmx_keeps_what_is_there():
    response = HttpResponse(headers={"Vary": "Cookie"})
    assert htmx.vary_on_htmx(response)["Vary"] == "Cookie, HX-Request"


def test_done_closes_first_and_tells_last():
    response = htmx.done("workflow-changed", notice="Pausiert für heute")
    assert response.status_code == 204
    assert list(json.loads(response["HX-Trigger"])) == ["modal-close", "workflow-changed", "notice"]
    assert json.loads(response["HX-Trigger"])["notice"] == {"text": "Pausiert für heute"}
    assert response["HX-Trigger"].isascii()


def test_notice_carries_the_undo_address():
    assert htmx.notice("Done.", undo_url="/undo/") == {
        "text": "Done.",
        "undo": {"label": "Undo", "url": "/undo/"},
    }


def test_with_events_adds_to_earlier_ones():
    response = htmx.with_events(htmx.with_events(HttpResponse(), {"a": {}}), {"b": {"n": 1}})
    assert json.loads(response["HX-Trigger"]) == {"a": {}, "b": {"n": 1}}


def test_finish_redirects_others_and_leaves_the_message(signed_in, groups):
    url = f"/demo/workflows/{groups[0].pk}/rename/"
    response = signed_in.post(url, {"name": "New", "in_flight": "finish"})
    assert (response.status_code, response["Location"]) == (302, "/demo/workflows/")
    page = signed_in.get("/demo/workflows/").content.decode()
    assert "<p>Renamed.<form" in page
    assert f'action="/demo/workflows/{groups[0].pk}/undo/"' in page


def test_problem_and_gone_say_it_in_events():
    refused = htmx.problem("No.", status=403, request="r1")
    assert json.loads(refused["HX-Trigger"]) == {"problem": {"text": "No.", "request": "r1"}}
    missing = htmx.gone("Not here.", element="row-7")
    assert (missing.status_code, json.loads(missing["HX-Trigger"])["gone"]["id"]) == (404, "row-7")
