"""Who may send events, and in which scopes they are heard."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from runs.models import Run
from tests.factories import make_scope, make_workflow, workspace
from tests.runs.intake.material import definition
from tests.runs.intake.sent_events import ADDRESS, CLOUD, EVENT, LISTENS, listener, send, token
from workflows.models import Role, Token
from workflows.services.tokens import revoke_token

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


class TestScopes:
    """A workflow hears events of its own scope and of those inside it."""

    @pytest.fixture(autouse=True)
    def tree(self) -> None:
        self.hub, self.other = make_scope("hub:sydney"), make_scope("hub:perth")
        self.card = make_scope("card:spring", parent=self.hub)
        for scope in (workspace(), self.hub, self.other, self.card):
            make_workflow(name=scope.ref, definition=definition(LISTENS), scope=scope)

    def heard(self) -> set[str]:
        return set(Run.objects.values_list("workflow__name", flat=True))

    @pytest.mark.parametrize(("ref", "heard"), [
        ("workspace", {"workspace"}),
        ("hub:sydney", {"workspace", "hub:sydney"}),
        ("card:spring", {"workspace", "hub:sydney", "card:spring"}),
        ("hub:perth", {"workspace", "hub:perth"}),
    ])  # fmt: skip
    def test_event_is_heard_in_its_scope_and_above(self, ref: str, heard: set[str]) -> None:
        assert send({**EVENT, "scope": ref}).status_code == 202
        assert self.heard() == heard

    def test_scope_is_that_of_the_token_unless_said(self) -> None:
        assert send(EVENT, token(scope=self.hub)).status_code == 202
        assert self.heard() == {"workspace", "hub:sydney"}

    def test_cloud_event_may_name_its_scope(self) -> None:
        assert send({**CLOUD, "scope": "card:spring"}).status_code == 202
        assert self.heard() == {"workspace", "hub:sydney", "card:spring"}

    def test_inner_scope_of_the_token_may_be_named(self) -> None:
        assert send({**EVENT, "scope": "card:spring"}, token(scope=self.hub)).status_code == 202

    @pytest.mark.parametrize("ref", ["workspace", "hub:perth", "hub:nowhere"])
    def test_scope_outside_the_token_is_not_found(self, ref: str) -> None:
        answer = send([EVENT, {**EVENT, "scope": ref}], token(scope=self.hub))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_scope")
        assert Run.objects.count() == 0


class TestTokens:
    def test_viewer_may_not_send(self) -> None:
        listener()
        answer = send(EVENT, token(Role.VIEWER))
        assert (answer.status_code, answer.json()["code"], Run.objects.count()) == (403, "not_allowed", 0)

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.EDITOR, Role.MANAGER])
    def test_operators_and_above_may(self, role: str) -> None:
        assert send(EVENT, token(role)).status_code == 202

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Bearer sbx_wrong", "Basic dTpw", "sbx_wrong"]
    )
    def test_without_valid_token_is_refused(self, header: str) -> None:
        listener()
        answer = send(EVENT, Authorization=header)
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert Run.objects.count() == 0

    def test_revoked_and_expired_tokens_are_refused(self) -> None:
        revoked, expired = token(), token()
        name = Token.objects.order_by("pk").first().name
        revoke_token(name)
        _expire(expired)
        assert [send(EVENT, text).status_code for text in (revoked, expired)] == [401, 401]

    def test_a_session_is_no_token(self, admin_client: Client) -> None:
        answer = admin_client.post(ADDRESS, json.dumps(EVENT), content_type="application/json")
        assert answer.status_code == 401


def _expire(_text: str) -> None:
    newest = Token.objects.order_by("-pk").first()
    newest.expires_at = timezone.now() - timedelta(seconds=1)
    newest.save()
