"""From text to definition and back. What is refused here is never stored; `check.py` looks at what is."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from workflows.definition.findings import DefinitionRefused, Finding, error, join_path
from workflows.definition.json_text import TextRefused, compact, dump, load_json
from workflows.definition.json_values import Json, depth
from workflows.definition.limits import FINDINGS, limits
from workflows.definition.models import FORMAT, Definition
from workflows.definition.shape import findings_of, structure_findings
from workflows.definition.yaml_text import load_yaml

__all__ = ["Loaded", "dump", "parse", "read", "validate"]


@dataclass(frozen=True)
class Loaded:
    """One workflow of a file: the document as it is written, and what it means."""

    document: dict[str, Any]
    definition: Definition


def parse(text: str | bytes, *, allow_yaml: bool = True) -> list[dict[str, Any]]:
    """The documents in a file of one workflow or of several; raises DefinitionRefused.

    A text that begins with `{` is JSON, any other is YAML. Says nothing yet about what the documents hold.
    """
    try:
        value = _value(_decoded(text), allow_yaml=allow_yaml)
    except TextRefused as refused:
        raise DefinitionRefused(
            [error(refused.code, "", str(refused), _("Correct the text and try again."))]
        ) from refused
    if depth(value) > limits().json_depth:
        raise DefinitionRefused([_too_deep()])
    if not isinstance(value, dict):
        raise DefinitionRefused([_not_an_object()])
    return _several(value) if "workflows" in value else [value]


def _decoded(text: str | bytes) -> str:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > limits().file_bytes:
        raise TextRefused(
            "too_large", _("The file is larger than %(most)d bytes.") % {"most": limits().file_bytes}
        )
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as wrong:
        raise TextRefused("not_utf8", _("The file is not UTF-8 text.")) from wrong
    return decoded.removeprefix("\ufeff")


def _value(text: str, *, allow_yaml: bool) -> Any:
    if not allow_yaml or text.lstrip()[:1] in ("{", ""):
        return load_json(text)
    if len(text) > limits().yaml_bytes:
        raise TextRefused(
            "too_large", _("YAML may have %(most)d characters.") % {"most": limits().yaml_bytes}
        )
    return load_yaml(text, depth=limits().json_depth)


def _several(value: dict[str, Any]) -> list[dict[str, Any]]:
    documents = value["workflows"]
    findings = [
        error("unknown_key", key, _("“%(name)s” is not a key that is known here.") % {"name": key[:100]})
        for key in value
        if key not in ("format", "workflows")
    ]
    if value.get("format") != FORMAT:
        findings.append(
            error("unknown_format", "format", _("This is not a workflow file of format signalbox/1."))
        )
    if not isinstance(documents, list) or not 1 <= len(documents) <= limits().workflows:
        sentence = _("A list of 1 to %(most)d workflows is needed here.") % {"most": limits().workflows}
        raise DefinitionRefused([*findings, error("wrong_type", "workflows", sentence)])
    findings += [_not_an_object(place) for place, part in enumerate(documents) if not isinstance(part, dict)]
    if findings:
        raise DefinitionRefused(findings)
    return [part if "format" in part else {"format": FORMAT, **part} for part in documents]


def _not_an_object(place: int | None = None) -> Finding:
    path = "" if place is None else f"workflows.{place}"
    return error("wrong_type", path, _("A workflow is an object with format, name, triggers and steps."))


def _too_deep() -> Finding:
    return error("too_deep", "", _("Lists and objects stand too deep inside each other."))


def validate(document: Json) -> Definition:
    """What a document means; raises DefinitionRefused with every finding.

    Looks at the shape alone: an incomplete definition passes, so that it can be stored as a draft.
    """
    if not isinstance(document, dict):
        raise DefinitionRefused([_not_an_object()])
    if depth(document) > limits().json_depth:
        raise DefinitionRefused([_too_deep()])
    if _size(document) > limits().definition_bytes:
        sentence = _("The workflow is larger than %(most)d bytes.") % {"most": limits().definition_bytes}
        raise DefinitionRefused([error("too_large", "", sentence, _("Split it into several workflows."))])
    findings = list(structure_findings(document, limits()))
    try:
        definition = Definition.model_validate(document)
    except ValidationError as problem:
        findings += findings_of(problem, document)
    if findings:
        raise DefinitionRefused(_in_order(findings))
    return definition


def _size(document: Json) -> int:
    try:
        return len(compact(document).encode())
    except (ValueError, TypeError) as wrong:
        sentence = _(
            "The workflow holds something that JSON cannot write, such as NaN or a number of endless length."
        )
        raise DefinitionRefused([error("not_json", "", sentence)]) from wrong


def read(text: str | bytes, *, allow_yaml: bool = True) -> list[Loaded]:
    """Every workflow of a file, or none: raises DefinitionRefused with the findings of all.

    In a file of several workflows paths begin with `workflows.<n>`.
    """
    documents = parse(text, allow_yaml=allow_yaml)
    loaded: list[Loaded] = []
    findings: list[Finding] = []
    for place, document in enumerate(documents):
        try:
            loaded.append(Loaded(document, validate(document)))
        except DefinitionRefused as refused:
            prefix = f"workflows.{place}" if len(documents) > 1 else ""
            findings += [_below(finding, prefix) for finding in refused.findings]
    if findings:
        raise DefinitionRefused(findings)
    return loaded


def _below(finding: Finding, prefix: str) -> Finding:
    return Finding(finding.level, finding.code, join_path(prefix, finding.path), finding.message, finding.fix)


def _in_order(findings: list[Finding]) -> list[Finding]:
    def place(finding: Finding) -> list[tuple[int, int, str]]:
        parts = finding.path.split(".")
        return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]

    return sorted(findings, key=place)[:FINDINGS]
