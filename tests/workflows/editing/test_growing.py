"""Adding steps, groups and rows of conditions."""

import pytest

from tests.workflows.editing.documents import NESTED
from workflows.definition.loading import validate
from workflows.editing import growing
from workflows.editing.available import available
from workflows.editing.paths import NoSuchPlace, look
from workflows.editing.shapes import shapes_of
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import kinds as trigger_kinds

CRM = "steps.1.branches.0.steps.0"


@pytest.mark.parametrize("kind", step_kinds())
def test_a_new_step_of_every_kind_can_be_stored(kind):
    edited = growing.add(NESTED, "steps.1.otherwise.0", kind)
    assert look(edited.document, edited.path)["kind"] == kind
    validate(growing.add(edited.document, "steps.0", kind).document)


@pytest.mark.parametrize("kind", trigger_kinds())
def test_a_new_trigger_of_every_kind_can_be_stored(kind):
    validate(growing.add(NESTED, "triggers.2", kind).document)


@pytest.mark.parametrize(("path", "kind"), [("steps.0", "webhook"), ("triggers.0", "set"), ("steps", "set")])
def test_a_kind_stands_only_where_it_belongs(path, kind):
    with pytest.raises(NoSuchPlace):
        growing.add(NESTED, path, kind)


def test_what_new_steps_begin_with_is_not_shared():
    first = growing.add({"steps": []}, "steps.0", "decision").document["steps"][0]
    first["branches"].append("x")
    assert growing.add({"steps": []}, "steps.0", "decision").document["steps"][0]["branches"] == [
        {"steps": []}
    ]


def test_groups_begin_with_what_they_need():
    decision = {one.name: one for one in shapes_of(step_kinds()["decision"].model)}
    edited = growing.add_group(NESTED, "steps.1.branches", decision["branches"])
    assert (edited.path, look(edited.document, edited.path)) == ("steps.1.branches.2", {"steps": []})
    hook = {one.name: one for one in shapes_of(trigger_kinds()["webhook"].model)}
    edited = growing.add_group(NESTED, "triggers.0.signature", hook["signature"])
    assert look(edited.document, edited.path) == {"preset": "standard-webhooks"}
    with pytest.raises(NoSuchPlace):
        growing.add_group(NESTED, "triggers.0.methods", hook["methods"])


def test_conditions_grow_and_shrink_back_to_nothing():
    path = f"{CRM}.if"
    one = growing.add_comparison(NESTED, path)
    two = growing.add_comparison(one.document, path, grouped=True)
    assert look(two.document, path) == {"all": [growing.COMPARISON, {"all": [growing.COMPARISON]}]}
    back = growing.drop_comparison(two.document, f"{path}.all.1.all.0", path)
    assert back.document == one.document
    assert growing.drop_comparison(back.document, one.path, path).document == NESTED


def test_a_single_comparison_is_joined():
    path = "steps.1.branches.0.if"
    edited = growing.add_comparison(NESTED, path)
    assert look(edited.document, path) == {"all": [look(NESTED, path), growing.COMPARISON]}
    assert "if" not in growing.drop_comparison(NESTED, path, path).document["steps"][1]["branches"][0]


def names(document, path, **options):
    return [value.liquid[3:-3] for source in available(document, path, **options) for value in source.values]


def test_what_a_step_may_use_is_what_the_check_allows():
    document = {**NESTED, "steps": [*NESTED["steps"]]}
    document["steps"][2] = {**document["steps"][2], "steps": [{"id": "x", "kind": "set", "values": {}}]}
    here = names(document, "steps.2.steps.0", sample={"a": {"b": [1]}, "odd-key": 2})
    assert {"trigger.data.a.b[0]", 'trigger.data["odd-key"]', "steps.lead.score", "item"} <= set(here)
    assert {"steps.crm.status", "steps.hot.branch", "run.id", "scope"} <= set(here)
    assert "steps.x" not in here
    assert "steps.end" not in here
    inside = names(document, "steps.1.otherwise.0")
    assert ("steps.lead.score" in inside, "steps.crm.status" in inside, "item" in inside) == (
        True,
        False,
        False,
    )


def test_without_a_valid_file_the_steps_above_are_offered():
    document = {**NESTED, "nonsense": 1}
    assert "steps.lead.score" in names(document, CRM)
    assert "steps.crm" not in names(document, "steps.1.otherwise.0")
    assert "steps.lead" not in names(document, "steps.0")


def test_triggers_use_the_trigger_alone_and_outputs_of_a_run_are_examples():
    assert {name.split(".")[0] for name in names(NESTED, "triggers.0")} == {"trigger"}
    hooks = {**NESTED, "triggers": NESTED["triggers"][:1]}
    assert "trigger.body.x" in names(hooks, "triggers.0", sample={"x": "\ud800"})
    sources = available(NESTED, "steps.3", outputs={"lead": {"deal": "long" * 40}})
    example = next(v.example for s in sources for v in s.values if v.liquid == "{{ steps.lead.deal }}")
    assert example.startswith('"longlong') and len(example) < 70
