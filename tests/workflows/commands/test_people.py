"""The commands scopes, members and tokens: documents, repetition, exit codes."""

from pathlib import Path

import pytest

from tests.factories import make_scope, make_user, workspace
from tests.workflows.commands.terminal import Result, manage
from tests.workflows.events import everything, newest, words
from workflows.models import Membership, Role, Scope, Token
from workflows.services.tokens import authenticate

pytestmark = pytest.mark.django_db


def scopes(*argv: str, **options) -> Result:
    return manage("scopes", *argv, app="workflows", **options)


def members(*argv: str, **options) -> Result:
    return manage("members", *argv, app="workflows", **options)


def tokens(*argv: str, **options) -> Result:
    return manage("tokens", *argv, app="workflows", **options)


def test_scopes_create_and_list() -> None:
    first = scopes("create", "hub:sydney", "--name", "Sydney office")
    again = scopes("create", "hub:sydney", "--name", "Sydney office")
    scopes("create", "card:spring", "--in", "hub:sydney")
    listed = scopes("list")

    hub = {
        "id": Scope.objects.get(ref="hub:sydney").pk, "ref": "hub:sydney", "kind": "hub",
        "name": "Sydney office", "in": "workspace",
    }  # fmt: skip
    assert (first.code, first.document) == (0, {"changed": True, "scope": hub})
    assert (again.code, again.document) == (0, {"changed": False, "scope": hub})
    assert [scope["ref"] for scope in listed.document["scopes"]] == ["card:spring", "hub:sydney", "workspace"]
    assert listed.document["next"] is None


def test_scopes_list_goes_on_where_it_ended() -> None:
    for name in "abc":
        scopes("create", f"hub:{name}")

    first = scopes("list", "--limit", "2").document
    second = scopes("list", "--limit", "2", "--cursor", first["next"]).document

    assert [scope["ref"] for scope in first["scopes"] + second["scopes"]] == [
        "hub:a", "hub:b", "hub:c", "workspace",
    ]  # fmt: skip
    assert second["next"] is None
    assert len(scopes("list", "--limit", "0").document["scopes"]) == 4
    assert scopes("list", "--cursor", "nonsense").error["code"] == "invalid_cursor"


def test_scopes_rename() -> None:
    make_scope("hub:sydney")

    results = [scopes("rename", "hub:sydney", "--name", "Sydney East") for _turn in range(2)]

    assert [result.document["changed"] for result in results] == [True, False]
    assert results[0].document["scope"]["name"] == "Sydney East"


def test_scopes_refuse_with_one_finding() -> None:
    refused = scopes("create", "card:spring")

    assert (refused.code, refused.error["code"]) == (1, "invalid_value")
    assert [(f["path"], f["code"], f["level"]) for f in refused.error["findings"]] == [
        ("in", "scope_place", "error")
    ]


def test_members_add_change_list_remove() -> None:
    make_user(None, username="anna")
    make_scope("hub:sydney")
    anna = {"user": "anna", "role": "operator", "scope": "hub:sydney", "active": True}

    added = members("add", "anna", "--role", "operator", "--scope", "hub:sydney", "--actor", "ops")
    again = members("add", "anna", "--role", "operator", "--scope", "hub:sydney")
    listed = members("list")
    removed = [members("remove", "anna", "--scope", "hub:sydney") for _turn in range(2)]

    assert (added.code, added.document) == (0, {"changed": True, "member": anna})
    assert (again.code, again.document) == (0, {"changed": False, "member": anna})
    assert listed.document == {"members": [anna], "next": None}
    assert [one.document for one in removed] == [
        {"changed": True, "member": anna | {"role": None}},
        {"changed": False, "member": anna | {"role": None}},
    ]
    assert words() == ["Member added", "Member removed"]
    assert newest().origin == "command"


def test_members_add_defaults_to_the_workspace_and_records_the_actor() -> None:
    make_user(None, username="anna")

    members("add", "anna", "--role", "viewer", "--actor", "ops")

    assert Membership.objects.get().scope == workspace()
    assert (newest().actor_label, newest().actor_kind) == ("command: ops", "command")


