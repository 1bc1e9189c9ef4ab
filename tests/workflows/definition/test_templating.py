"""Rendering: what templates can say, what they cannot, and what a missing name means."""

from typing import Any

import pytest

from workflows.definition.templating import (
    NameMissing,
    TemplateFailed,
    TemplateRefused,
    compile_text,
    references,
    render,
)
from workflows.steps.errors import StepError

NAMES: dict[str, Any] = {
    "trigger": {
        "data": {
            "email": " Ada@Example.Test ",
            "score": 71,
            "tags": ["new", "hot"],
            "none": None,
            "big": 10**30,
        }
    },
    "steps": {"lead": {"ok": True, "share": 0.5, "size": "large", "with space": 1}},
}


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("plain", "plain"),
        ("{{ trigger.data.email | strip | downcase }}", "ada@example.test"),
        ("Score {{ trigger.data.score }}!", "Score 71!"),
        ("{{ trigger.data.none }}-", "-"),
        ("{{ steps.lead.ok }} and {{ steps.lead.share }}", "true and 0.5"),
        ("is {{ trigger.data.tags }}", 'is ["new","hot"]'),
        ("{{ trigger.data.tags[0] }}{{ trigger.data.tags.last }}{{ trigger.data.tags.size }}", "newhot2"),
        ("{{ trigger.data.tags[-1] }} ", "hot "),
        ('{{ steps["lead"]["with space"] }} ', "1 "),
        ("{{ steps.lead.size }} ", "large "),
        ("{{ '{{' }} ", "{{ "),
        ("a {{- trigger.data.score -}} b", "a71b"),
        ("{% if trigger.data.score > 70 %}hot{% else %}cold{% endif %}", "hot"),
        ("{% unless steps.lead.ok %}no{% else %}yes{% endunless %}", "yes"),
        (
            "{% case trigger.data.score %}{% when 1 %}one{% when 71, 71 %}right{% else %}other{% endcase %}",
            "right",
        ),
        ("{% if trigger.data.tags contains 'hot' and steps.lead.ok %}both{% endif %}", "both"),
        ("{% if trigger.data.none == blank or trigger.data.none == nil %}none{% endif %}", "none"),
        (" {% if false %}x{% endif %}", " "),
    ],
)
def test_render_gives_text(template: str, result: str) -> None:
    assert render(template, NAMES) == result


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("{{ trigger.data.score }}", 71),
        ("{{ trigger.data.tags }}", ["new", "hot"]),
        ("{{ trigger.data.none }}", None),
        ("{{ trigger.data.big }}", 10**30),
        ("{{steps.lead}}", NAMES["steps"]["lead"]),
        ("{{ 1.5 }}", 1.5),
        ("{{ true }}", True),
        (" {{ trigger.data.score }}", " 71"),
        ("{{ trigger.data.score | plus: 1 }}", "72"),
    ],
)
def test_render_one_output_without_filters_keeps_its_json_type(template: str, result: object) -> None:
    rendered = render(template, NAMES)

    assert (rendered, type(rendered)) == (result, type(result))


def test_render_walks_values_and_keeps_keys() -> None:
    value = {"{{ a }}": ["{{ trigger.data.score }}", 1, None, {"b": "x{{ steps.lead.ok }}"}]}

    assert render(value, NAMES) == {"{{ a }}": [71, 1, None, {"b": "xtrue"}]}


@pytest.mark.parametrize(
    "template",
    [
        "{{ nothing }}",
        "{{ trigger.data.nothing }}",
        "{{ trigger.data.email.nothing }}",
        "{{ trigger.data.tags[2] }}",
        "{{ trigger.data.score[0] }}",
        "{{ trigger.data.email[0] }}",
        "x{{ nothing | upcase }}",
        "{{ nothing | upcase | default: 'x' }}",
        "{{ 'a' | append: nothing }}",
        "{% if nothing %}{% endif %}",
        "{% if nothing == nil %}{% endif %}",
        "{% case nothing %}{% when 1 %}{% endcase %}",
        "{{ now }}",
        "{{ today }}",
        "{{ trigger.keys }}",
        "{{ trigger.data.email.__class__ }}",
        "{{ trigger.data.tags.append }}",
    ],
)
def test_render_missing_name_is_an_error(template: str) -> None:
    with pytest.raises(NameMissing) as raised:
        render(template, NAMES)

    assert (raised.value.code, raised.value.permanent) == ("template_failed", True)


