"""The demo site as root of addresses, with its templates, badges and navigation; a signed-in client."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.test import Client

from config.web import badges, navigation
from tests.config.web import demo
from tests.config.web.browsing import Visit, visiting


@pytest.fixture
def site(settings, monkeypatch) -> Iterator[None]:
    """Serve `demo` instead of the product."""
    settings.ROOT_URLCONF = "tests.config.web.demo"
    monkeypatch.setattr(badges, "_badges", dict(demo.LOOKS))
    entries = {entry.url_name: entry for entry in demo.navigation_entries}
    monkeypatch.setattr(navigation, "_destinations", entries)
    monkeypatch.setattr(navigation, "_own_pages", {})
    monkeypatch.setattr(navigation, "_palette", [])
    yield


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user("ada", password="correct horse battery")


@pytest.fixture
def signed_in(site, person, client: Client) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def groups(db) -> list[Group]:
    return [Group.objects.create(name=f"Workflow {n:02d}") for n in range(1, 13)]


@pytest.fixture
def open_site(site, browser, live_server, transactional_db) -> Callable[..., AbstractContextManager[Visit]]:
    """Opens the demo site signed in; `session=False` for a stranger, other options go to the browser context."""

    def open_it(*, session: bool = True, **options: object) -> AbstractContextManager[Visit]:
        cookies = {}
        if session:
            person = User.objects.create_user("ada", password="correct horse battery")
            client = Client()
            client.force_login(person)
            cookies[django_settings.SESSION_COOKIE_NAME] = client.cookies[
                django_settings.SESSION_COOKIE_NAME
            ].value
        return visiting(browser, live_server.url, cookies, **options)

    return open_it


@pytest.fixture
def many(transactional_db) -> list[Group]:
    return [Group.objects.create(name=f"Workflow {n:02d}") for n in range(1, 13)]