def test_members_create_reads_the_password_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse staple\n")

    result = members("add", "anna", "--role", "viewer", "--create", "--password-file", str(file))

    assert result.code == 0
    assert Membership.objects.get().user.check_password("correct horse staple")
    assert "correct horse" not in result.out + everything()


@pytest.mark.parametrize(
    ("argv", "code", "word"),
    [
        (("add", "anna"), 2, "usage"),
        (("add", "anna", "--role", "emperor"), 2, "usage"),
        (("add", "anna", "--role", "viewer", "--create"), 2, "usage"),
        (("add", "anna", "--role", "viewer", "--create", "--password-file", "/nowhere"), 2, "usage"),
        (("add", "anna", "--role", "viewer", "--scop", "hub:x"), 2, "usage"),
        (("add", "nobody", "--role", "viewer"), 1, "not_found"),
        (("add", "anna", "--role", "viewer", "--scope", "hub:nowhere"), 1, "not_found"),
        (("remove", "nobody"), 1, "not_found"),
        (("fly",), 2, "usage"),
    ],
)
def test_members_say_what_is_wrong(argv: tuple[str, ...], code: int, word: str) -> None:
    workspace()
    make_user(None, username="anna")

    result = members(*argv)

    assert (result.code, result.error["code"]) == (code, word)
    assert words() == []


def test_members_keep_the_last_manager() -> None:
    make_user(Role.MANAGER, username="boss")

    result = members("remove", "boss")

    assert (result.code, result.error["findings"][0]["code"]) == (1, "last_manager")


def test_tokens_create_prints_the_text_once_and_list_never_does() -> None:
    make_scope("hub:sydney")

    made = tokens("create", "ci", "--role", "operator", "--scope", "hub:sydney", "--days", "30")
    listed = tokens("list")

    document = made.document
    text = document.pop("token")
    assert document.pop("changed") is True
    assert authenticate(text) == Token.objects.get()
    assert (document["name"], document["role"], document["scope"], document["valid"]) == (
        "ci", "operator", "hub:sydney", True,
    )  # fmt: skip
    assert document.keys() == {
        "id", "name", "role", "scope", "created_by", "created_at", "expires_at", "revoked_at",
        "last_used_at", "valid",
    }  # fmt: skip
    assert listed.document["tokens"][0].keys() == document.keys()
    assert text not in listed.out + everything()
    assert Token.objects.get().digest not in listed.out


def test_tokens_create_for_people_puts_the_text_on_a_line_of_its_own() -> None:
    result = tokens("create", "ci", "--role", "viewer", as_json=False)

    assert authenticate(result.out.splitlines()[0]) == Token.objects.get()


def test_tokens_revoke_twice() -> None:
    tokens("create", "ci", "--role", "viewer")

    results = [tokens("revoke", "ci") for _turn in range(2)]

    assert [result.document["changed"] for result in results] == [True, False]
    assert [result.document["valid"] for result in results] == [False, False]
    assert words()[-2:] == ["Token created", "Token revoked"]


@pytest.mark.parametrize(
    ("argv", "code", "word"),
    [
        (("create", "ci"), 2, "usage"),
        (("create", "ci", "--role", "viewer", "--days", "soon"), 2, "usage"),
        (("create", "ci", "--role", "viewer", "--days", "0"), 1, "invalid_value"),
        (("create", "taken", "--role", "viewer"), 1, "invalid_value"),
        (("create", "ci", "--role", "viewer", "--scope", "hub:nowhere"), 1, "not_found"),
        (("revoke", "nobody"), 1, "not_found"),
    ],
)
def test_tokens_say_what_is_wrong(argv: tuple[str, ...], code: int, word: str) -> None:
    tokens("create", "taken", "--role", "viewer")

    result = tokens(*argv)

    assert (result.code, result.error["code"]) == (code, word)
    assert Token.objects.count() == 1
