"""A person's own settings."""

import pytest

from config.web import preferences
from config.web.preferences import Preferences


def test_defaults_without_cookies(rf):
    assert preferences.read(rf.get("/")) == Preferences("system", "", "on", "on")


def test_values_that_are_not_allowed_count_as_default(rf):
    request = rf.get("/")
    request.COOKIES = {
        "signalbox_theme": '"><script>',
        "signalbox_zone": "../etc/passwd",
        "signalbox_letters": "off",
    }
    assert preferences.read(request) == Preferences(letters="off")


def test_settings_page_saves_all_fields(signed_in):
    form = {"theme": "dark", "zone": "Asia/Kathmandu", "letters": "on"}
    assert signed_in.post("/settings/", form).status_code == 302
    values = {
        name: signed_in.cookies[f"signalbox_{name}"].value for name in ["theme", "zone", "updates", "letters"]
    }
    assert values == {"theme": "dark", "zone": "Asia/Kathmandu", "updates": "paused", "letters": "on"}
    assert (
        '<html lang="en" data-theme="dark" data-letters="on">' in signed_in.get("/settings/").content.decode()
    )


def test_settings_page_refuses_an_unknown_zone(signed_in):
    response = signed_in.post("/settings/", {"theme": "dark", "zone": "Mars/Base"})
    assert response.status_code == 422
    assert 'id="error-summary"' in response.content.decode()
    assert "signalbox_theme" not in signed_in.cookies


def test_single_preference_goes_back_to_the_page(signed_in):
    response = signed_in.post(
        "/settings/preference/",
        {"theme": "light"},
        headers={"Referer": "http://testserver/demo/workflows/?q=1"},
    )
    assert (response.status_code, response["Location"]) == (302, "/demo/workflows/?q=1")
    cookie = signed_in.cookies["signalbox_theme"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("light", True, "Lax")


def test_pause_updates_gives_htmx_its_button_again(signed_in):
    response = signed_in.post("/settings/preference/", {"updates": "paused"}, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert 'data-state="paused"' in text
    assert 'aria-pressed="true"' in text
    assert '<input type="hidden" name="updates" value="on">' in text


@pytest.mark.parametrize("form", [{}, {"theme": "pink"}, {"unknown": "x"}])
def test_unknown_preference_is_refused(signed_in, form):
    assert signed_in.post("/settings/preference/", form).status_code == 422


def test_preference_needs_a_post(signed_in):
    assert signed_in.get("/settings/preference/").status_code == 405
