"""The tree of scopes."""

import pytest

from tests.workflows.events import change_of, newest, words
from workflows.lifecycle import ValueRefused
from workflows.models import Scope
from workflows.queries import NotFound
from workflows.services.scopes import create_scope, ensure_workspace, find_scope, rename_scope

pytestmark = pytest.mark.django_db


def test_ensure_workspace_makes_the_root_once() -> None:
    first, second = ensure_workspace(), ensure_workspace()

    assert first == second
    assert (first.ref, first.kind, first.parent) == ("workspace", "workspace", None)
    assert words() == ["Scope created"]


def test_create_scope_builds_hub_and_card() -> None:
    changed, hub = create_scope("hub:sydney", name="Sydney office")
    _changed, card = create_scope("card:spring-sale", inside="hub:sydney")

    assert changed is True
    assert (hub.kind, hub.name, hub.parent.ref) == ("hub", "Sydney office", "workspace")
    assert (card.kind, card.name, card.parent) == ("card", "Spring sale", hub)
    assert words() == ["Scope created"] * 3
    assert newest().subject_label == "card:spring-sale"
    assert newest().scope_id == card.pk
    assert change_of(newest()) == ({}, {"ref": "card:spring-sale", "name": "Spring sale", "in": "hub:sydney"})


def test_create_scope_twice_changes_nothing() -> None:
    create_scope("hub:sydney", name="Sydney")

    assert create_scope("hub:sydney")[0] is False
    assert create_scope("hub:sydney", name="Sydney")[0] is False
    assert words() == ["Scope created"] * 2


@pytest.mark.parametrize(
    ("ref", "inside", "code"),
    [
        ("sydney", "", "scope_form"),
        ("hub:Sydney", "", "scope_form"),
        ("hub:", "", "scope_form"),
        ("hub:a\nb", "", "scope_form"),
        ("workspace", "", "scope_form"),
        ("hub:" + "a" * 41, "", "scope_form"),
        ("card:spring", "", "scope_place"),
        ("card:spring", "workspace", "scope_place"),
        ("hub:perth", "hub:sydney", "scope_place"),
    ],
)
def test_create_scope_refuses_what_has_no_place(ref: str, inside: str, code: str) -> None:
    create_scope("hub:sydney")
    before = Scope.objects.count()

    with pytest.raises(ValueRefused) as refused:
        create_scope(ref, inside=inside)

    assert [finding["code"] for finding in refused.value.findings] == [code]
    assert Scope.objects.count() == before


def test_create_scope_in_an_unknown_hub_finds_nothing() -> None:
    with pytest.raises(NotFound, match="hub:nowhere"):
        create_scope("card:spring", inside="hub:nowhere")


def test_create_scope_refuses_a_ref_that_stands_elsewhere() -> None:
    for hub in ("hub:sydney", "hub:perth"):
        create_scope(hub)
    create_scope("card:spring", inside="hub:sydney")

    with pytest.raises(ValueRefused) as refused:
        create_scope("card:spring", inside="hub:perth")

    assert refused.value.findings[0]["code"] == "scope_taken"


def test_rename_scope_keeps_its_ref() -> None:
    create_scope("hub:sydney")

    assert rename_scope("hub:sydney", name=" Sydney  East ")[0] is True
    assert rename_scope("hub:sydney", name="Sydney East")[0] is False
    assert find_scope("hub:sydney").name == "Sydney East"
    assert words()[-2:] == ["Scope created", "Scope changed"]
    assert change_of(newest()) == ({"name": "Sydney"}, {"name": "Sydney East"})


@pytest.mark.parametrize("name", [" ", "x" * 81, "a\x00b"])
def test_rename_scope_refuses_a_bad_title(name: str) -> None:
    create_scope("hub:sydney")

    with pytest.raises(ValueRefused) as refused:
        rename_scope("hub:sydney", name=name)

    assert refused.value.findings[0]["path"] == "name"
