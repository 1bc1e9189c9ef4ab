"""The shape of a definition: what import and save refuse. Turns what the models say into findings with places."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows.definition.findings import Finding, error, join_path
from workflows.definition.limits import Limits
from workflows.definition.written import as_list, written_steps

Sentence = tuple[str, str, str]
_NOTHING = object()


def findings_of(problem: ValidationError, document: object) -> list[Finding]:
    """One finding a place; several ways of being wrong at one place (of a value that may have several types) are one."""
    found: dict[str, Finding] = {}
    for detail in problem.errors(include_url=False, include_input=False):
        path = _path(detail, document)
        again = found.get(path)
        if again is not None and again.code != "unknown_key":
            found[path] = error(
                "wrong_type", path, _("This value does not have a form that is allowed here.")
            )
            continue
        code, message, fix = _sentence(detail, path)
        found[path] = error(code, path, message, fix)
    return list(found.values())


def _path(detail: ErrorDetails, document: object) -> str:
    """The place in the document; the models' own words for alternatives of a type are left out."""
    place = document
    parts: list[int | str] = []
    for part in detail["loc"]:
        inner = _inner(place, part)
        if inner is not _NOTHING:
            place = inner
        elif detail["type"] != "missing" or not isinstance(place, dict):
            continue
        parts.append(part)
    return join_path(*parts)


def _inner(place: object, part: int | str) -> object:
    if isinstance(place, dict):
        return place.get(part, _NOTHING)
    if isinstance(place, list) and isinstance(part, int) and part < len(place):
        return place[part]
    return _NOTHING


def _sentence(detail: ErrorDetails, path: str) -> Sentence:
    kind, context, last = detail["type"], detail.get("ctx", {}), path.rpartition(".")[2]
    if path == "format":
        return (
            "unknown_format",
            _("This is not a workflow file of format signalbox/1."),
            _("Write “signalbox/1”."),
        )
    if kind == "missing":
        return "missing", _("“%(name)s” is missing.") % {"name": last}, _("Add it.")
    if kind == "extra_forbidden":
        return (
            "unknown_key",
            _("“%(name)s” is not a key that is known here.") % {"name": last[:100]},
            _("Remove it, or correct its spelling."),
        )
    if kind == "unknown_kind":
        return "unknown_kind", detail["msg"], _("Choose one of %(known)s.") % {"known": context["known"]}
    if kind == "string_pattern_mismatch" and last == "id":
        fix = _(
            "Begin with a lower-case letter; then letters, digits and underscores, 40 characters at most."
        )
        return "invalid_id", _("This id cannot be used."), fix
    return _value_sentence(kind, context, detail["msg"])


def _value_sentence(kind: str, context: dict[str, Any], said: str) -> Sentence:
    types = {
        "string_type": _("Text is needed here."),
        "int_type": _("A whole number is needed here."),
        "int_from_float": _("A whole number is needed here."),
        "float_type": _("A number is needed here."),
        "bool_type": _("True or false is needed here."),
        "list_type": _("A list is needed here."),
        "dict_type": _("An object is needed here."),
        "model_type": _("An object is needed here."),
    }
    if kind in types:
        return "wrong_type", types[kind], _("Write the value in that form.")
    if kind == "literal_error":
        return "wrong_value", _("Only %(expected)s can stand here.") % {"expected": context["expected"]}, ""
    if kind == "string_pattern_mismatch":
        return (
            "wrong_value",
            _("This text does not have the form that is needed here."),
            _("See how the format is described."),
        )
    if kind in _BOUNDS:
        return "out_of_range", _bound(kind, context), ""
    known = {"duration": "wrong_duration", "name_too_long": kind, "name_missing": kind}
    return known.get(kind, "wrong_value"), said, ""


_BOUNDS = {
    "greater_than_equal": "ge",
    "greater_than": "gt",
    "less_than_equal": "le",
    "less_than": "lt",
    "string_too_long": "max_length",
    "string_too_short": "min_length",
    "too_long": "max_length",
    "too_short": "min_length",
}


def _bound(kind: str, context: dict[str, Any]) -> str:
    sentences = {
        "ge": _("At least %(bound)s is needed here."),
        "gt": _("More than %(bound)s is needed here."),
        "le": _("At most %(bound)s is allowed here."),
        "lt": _("Less than %(bound)s is needed here."),
        "max_length": _("This is too long; at most %(bound)s is allowed."),
        "min_length": _("This is too short; at least %(bound)s is needed."),
    }
    return sentences[_BOUNDS[kind]] % {"bound": context[_BOUNDS[kind]]}


def structure_findings(document: dict[str, Any], limits: Limits) -> Iterator[Finding]:
    """Repeated ids, too many triggers and steps, steps too deep inside each other; works on what is not valid otherwise."""
    triggers = [(f"triggers.{place}", value) for place, value in enumerate(as_list(document.get("triggers")))]
    steps = list(written_steps(document))
    yield from _repeats(triggers, _("Another trigger has this id."))
    yield from _repeats([(found.path, found.step) for found in steps], _("Another step has this id."))
    if len(triggers) > limits.triggers:
        sentence = _("The workflow has %(count)d triggers; at most %(most)d are allowed.")
        yield error(
            "too_many_triggers", "triggers", sentence % {"count": len(triggers), "most": limits.triggers}
        )
    if len(steps) > limits.steps:
        sentence = _("The workflow has %(count)d steps; at most %(most)d are allowed.")
        yield error("too_many_steps", "steps", sentence % {"count": len(steps), "most": limits.steps})
    deep = [found.path for found in steps if found.depth > limits.nesting]
    if deep:
        sentence = _("Steps stand at most %(most)d deep inside each other.")
        fix = _("Move the inner steps out, or into a workflow of their own.")
        yield error("too_deep", deep[0], sentence % {"most": limits.nesting}, fix)


def _repeats(parts: list[tuple[str, Any]], message: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for path, part in parts:
        id_ = part.get("id") if isinstance(part, dict) else None
        if isinstance(id_, str):
            if id_ in seen:
                yield error("duplicate_id", f"{path}.id", message, _("Choose an id that no other has."))
            seen.add(id_)
