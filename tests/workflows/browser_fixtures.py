"""Pages in Chromium for the tests of this folder; every complaint of the page fails the test."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from tests.config.web.browsing import Visit, visiting


@pytest.fixture
def visit_as(browser, live_server) -> Callable[..., AbstractContextManager[Visit]]:
    """Opens the site signed in as a person; other options go to the browser context."""

    def open_it(person: AbstractBaseUser, **options: object) -> AbstractContextManager[Visit]:
        client = Client()
        client.force_login(person)
        name = django_settings.SESSION_COOKIE_NAME
        return visiting(browser, live_server.url, {name: client.cookies[name].value}, **options)

    return open_it
