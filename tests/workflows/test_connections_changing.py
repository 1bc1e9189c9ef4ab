"""Connections: changing values, and rotating secrets."""

import pytest
from cryptography.fernet import Fernet

from tests.factories import workspace
from tests.workflows.events import change_of, newest, words
from tests.workflows.made_connections import CANARY, make_crm, stored_text
from workflows import connections
from workflows.lifecycle import Stale, ValueRefused
from workflows.models import Connection
from workflows.services.connection_values import Credentials
from workflows.services.connections import change_connection, rotate_secret
from workflows.steps.errors import StepError

pytestmark = pytest.mark.django_db


def test_change_connection_records_only_what_changed() -> None:
    crm = make_crm()

    changed, now = change_connection(crm.pk, base_url="https://crm.example.com/v2", revision=1)

    assert (changed, now.revision, now.health) == (True, 2, "unknown")
    assert change_of(newest()) == (
        {"base_url": "https://crm.example.com/v1"}, {"base_url": "https://crm.example.com/v2"},
    )  # fmt: skip
    assert change_connection(crm.pk, base_url="https://crm.example.com/v2", revision=1)[0] is False
    assert words(kind="connection") == ["Connection created", "Connection changed"]


def test_change_connection_refuses_an_old_revision_and_says_what_happened() -> None:
    crm = make_crm()
    change_connection(crm.pk, base_url="https://crm.example.com/v2")

    with pytest.raises(Stale, match="Connection changed"):
        change_connection(crm.pk, base_url="https://crm.example.com/v3", revision=1)


def test_change_connection_never_sends_a_kept_secret_to_another_host() -> None:
    crm = make_crm()
    same = Credentials("bearer")

    with pytest.raises(ValueRefused) as refused:
        change_connection(crm.pk, base_url="https://evil.example.com/v1", credentials=same)
    assert refused.value.findings[0]["code"] == "secret_needed"

    change_connection(
        crm.pk, base_url="https://new.example.com/", credentials=Credentials("bearer", secret="fresh")
    )
    assert connections.access_for("crm", workspace()).headers == {"Authorization": "Bearer fresh"}
    assert words(kind="connection")[1:] == ["Connection changed", "Secret rotated"]


def test_change_of_authentication_forgets_the_secret() -> None:
    crm = make_crm()

    _changed, now = change_connection(crm.pk, credentials=Credentials("header", header_name="X-Key"))

    assert (now.auth, now.secret, now.is_complete) == ("header", "", False)
    assert change_of(newest())[1] == {"auth": "header", "header_name": "X-Key", "secret_set": False}


def test_change_with_an_empty_secret_keeps_the_one_set() -> None:
    crm = make_crm()

    assert change_connection(crm.pk, credentials=Credentials("bearer"))[0] is False
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}


def test_rotate_secret_replaces_it_and_records_no_value() -> None:
    crm = make_crm()

    results = [rotate_secret(crm.pk, f"{CANARY}-new")[0] for _turn in range(2)]

    assert results == [True, False]
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}-new"}
    assert words(kind="connection") == ["Connection created", "Secret rotated"]
    assert CANARY not in stored_text()


def test_rotate_secret_of_a_chat_takes_an_address() -> None:
    chat = make_crm(name="chat", kind="chat", base_url="https://a.example.com/1", credentials=None)

    rotate_secret(chat.pk, "https://b.example.com/2")

    access = connections.access_for("chat", workspace())
    assert (access.base_url, Connection.objects.get().base_url) == (
        "https://b.example.com/2", "https://b.example.com/",
    )  # fmt: skip
    with pytest.raises(ValueRefused):
        rotate_secret(chat.pk, "no address")


@pytest.mark.parametrize(
    ("auth", "secret", "code"), [("bearer", " ", "secret_missing"), ("none", "x", "secret_unused")]
)
def test_rotate_secret_refuses_what_is_no_secret(auth: str, secret: str, code: str) -> None:
    crm = make_crm(credentials=Credentials(auth))

    with pytest.raises(ValueRefused) as refused:
        rotate_secret(crm.pk, secret)

    assert refused.value.findings[0]["code"] == code


def test_secrets_survive_a_new_key_and_say_when_theirs_is_lost(settings) -> None:
    make_crm()
    old = settings.SECRET_KEYS

    settings.SECRET_KEYS = [Fernet.generate_key().decode(), *old]
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}

    settings.SECRET_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(StepError, match="cannot be read"):
        connections.access_for("crm", workspace())
