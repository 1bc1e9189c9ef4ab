"""The shorter way through Django for what other systems send."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver

from config.web.intake import beside
from runs.models import Run
from tests.factories import make_workflow

pytestmark = pytest.mark.django_db


class Answer:
    """What a WSGI server would send."""

    def __init__(self, path: str, *, method: str = "GET", host: str = "127.0.0.1", body: bytes = b"") -> None:
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": host,
            "SERVER_PORT": "80", "HTTP_HOST": host, "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
        }  # fmt: skip
        self.body = b"".join(beside(_pages)(environ, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]], *_more: Any) -> None:
        self.status, self.headers = int(status.split()[0]), dict(headers)


def _pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("299 Page", [])
    return [b"a page"]


@pytest.fixture(autouse=True)
def own_hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]


def test_delivery_is_taken_with_an_id_and_a_closed_policy() -> None:
    address = make_workflow().triggers.get(trigger_id="hook").address

    answer = Answer(f"/hooks/{address}", method="POST", body=b"{}")

    assert (answer.status, Run.objects.count()) == (202, 1)
    assert answer.headers["Signalbox-Request"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in answer.headers


def test_delivery_to_a_host_that_is_not_ours_is_refused_before_anything_is_entered() -> None:
    address = make_workflow().triggers.get(trigger_id="hook").address

    answer = Answer(f"/hooks/{address}", method="POST", body=b"{}", host="evil.test")

    assert (answer.status, Run.objects.count()) == (400, 0)


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/a/b", "/health/x"])
def test_address_that_is_none_is_not_found(path: str) -> None:
    answer = Answer(path)
    assert (answer.status, answer.body) == (404, b"Nothing answers at this address.")


@pytest.mark.parametrize("path", ["/", "/automations/workflows/", "/hooksy", "/api/v1/events"])
def test_everything_else_goes_to_the_pages(path: str) -> None:
    assert Answer(path).status == 299


def test_intake_stands_among_all_addresses_too() -> None:
    for path in ("/hooks/abc", "/health/live", "/health/ready"):
        assert get_resolver().resolve(path).func == get_resolver(settings.INTAKE_URLCONF).resolve(path).func
