"""People in a workspace, and their browsers."""

import pytest
from django.test import Client

from tests.factories import make_user
from tests.runs.views.pages import client_of


@pytest.fixture
def manager(db: None) -> Client:
    return client_of(make_user("manager", username="admin"))


@pytest.fixture
def editor(db: None) -> Client:
    return client_of(make_user("editor", username="eve"))


@pytest.fixture
def operator(db: None) -> Client:
    return client_of(make_user("operator", username="olga"))


@pytest.fixture
def viewer(db: None) -> Client:
    return client_of(make_user("viewer", username="vera"))
