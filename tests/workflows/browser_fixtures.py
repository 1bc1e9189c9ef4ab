"""Chromium for the tests of pages in this folder; every complaint of the page fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from tests.config.web.browsing import Visit, visiting


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit_as(chromium, live_server) -> Callable[..., AbstractContextManager[Visit]]:
    """Opens the site signed in as a person; other options go to the browser context."""

    def open_it(person: AbstractBaseUser, **options: object) -> AbstractContextManager[Visit]:
        client = Client()
        client.force_login(person)
        name = django_settings.SESSION_COOKIE_NAME
        return visiting(chromium, live_server.url, {name: client.cookies[name].value}, **options)

    return open_it
