"""The protocol of steps: what every kind has, and how parameters are rendered."""

import pytest

from tests.workflows.steps.contexts import FakeContext, make, simulate
from workflows.definition.registry import Registry
from workflows.definition.templating import TemplateFailed
from workflows.steps.base import BaseStep, Done, StepKind, kind_of, kinds

KINDS = [
    "decision", "delay", "finish", "for_each", "http_request", "notify", "record_value", "send_email", "set", "start_workflow",
]  # fmt: skip


def test_kinds_are_those_of_the_format() -> None:
    assert list(kinds()) == KINDS


@pytest.mark.parametrize("name", KINDS)
def test_kind_has_all_that_pages_and_engine_need(name: str) -> None:
    kind = kinds()[name]

    assert str(kind.label) and str(kind.summary) and kind.icon
    assert issubclass(kind.model, BaseStep)
    assert kind.structural <= set(kind.model.model_fields)
    assert kind_of(make(name)) is kind
    assert isinstance(kind.describe(make(name)), str)
    assert kind.on_crash(make(name)) in ("repeat", "ask", "fail")


@pytest.mark.parametrize(
    ("name", "fields", "choice"),
    [
        ("set", {}, "repeat"),
        ("decision", {}, "repeat"),
        ("http_request", {"method": "GET"}, "repeat"),
        ("http_request", {"method": "HEAD"}, "repeat"),
        ("http_request", {"method": "PUT"}, "repeat"),
        ("http_request", {"method": "DELETE"}, "repeat"),
        ("http_request", {"method": "POST"}, "ask"),
        ("http_request", {"method": "PATCH"}, "ask"),
        ("http_request", {"method": "POST", "on_crash": "repeat"}, "repeat"),
        ("http_request", {"on_crash": "fail"}, "fail"),
        ("send_email", {}, "ask"),
        ("send_email", {"on_crash": "repeat"}, "repeat"),
        ("notify", {}, "ask"),
        ("notify", {"on_crash": "fail"}, "fail"),
    ],
)
def test_on_crash_follows_kind_and_method(name: str, fields: dict[str, str], choice: str) -> None:
    assert kinds()[name].on_crash(make(name, **fields)) == choice


def test_only_what_acts_outside_says_so() -> None:
    assert [name for name in KINDS if kinds()[name].acts_outside] == ["http_request", "notify", "send_email"]


def test_render_leaves_out_what_is_the_engines_and_what_nests() -> None:
    inner = {"id": "inner", "kind": "set", "values": {"x": "{{ nothing }}"}}
    step = make("for_each", items="{{ a }}", steps=[inner], name="{{ nothing }}", note="{{ nothing }}")

    assert kinds()["for_each"].render(step, {"a": [1]}) == {"items": [1]}


def test_render_names_the_field_that_failed() -> None:
    step = make("set", values={"a": {"b": "{{ nothing }}"}})

    with pytest.raises(TemplateFailed) as raised:
        kinds()["set"].render(step, {})

    assert raised.value.path == "values.a.b"


def test_render_refuses_values_that_would_grow_from_step_to_step() -> None:
    kind, names = kinds()["set"], {"a": 1}
    deeper, wider = (
        make("set", values={"a": [[["{{ a }}"]]]}),
        make("set", values={"a": ["{{ a }}", "{{ a }}"]}),
    )

    for step, sentence in ((deeper, "too deep"), (wider, "too long")):
        with pytest.raises(TemplateFailed, match=sentence):
            for _round in range(100):
                names = kind.render(step, names)["values"]
        names = {"a": 1}


def test_simulate_marks_what_did_not_happen() -> None:
    context = FakeContext(simulated=True)

    outcomes = [
        simulate(context, "http_request", url="https://a.example/", method="POST", json={"a": 1}),
        simulate(context, "notify", text="hello"),
        simulate(context, "send_email", to="a@example.test", subject="s", text="t"),
        simulate(context, "start_workflow", workflow="Other"),
        simulate(context, "record_value", name="n", value="1"),
        simulate(context, "delay", **{"for": "P3D"}),
    ]

    assert all(isinstance(outcome, Done) and outcome.output["simulated"] is True for outcome in outcomes)
    assert (context.requests, context.messages, context.started) == ([], [], [])
    assert outcomes[4].values == ()


def test_register_refuses_a_name_that_is_taken() -> None:
    class Own(StepKind):
        kind = "own"
        model = BaseStep

    registry: Registry[StepKind] = Registry("workflows.steps")
    registry.register(Own())

    with pytest.raises(ValueError, match="two kinds named 'own'"):
        registry.register(Own())
