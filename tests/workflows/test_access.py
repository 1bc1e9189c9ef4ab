"""The policy table, scopes, and what lies outside them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from audit.models import AuditEvent
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.web import policy
from runs.models import Run
from tests.factories import (
    make_connection,
    make_run,
    make_scope,
    make_user,
    make_workflow,
    workspace,
)
from workflows import access
from workflows.lifecycle import TRANSITIONS
from workflows.models import Connection, Membership, Role, Scope, Token, Trigger, Version, Workflow

pytestmark = pytest.mark.django_db

# Written out by hand from product.md, section 8: what each role adds to the one before it.
ADDED = {
    Role.VIEWER: {"view"},
    Role.OPERATOR: {
        "run", "pause", "change-pause", "resume", "widen", "stop", "trigger", "test",
        "cancel", "kill", "replay", "release", "discard", "decide", "send_events", "share_view",
        "test_connection", "mark_connection", "maintenance", "acknowledge",
    },
    Role.EDITOR: {
        "create", "import", "edit", "describe", "clone", "rename", "publish", "discard-draft",
        "roll-back", "run_while_paused", "move",
    },
    Role.MANAGER: {
        "archive", "stop_and_archive", "unarchive", "delete", "manage_connections", "secrets",
        "members", "tokens", "scopes", "retention", "recipients", "export_audit",
    },
}  # fmt: skip

CASES = [
    (role, verb, needed.rank <= role.rank)
    for role in Role
    for needed in Role
    for verb in sorted(ADDED[needed])
]


def test_permission_table_is_exactly_the_one_of_the_product() -> None:
    assert {verb: role for role, verbs in ADDED.items() for verb in verbs} == dict(access.PERMISSIONS)
    assert TRANSITIONS.keys() <= access.PERMISSIONS.keys()


@pytest.mark.parametrize(("role", "verb", "allowed"), CASES)
def test_may_follows_role_and_verb(role: Role, verb: str, allowed: bool) -> None:
    hub = make_scope("hub:sydney")
    workflow = make_workflow(scope=hub)
    foreign = make_workflow(scope=make_scope("hub:perth"))
    user = make_user(role, scope=hub)

    assert access.may(user, verb, workflow) is allowed
    assert access.may_in(user, verb, hub) is allowed
    assert access.may(user, verb) is allowed
    assert access.may(user, verb, foreign) is False
    assert access.may_in(user, verb, workspace()) is False
    assert access.may_in(user, verb, None) is False


@pytest.mark.parametrize(("role", "verb", "allowed"), CASES)
def test_may_holds_for_tokens_too(role: Role, verb: str, allowed: bool) -> None:
    hub = make_scope("hub:sydney")
    token = access.TokenPrincipal(Token.objects.create(name="ci", digest="0" * 64, role=role, scope=hub))

    assert access.may(token, verb, make_workflow(scope=hub)) is allowed
    assert access.may(token, verb, make_workflow()) is False


def test_role_on_a_hub_covers_its_cards_and_nothing_beside() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    card, foreign_card = make_scope("card:spring", parent=hub), make_scope("card:autumn", parent=other)
    user = make_user(Role.OPERATOR, scope=hub)

    assert access.role_in(user, hub) == Role.OPERATOR
    assert access.role_in(user, card) == Role.OPERATOR
    assert access.role_in(user, other) is None
    assert access.role_in(user, foreign_card) is None
    assert access.role_in(user, workspace()) is None
    assert access.scope_ids(user) == {hub.pk, card.pk}


def test_role_on_a_card_does_not_reach_its_hub() -> None:
    hub = make_scope("hub:sydney")
    card = make_scope("card:spring", parent=hub)
    user = make_user(Role.MANAGER, scope=card)

    assert access.scope_ids(user) == {card.pk}
    assert access.role_in(user, hub) is None


def test_several_roles_give_the_highest_where_they_meet() -> None:
    hub = make_scope("hub:sydney")
    card = make_scope("card:spring", parent=hub)
    user = make_user(Role.VIEWER)
    Membership.objects.create(user=user, scope=hub, role=Role.EDITOR)
    Membership.objects.create(user=user, scope=card, role=Role.OPERATOR)

    assert access.scope_ids(user) is None
    assert access.role_in(user, workspace()) == Role.VIEWER
    assert access.role_in(user, hub) == Role.EDITOR
    assert access.role_in(user, card) == Role.EDITOR
    assert list(access.scopes_where(user, "edit")) == [card, hub]


def test_superuser_manages_everything_without_membership() -> None:
    user = make_user(None, is_superuser=True)

    assert access.scope_ids(user) is None
    assert access.role_in(user, make_scope()) == Role.MANAGER


@pytest.mark.parametrize("make", [AnonymousUser, lambda: make_user(Role.MANAGER, is_active=False)])
def test_who_is_not_signed_in_or_not_active_sees_nothing(make) -> None:
    nobody = make()

    assert access.scope_ids(nobody) == set()
    assert access.may(nobody, "view") is False
    assert list(access.visible_to(nobody, Scope.objects.all())) == []


def test_visible_to_reaches_the_scope_from_every_model() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    user = make_user(Role.VIEWER, scope=hub)
    for scope in (hub, other):
        workflow = make_workflow(scope=scope)
        make_run(workflow)
        make_connection(f"crm-{scope.ref[4:]}", scope=scope)
        Token.objects.create(name=scope.ref, digest=scope.ref, role=Role.VIEWER, scope=scope)
    make_user(Role.VIEWER, scope=other)

    for model in (Workflow, Version, Trigger, Run, Connection, Membership, Token, Scope):
        rows = list(access.visible_to(user, model.objects.all()))
        assert rows, model
        assert {access.scope_id_of(row) for row in rows} == {hub.pk}, model
        assert model.objects.count() > len(rows), model


def test_audit_events_without_scope_are_for_the_whole_workspace_only() -> None:
    hub = make_scope("hub:sydney")
    within, everywhere = make_user(Role.VIEWER, scope=hub), make_user(Role.VIEWER)
    with change():
        for scope_id in (hub.pk, None, workspace().pk):
            record(AuditWord.AUDIT_EXPORTED, Subject("audit", "", str(scope_id), scope_id))
    events = AuditEvent.objects.filter(event=AuditWord.AUDIT_EXPORTED).order_by("id")

    inside = access.visible_to(within, events)
    everything = access.visible_to(everywhere, events)

    assert [event.scope_id for event in inside] == [hub.pk]
    assert [event.scope_id for event in everything] == [hub.pk, None, workspace().pk]


def test_foreign_and_missing_objects_are_the_same_404() -> None:
    user = make_user(Role.MANAGER, scope=make_scope("hub:sydney"))
    foreign = make_workflow(scope=make_scope("hub:perth"))
    answers = []
    for pk in (foreign.pk, 10**9):
        with pytest.raises(Http404) as refused:
            access.visible_or_404(user, Workflow.objects.all(), pk=pk)
        answers.append(str(refused.value))

    assert answers[0] == answers[1]


def test_grants_are_read_once_and_dropped_on_request(django_assert_num_queries) -> None:
    hub = make_scope("hub:sydney")
    user = make_user(Role.VIEWER, scope=hub)

    with django_assert_num_queries(2):
        for _turn in range(5):
            access.may(user, "view", hub)
    Membership.objects.create(user=user, scope=workspace(), role=Role.MANAGER)
    assert access.may_in(user, "secrets", hub) is False
    access.forget(user)
    assert access.may_in(user, "secrets", hub) is True


def test_unknown_words_and_models_are_errors_and_no_answers() -> None:
    user = make_user()

    with pytest.raises(access.UnknownPermission, match="'paws'"):
        access.may(user, "paws")
    with pytest.raises(access.UnknownPermission, match="User"):
        access.visible_to(user, type(user).objects.all())


def test_policy_register_of_the_page_kit_asks_this_table() -> None:
    hub = make_scope("hub:sydney")
    user = make_user(Role.VIEWER, scope=hub)

    assert policy.may(user, "view", hub) is True
    assert policy.may(user, "pause", make_workflow(scope=hub)) is False
    assert list(policy.visible_to(user, Scope.objects.all())) == [hub]
