"""Error pages and what fragments get instead."""

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from config.web import errors
from config.web.preferences import Preferences

FRAGMENT = {"HX-Request": "true", "HX-Trigger": "menu-7"}


def ask(rf, **headers: str):
    request = rf.get("/somewhere/", headers=headers)
    request.user, request.preferences, request.request_id = AnonymousUser(), Preferences(), "r-1"
    return request


def test_missing_page_names_a_way_on(signed_in):
    response = signed_in.get("/nowhere/")
    assert response.status_code == 404
    assert "<h1 " in response.content.decode()
    assert "Nothing is here" in response.content.decode()


def test_missing_page_to_a_fragment_lets_the_row_go(site, rf):
    response = errors.not_found(ask(rf, **FRAGMENT))
    told = json.loads(response["HX-Trigger"])["gone"]
    assert (response.status_code, told["id"]) == (404, "menu-7")
    assert told["text"].startswith("This is not here any more.")


def test_forbidden_uses_the_reason_and_says_who_can_grant(site, rf):
    response = errors.forbidden(ask(rf, **FRAGMENT), PermissionDenied("Pausing needs the role Operator."))
    told = json.loads(response["HX-Trigger"])["problem"]
    assert response.status_code == 403
    assert told["text"] == (
        "Pausing needs the role Operator. A manager of this scope can give you a role that allows it."
    )
    assert told["request"] == "r-1"


def test_csrf_failure_to_a_fragment_is_a_problem(site, rf):
    response = errors.csrf_failure(ask(rf, **FRAGMENT))
    assert response.status_code == 403
    assert json.loads(response["HX-Trigger"])["problem"]["text"].endswith(
        "Reload the page and send it again."
    )


def test_server_error_is_a_static_page_that_needs_no_database(site, rf):
    response = errors.server_error(ask(rf))
    text = response.content.decode()
    assert response.status_code == 500
    assert "r-1" in text
    assert 'href="/somewhere/"' in text


def test_server_error_of_a_view_keeps_the_theme(signed_in):
    signed_in.raise_request_exception = False
    signed_in.cookies["signalbox_theme"] = "dark"
    response = signed_in.get("/demo/broken/?<script>")
    assert response.status_code == 500
    assert 'data-theme="dark"' in response.content.decode()
    assert "<script>" not in response.content.decode()


@pytest.mark.django_db
def test_locked_out_names_the_wait(site, rf):
    response = errors.locked_out(ask(rf), None, {"username": "ada"})
    assert (response.status_code, response["Retry-After"]) == (429, "900")
    assert "Try again in 15 minutes." in response.content.decode()
    assert "ada" not in response.content.decode()


def test_bad_request_says_what_to_do(site, rf):
    response = errors.bad_request(ask(rf), None)
    assert response.status_code == 400
    assert "Go back and try again" in response.content.decode()
