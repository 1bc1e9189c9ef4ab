"""Definitions as people read them."""

import pytest

from workflows.definition.loading import validate
from workflows.outline import outline

SCORE = {"left": "{{ steps.lead.score }}", "op": ">=", "right": 70}


def lines_of(*steps):
    document = {"format": "signalbox/1", "name": "Test", "triggers": [], "steps": list(steps)}
    return outline(validate(document).steps)


def words_of(condition):
    [line] = lines_of({"id": "a", "kind": "set", "if": condition})
    return line.condition


def test_ways_are_named_and_nested():
    inner = {
        "id": "crm", "kind": "http_request", "connection": "crm", "path": "/leads",
        "on_failure": {"steps": [{"id": "tell", "kind": "notify", "text": "Oh"}]},
    }  # fmt: skip
    [line] = lines_of(
        {
            "id": "hot",
            "kind": "decision",
            "name": "Good enough?",
            "branches": [{"name": "hot", "if": {"all": [SCORE]}, "steps": [inner]}],
        }
    )
    assert (line.step.title, line.condition) == ("Good enough?", "")
    assert [(way.label, way.condition) for way in line.ways] == [
        ("If hot", "steps.lead.score >= 70"),
        ("Otherwise", ""),
    ]
    [crm] = line.ways[0].lines
    assert crm.words == "GET crm /leads"
    assert [(way.label, way.lines[0].step.id) for way in crm.ways] == [("If it fails", "tell")]


def test_a_loop_has_its_own_condition_beside_it():
    [line] = lines_of(
        {"id": "each", "kind": "for_each", "items": "{{ trigger.data }}", "if": SCORE, "steps": []}
    )
    assert line.condition == "steps.lead.score >= 70"
    assert [(way.label, way.condition, way.lines) for way in line.ways] == [("For each item", "", [])]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"all": []}, "always"),
        ({"all": [SCORE, {"left": "{{ a }}", "op": "exists"}]}, "steps.lead.score >= 70 and a exists"),
        ({"any": [{"all": [SCORE, SCORE]}, {"not": SCORE}]},
         "(steps.lead.score >= 70 and steps.lead.score >= 70) or not (steps.lead.score >= 70)"),
        ({"left": "{{ a }}{{ b }}", "op": "is_not", "right": ["x", None]}, '“{{ a }}{{ b }}” is not ["x", null]'),
    ],
)  # fmt: skip
def test_conditions_in_words(condition, words):
    assert words_of(condition) == words


def test_a_step_without_condition_has_no_words():
    [line] = lines_of({"id": "a", "kind": "set"})
    assert (line.condition, line.ways) == ("", [])
