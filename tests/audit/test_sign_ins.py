"""Sign-ins, sign-outs and passwords, through the real pages."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from audit.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


def words() -> list[str]:
    events = AuditEvent.objects.exclude(event="Changed outside the services").order_by("id")
    return [event.event for event in events]


def sign_in(client: Client, name: str, password: str) -> int:
    return client.post("/login/", {"username": name, "password": password}).status_code


def test_sign_in_and_out_are_by_the_person(client: Client) -> None:
    user = factories.make_user(username="anna", password="right-pass")

    assert sign_in(client, "anna", "right-pass") == 302
    client.post("/logout/")

    events = AuditEvent.objects.filter(event__startswith="Sign-").order_by("id")
    assert [event.event for event in events] == ["Sign-in", "Sign-out"]
    for event in events:
        assert (event.actor_kind, event.actor_id, event.actor_label) == ("person", str(user.pk), "anna")
        assert (event.subject_kind, event.subject_id, event.origin) == ("person", str(user.pk), "page")
        assert event.correlation


def test_failed_sign_in_keeps_a_digest_and_neither_name_nor_password(client: Client) -> None:
    factories.make_user(username="anna")

    for name in ("anna", "Anna ", "hunter2"):
        sign_in(client, name, "canary-pass")

    events = list(AuditEvent.objects.filter(event="Sign-in failed").order_by("id"))
    digests = [event.after_values["name_digest"] for event in events]
    assert len(digests) == 3
    assert digests[0] == digests[1] != digests[2]
    assert {event.actor_label for event in events} == {"not signed in"}
    texts = json.dumps([[event.after, event.subject_label, event.reason] for event in events])
    assert "canary" not in texts and "hunter2" not in texts and "anna" not in texts.lower()


def test_sign_out_of_nobody_leaves_nothing(client: Client) -> None:
    client.post("/logout/")

    assert words() == []


def test_changed_password_is_recorded_once() -> None:
    user = factories.make_user()
    assert words() == []

    user.set_password("another-pass")
    user.save()
    user.first_name = "Anna"
    user.save()

    event = AuditEvent.objects.get(event="Password changed")
    assert (event.subject_id, event.after_values) == (str(user.pk), {})


def test_new_account_and_unsaved_password_leave_no_password_event() -> None:
    user = get_user_model().objects.create_user("bert", password="first-pass")
    user.set_password("second-pass")
    user.first_name = "Bert"
    user.save(update_fields=["first_name"])

    assert words() == []


def test_sign_in_that_renews_the_hash_is_no_changed_password(client: Client, settings: Any) -> None:
    factories.make_user(username="anna", password="right-pass")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]

    assert sign_in(client, "anna", "right-pass") == 302

    assert get_user_model().objects.get(username="anna").password.startswith("pbkdf2_")
    assert words() == ["Sign-in"]
