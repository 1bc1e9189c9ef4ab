"""A client that somebody is signed in with."""

from typing import Any

from django.test import Client

from tests.factories import make_user
from workflows.models import Role


def signed_in(role: Role | None = Role.MANAGER, **changes: Any) -> Client:
    """Whoever has the role, in the scope that `scope` names; other fields go to the person."""
    client = Client()
    client.force_login(make_user(role, **changes))
    return client
