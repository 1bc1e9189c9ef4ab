"""The demo site as root of addresses, with its templates, badges and navigation; a signed-in client."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.test import Client

from config.web import badges, navigation
from tests.config.web import demo

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def site(settings, monkeypatch) -> Iterator[None]:
    """Serve `demo` instead of the product."""
    templates = deepcopy(django_settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.config.web.demo"
    monkeypatch.setattr(badges, "_badges", dict(demo.LOOKS))
    entries = {entry.url_name: entry for entry in demo.navigation_entries}
    monkeypatch.setattr(navigation, "_destinations", entries)
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
