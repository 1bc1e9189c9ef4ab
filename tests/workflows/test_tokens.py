"""Bearer tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.context import Actor, acting
from tests.factories import make_scope, workspace
from tests.workflows.events import change_of, everything, newest, words
from workflows import access
from workflows.lifecycle import ValueRefused
from workflows.models import Role, Token
from workflows.services.tokens import actor_of, authenticate, create_token, revoke_token

pytestmark = pytest.mark.django_db


def test_create_token_gives_the_text_once_and_keeps_a_digest() -> None:
    with acting(Actor("person", "1", "boss"), origin="page"):
        made = create_token("ci", "operator", scope=make_scope("hub:sydney"), days=30)

    assert made.text.startswith("sbx_")
    assert len(made.text) == 47
    assert made.text not in str(Token.objects.values().get())
    assert made.token.created_by == "boss"
    assert made.token.expires_at - timezone.now() > timedelta(days=29)
    assert words() == ["Token created"]
    assert change_of(newest())[1].keys() == {"role", "scope", "expires_at"}
    assert made.text not in everything()
    assert made.token.digest not in everything()


def test_create_token_refuses_a_taken_name() -> None:
    create_token("ci", "viewer", scope=workspace())

    with pytest.raises(ValueRefused) as refused:
        create_token(" ci ", "viewer", scope=workspace())

    assert refused.value.findings[0]["code"] == "name_taken"
    assert words() == ["Token created"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"role": "emperor"}, "role"),
        ({"days": 0}, "days"),
        ({"days": 3651}, "days"),
    ],
)
def test_create_token_refuses_bad_values(changes: dict, path: str) -> None:
    values = {"name": "ci", "role": "viewer", **changes}

    with pytest.raises(ValueRefused) as refused:
        create_token(scope=workspace(), **values)

    assert refused.value.findings[0]["path"] == path
    assert Token.objects.count() == 0


def test_authenticate_finds_the_token_in_one_query_when_used_lately(django_assert_num_queries) -> None:
    made = create_token("ci", "operator", scope=make_scope("hub:sydney"))
    assert authenticate(made.text) == made.token

    with django_assert_num_queries(1):
        token = authenticate(made.text)
        assert token.scope.ref == "hub:sydney"


def test_authenticate_notes_the_use_at_most_once_a_minute() -> None:
    made = create_token("ci", "operator", scope=workspace())
    authenticate(made.text)
    first = Token.objects.get().last_used_at
    authenticate(made.text)
    assert Token.objects.get().last_used_at == first

    Token.objects.update(last_used_at=first - timedelta(seconds=61))
    authenticate(made.text)

    assert Token.objects.get().last_used_at >= first


@pytest.mark.parametrize("text", ["", "sbx_", "sbx_wrong", "bearer", "sbx_é", "sbx_\x00"])
def test_authenticate_knows_no_other_text(text: str) -> None:
    create_token("ci", "operator", scope=workspace())

    assert authenticate(text) is None


def test_authenticate_refuses_the_digest_itself() -> None:
    made = create_token("ci", "operator", scope=workspace())

    assert authenticate(made.token.digest) is None
    assert authenticate("sbx_" + made.token.digest) is None


def test_expired_and_revoked_tokens_are_no_tokens() -> None:
    old, ended = (create_token(name, "operator", scope=workspace()) for name in ("old", "ended"))
    Token.objects.filter(name="old").update(expires_at=timezone.now())

    changed, token = revoke_token("ended")

    assert (changed, token.revoked_at is not None) == (True, True)
    assert [authenticate(made.text) for made in (old, ended)] == [None, None]
    assert words()[-1] == "Token revoked"


def test_revoke_twice_records_once() -> None:
    create_token("ci", "operator", scope=workspace())

    assert [revoke_token("ci")[0] for _turn in range(2)] == [True, False]
    assert words() == ["Token created", "Token revoked"]


def test_token_acts_with_its_role_in_its_scope() -> None:
    hub = make_scope("hub:sydney")
    made = create_token("ci", "operator", scope=hub)
    principal = access.TokenPrincipal(authenticate(made.text))

    assert access.role_in(principal, hub) == Role.OPERATOR
    assert access.role_in(principal, workspace()) is None
    assert actor_of(made.token) == Actor("token", str(made.token.pk), "ci")
