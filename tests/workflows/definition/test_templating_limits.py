"""What templates cost, and that nothing they say gets out or breaks in."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.definition.limits import EXPRESSION_LENGTH, RENDERED_SIZE, TEMPLATE_LENGTH
from workflows.definition.liquid.budget import Budget
from workflows.definition.templating import TemplateFailed, TemplateRefused, compile_text, render

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PIECES = st.sampled_from(
    [
        "{{", "}}", "{%", "%}", "{{-", "-%}", " ", "a", "a.b", "a[0]", "a['b']", "[", "]", "(", ")", "..", ".", "|", ":",
        ",", "'", '"', "if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "raw",
        "and", "or", "not", "contains", "==", "<", ">=", "nil", "true", "empty", "blank", "1", "-2.5", "default",
        "upcase", "replace", "date", "split", "join", "sort", "times", "json", "escape", "\n", "\x00", "\ud800", "é", "x",
    ]
)  # fmt: skip


def _render_or_fail(template: str, names: dict[str, Any], **options: Any) -> object:
    try:
        return render(template, names, **options)
    except TemplateFailed as failed:
        assert failed.message
        return failed


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=24), JSON_VALUES, st.booleans())
def test_render_raises_nothing_undocumented_for_pieces(pieces: list[str], value: Any, in_html: bool) -> None:
    for text in ("".join(pieces), " ".join(["{{", *pieces, "}}"])):
        result = _render_or_fail(text, {"a": value, "x": "y"}, in_html=in_html)

        assert isinstance(result, TemplateFailed) or json.dumps(result) is not None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60), JSON_VALUES)
def test_render_raises_nothing_undocumented_for_any_text(text: str, value: Any) -> None:
    assert _render_or_fail(text, {"a": value}) is not None


@settings(max_examples=150, deadline=None)
@given(JSON_VALUES)
def test_render_hands_values_on_unchanged(value: Any) -> None:
    assert json.dumps(render("{{ a }}", {"a": value})) == json.dumps(value)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40).filter(lambda text: "{{" not in text and "{%" not in text))
def test_render_leaves_text_without_templates_alone(text: str) -> None:
    assert render({"a": [text]}, {}) == {"a": [text]}


CANARIES = [
    "{{ a.__class__ }}", "{{ a.__class__.__mro__[1] }}", "{{ a['__globals__'] }}", "{{ self }}", "{{ forloop }}",
    "{{ a | attr: '__class__' }}", "{{ ''.__class__ }}", "{{ a.__init__.__globals__ }}", "{{ request }}",
    "{{ settings.SECRET_KEY }}", "{{ a | map: '__class__' }}", "{{ a.format }}", "{{ partial }}", "{{ template }}",
]  # fmt: skip


@pytest.mark.parametrize("template", CANARIES)
def test_render_reaches_no_attribute(template: str) -> None:
    result = _render_or_fail(template + " ", {"a": {"b": 1}})

    assert isinstance(result, TemplateFailed) or result in ("[null] ", " ")


@pytest.mark.parametrize("name", ["%s", "{0}", "{a}", "%(a)s", "${a}", "`a`", "__import__('os')"])
def test_render_puts_values_in_as_they_are(name: str) -> None:
    assert render("<{{ a }}>", {"a": name}) == f"<{name}>"


@pytest.mark.parametrize(
    "template",
    [
        "{{ a | replace: '', 'aaaaaaaaaa'" + " | replace: '', 'aaaaaaaaaa'" * 12 + " }} ",
        "{{ a | append: a | append: a | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa' | replace: 'a', a | replace: 'a', a }} ",
        "{{ a }}" * 30_000,
        "{{ a | upcase }}" * 7_000,
        "{{ a | split: '' | join: a | split: '' | join: a }} ",
        "{{ a | split: '' | concat: b }} ",
    ],
)
def test_render_ends_at_its_budget(template: str) -> None:
    names = {"a": "a" * 20_000, "b": ["x"] * 10_000}
    spent = Budget(written=1_000_000, worked=1_000_000)

    result = _render_or_fail(template, names, budget=spent)

    assert isinstance(result, TemplateFailed) or len(str(result)) <= 1_000_000


def test_render_counts_a_large_value_each_time_it_is_handed_on() -> None:
    large = ["x" * 1_000] * 1_000

    with pytest.raises(TemplateFailed, match="too long"):
        render(["{{ a }}"] * 5, {"a": large})


def test_render_refuses_more_than_a_run_may_hold() -> None:
    half = "x" * (RENDERED_SIZE // 2 + 1)

    assert len(str(render("{{ a }}", {"a": half}))) == len(half)
    with pytest.raises(TemplateFailed):
        render("{{ a }}{{ a }}", {"a": half})


def test_compile_text_refuses_long_templates_and_long_expressions() -> None:
    with pytest.raises(TemplateRefused, match="characters"):
        compile_text("x" * (TEMPLATE_LENGTH + 1))
    with pytest.raises(TemplateRefused, match="too long"):
        compile_text("{{ '" + "x" * EXPRESSION_LENGTH + "' }} " * 2)


def test_compile_text_refuses_deep_blocks() -> None:
    with pytest.raises(TemplateRefused):
        compile_text("{% if true %}" * 40 + "{% endif %}" * 40)


def test_render_case_runs_one_branch_once() -> None:
    nested = "x"
    for _level in range(12):
        nested = "{% case 1 %}{% when 1, 1, 1 %}" + nested + "{% when 1 %}no{% endcase %}"

    assert render(nested, {}) == "x"


HOSTILE: list[Callable[[int], str]] = [
    lambda n: "{{" * n,
    lambda n: "{%" * n,
    lambda n: "{{ " + " " * n,
    lambda n: "{% raw %}" * n,
    lambda n: "{{ a }}" * n,
    lambda n: '{{ ["' * n,
    lambda n: "{{ (((( }}" * n,
    lambda n: "{% if a %}b{% endif %}" * n,
    lambda n: "{{ a | replace: 'a', 'b' | upcase | downcase }}" * n,
    lambda n: "{% case a %}{% when 1, 2, 3 %}{% else %}b{% endcase %}" * n,
    lambda n: "\n" * n + "{{ a }}",
]


def _shortest(template: str) -> float:
    def once() -> float:
        began = time.perf_counter()
        _render_or_fail(template, {"a": "abc"})
        return time.perf_counter() - began

    return min(once() for _try in range(3))


@pytest.mark.parametrize("make", HOSTILE)
def test_render_costs_no_more_than_its_size(make: Callable[[int], str]) -> None:
    small = 100_000 // len(make(1)) // 16

    few, many = _shortest(make(small)), _shortest(make(small * 16))

    # A cost in the square would be 256 times as much.
    assert many < max(few, 0.0005) * 100