@pytest.mark.parametrize(
    "template", ["{{ nothing | default: 'x' }}", "{{ trigger.data.none.a.b | default: 'x' }}"]
)
def test_render_missing_name_directly_before_default_gives_the_default(template: str) -> None:
    assert render(template, NAMES) == "x"


def test_render_names_the_place_that_failed() -> None:
    with pytest.raises(TemplateFailed) as raised:
        render({"json": [{"email": "{{ steps.led.email }}"}]}, NAMES)

    assert raised.value.message == "In “json.0.email”: There is no value named “steps.led.email”."


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in b %}{% endfor %}",
        "{% tablerow a in b %}{% endtablerow %}",
        "{% include 'a' %}",
        "{% render 'a' %}",
        "{% assign a = 1 %}",
        "{% capture a %}{% endcapture %}",
        "{% increment a %}",
        "{% cycle 'a', 'b' %}",
        "{% liquid assign a = 1 %}",
        "{% echo a %}",
        "{% raw %}{% endraw %}",
        "{% comment %}{% endcomment %}",
        "{% # inline %}",
        "{{ (1..1000000000) }}",
        "{{ (1..3) | join: ',' }}",
        "{% if (a) %}{% endif %}",
        "{{ a if b else c }}",
        "{{ a || upcase }}",
        "{{ a | safe }}",
        "{{ a | escapejs }}",
        "{{ a | replace }}",
        "{{ a | upcase: 1 }}",
        "{{ a | default: 'x', deny: true }}",
        "{{ open",
        "{% if a %}",
        "{% if a %}{% else %}{% else %}{% endif %}",
        "{% endif %}",
        "{{}}",
        "{%%}",
        "{{ a = b }}",
        "{{ a[b[c[d[e]]]] }}",
        "{{ 'open }}",
        "{{ a } }",
    ],
)
def test_compile_text_refuses(template: str) -> None:
    with pytest.raises(TemplateRefused) as raised:
        compile_text(template)

    assert str(raised.value).startswith("The template cannot be read: ")


def test_render_of_a_refused_template_is_a_step_error() -> None:
    with pytest.raises(StepError) as raised:
        render({"a": "{% for %}"}, {})

    assert raised.value.message == "In “a”: The template cannot be read: unexpected tag 'for'."


def test_render_in_html_escapes_outputs_and_not_the_template() -> None:
    names = {"name": "<b>&\nx"}

    assert (
        render("<p>{{ name }}</p>{{ name }}", names, in_html=True)
        == "<p>&lt;b&gt;&amp;\nx</p>&lt;b&gt;&amp;\nx"
    )


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("{{ name | escape }}", "&lt;b&gt;\nx"),
        ("{{ name | newline_to_br }}", "&lt;b&gt;<br>\nx"),
        ("{{ name | escape | newline_to_br }}", "&lt;b&gt;<br>\nx"),
        ("{{ name | newline_to_br | append: '<i>' }}", "&amp;lt;b&amp;gt;&lt;br&gt;\nx&lt;i&gt;"),
        ("{{ '<hr>' }}", "&lt;hr&gt;"),
        ("{{ list }}", "[&quot;&lt;&quot;]"),
        ("{{ nothing | default: '<' }}", "&lt;"),
        ("{% if name contains '<' %}<hr>{% endif %}", "<hr>"),
    ],
)
def test_render_in_html_never_lets_a_value_write_markup(template: str, result: str) -> None:
    assert render(template, {"name": "<b>\nx", "list": ["<"]}, in_html=True) == result


def test_references_gives_the_paths_of_every_template() -> None:
    value = {
        "a": ["{{ steps.lead.email | default: trigger.data[run.id].z }}", 5, "no template"],
        "b": "{% if item == workflow.name %}{{ scope }}{% elsif steps['x'].y[0] %}{% endif %}",
        "c": "{% case item.a %}{% when run.started_at %}{{ 'text' | append: steps.last }}{% endcase %}",
        "d": "{{ broken",
    }

    assert references(value) == {
        ("steps", "lead", "email"),
        ("trigger", "data"),
        ("run", "id"),
        ("item",),
        ("workflow", "name"),
        ("scope",),
        ("steps", "x", "y", "0"),
        ("item", "a"),
        ("run", "started_at"),
        ("steps", "last"),
    }
