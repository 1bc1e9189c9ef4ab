"""The gate, request ids, zones and caching."""

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from config.web.origins import current_page, previous_page

LIST = "/demo/workflows/"


def test_stranger_is_sent_to_sign_in_with_the_way_back(site, client: Client):
    response = client.get(f"{LIST}?status=active,paused")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/demo/workflows/%3Fstatus%3Dactive%2Cpaused"


def test_fragment_of_a_stranger_gets_401_and_the_page_it_belongs_to(site, client: Client):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{LIST}?q=1"}
    response = client.get(f"{LIST}?q=1&since=abc", headers=headers)
    assert (response.status_code, response.content) == (401, b"")
    target = urlsplit(response["HX-Redirect"])
    assert (target.path, parse_qs(target.query)) == ("/login/", {"next": [f"{LIST}?q=1"]})


@pytest.mark.parametrize("url", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", ""])
def test_origins_are_this_host_only(rf, url):
    request = rf.get("/", headers={"HX-Current-URL": url, "Referer": url})
    assert (current_page(request), previous_page(request)) == ("/", "/")


def test_request_id_is_new_for_each_request_and_never_the_clients(signed_in):
    ids = {signed_in.get(LIST, headers={"Signalbox-Request": "mine"})["Signalbox-Request"] for _ in range(3)}
    assert len(ids) == 3
    assert all(uuid.UUID(one).version == 7 for one in ids)


def test_signed_in_pages_are_not_kept(signed_in):
    assert signed_in.get(LIST)["Cache-Control"] == "no-store"


def test_times_are_shown_in_the_persons_zone(signed_in, groups):
    address = f"/demo/workflows/{groups[0].pk}/"
    assert "23 Nov 2026, 08:14:03 UTC" in signed_in.get(address).content.decode()
    signed_in.cookies["signalbox_zone"] = "Europe/Berlin"
    assert "23 Nov 2026, 09:14:03 CET" in signed_in.get(address).content.decode()


def test_policy_header_is_strict(signed_in):
    policy = signed_in.get(LIST)["Content-Security-Policy"]
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
    ]
