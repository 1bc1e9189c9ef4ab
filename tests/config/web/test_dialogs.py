"""Dialogs as fragments and as pages."""

import re

HTMX = {"HX-Request": "true"}


def value(text: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', text).group(1)


def test_dialog_is_a_fragment_for_htmx_and_a_page_for_others(signed_in, groups):
    url = f"/demo/workflows/{groups[0].pk}/rename/"
    fragment = signed_in.get(url, headers=HTMX)
    page = signed_in.get(url)
    assert fragment.content.decode().strip().startswith('<div id="dialog"')
    assert '<h2 id="dialog-title">Rename workflow</h2>' in fragment.content.decode()
    assert page.content.decode().count("<h1") == 1
    assert "HX-Request" in fragment["Vary"]
    assert "HX-Request" in page["Vary"]


def test_dialog_form_carries_revision_and_a_new_key_each_time(signed_in, groups):
    url = f"/demo/workflows/{groups[0].pk}/rename/"
    texts = [signed_in.get(url).content.decode() for _ in range(2)]
    assert [value(text, "revision") for text in texts] == ["7", "7"]
    assert value(texts[0], "idempotency_key") != value(texts[1], "idempotency_key")


def test_bad_form_keeps_its_key_and_links_errors_to_fields(signed_in, groups):
    url = f"/demo/workflows/{groups[0].pk}/rename/"
    form = {"name": "x" * 51, "in_flight": "hold", "idempotency_key": "k-1"}
    response = signed_in.post(url, form, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 422
    assert value(text, "idempotency_key") == "k-1"
    assert '<a href="#id_name">Name: Use at most 50 characters.</a>' in text
    assert 'aria-describedby="id_name_helptext id_name_error"' in text
    assert 'aria-invalid="true"' in text
    assert f'value="{"x" * 51}"' in text


def test_refusal_is_409_with_a_new_key(signed_in, groups):
    url = f"/demo/workflows/{groups[0].pk}/rename/"
    response = signed_in.post(
        url, {"name": "a", "in_flight": "hold", "revision": "6", "idempotency_key": "k-1"}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "<strong>Ada changed this at 09:14:03.</strong>" in text
    assert value(text, "idempotency_key") != "k-1"
    assert value(text, "revision") == "7"


def test_overlong_key_is_not_sent_back(signed_in, groups):
    url = f"/demo/workflows/{groups[0].pk}/rename/"
    text = signed_in.post(url, {"name": "", "idempotency_key": "k" * 65}).content.decode()
    assert len(value(text, "idempotency_key")) == 36


def test_keyboard_help_has_no_form(signed_in):
    text = signed_in.get("/help/keyboard/", headers=HTMX).content.decode()
    assert "<form" not in text
    assert "<kbd>g</kbd> <kbd>w</kbd>" in text
