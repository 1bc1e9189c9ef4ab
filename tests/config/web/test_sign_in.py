"""Signing in and out."""

import pytest


def sign_in(client, **changes: str):
    return client.post("/login/", {"username": "ada", "password": "correct horse battery", **changes})


def test_sign_in_leads_to_next(site, person, client):
    response = sign_in(client, next="/demo/runs/")
    assert (response.status_code, response["Location"]) == (302, "/demo/runs/")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_never_leads_to_another_host(site, person, client, next_page):
    assert sign_in(client, next=next_page)["Location"] == "/"


def test_unknown_name_and_wrong_password_get_one_answer(site, person, client):
    answers = []
    for changes in [{"username": "nobody"}, {"password": "wrong"}]:
        text = sign_in(client, **changes).content.decode()
        answers.append(text[text.index('id="error-summary"') :].split("</div>")[0])
    assert answers[0] == answers[1]
    assert "Name and password do not match." in answers[0]


def test_inactive_person_gets_the_same_answer(site, person, client):
    person.is_active = False
    person.save()
    assert "Name and password do not match." in sign_in(client).content.decode()


def test_start_page_redirects_to_the_first_destination(signed_in):
    assert signed_in.get("/")["Location"] == "/demo/workflows/"


def test_sign_out_needs_a_post(signed_in):
    assert signed_in.get("/logout/").status_code == 405
    assert signed_in.post("/logout/")["Location"] == "/login/"
    assert signed_in.get("/demo/workflows/").status_code == 302
