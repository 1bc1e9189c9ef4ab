"""The fields of a part, ready to be drawn: one template a control."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.definition.findings import Finding
from workflows.definition.written import as_list
from workflows.editing.paths import ABSENT
from workflows.editing.shapes import Shape
from workflows.forms.parts.conditions import ConditionRow, condition_row
from workflows.forms.parts.known import KnownPart
from workflows.forms.parts.sent import PREFIX, Problems
from workflows.forms.parts.showing import ValueKind, effective, shown, shown_lines, shown_value
from workflows.steps.base import COMMON_FIELDS
from workflows.words import FieldWords, Words

Choice = tuple[str, str | Promise, bool]
FIRST = ("name", "id")


@dataclass(frozen=True)
class Row:
    """A name with its value, or one of several groups. `path` is below the part."""

    path: str
    key: str = ""
    kind: ValueKind = "text"
    text: str = ""
    problem: str = ""
    fields: "list[PartField]" = field(default_factory=list)


@dataclass
class PartField:
    """One field: what its control shows, and what is wrong with it."""

    path: str
    shape: Shape
    words: Words
    text: str = ""
    placeholder: str = ""
    value_kind: ValueKind = "text"
    is_on: bool = False
    is_set: bool = False
    choices: list[Choice] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    fields: "list[PartField]" = field(default_factory=list)
    condition: ConditionRow | None = None
    problem: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The element's id."""
        return f"f-{self.path.replace('.', '-')}"

    @property
    def name(self) -> str:
        """The control's name."""
        return PREFIX + self.path

    @property
    def template(self) -> str:
        return f"workflows/parts/_{self.control}.html"

    @property
    def control(self) -> str:
        """Text with line ends needs several lines, whatever its field is for."""
        is_long = self.shape.control == "long" if self.words.is_long is None else self.words.is_long
        if self.shape.control in ("text", "long", "duration", "number"):
            return "long" if is_long or "\n" in self.text else "text"
        return self.shape.control

    @property
    def is_wrong(self) -> bool:
        """Whether what stands in it must be mended; warnings leave it as it is."""
        return bool(self.problem) or any(finding.is_error for finding in self.findings)

    @property
    def next_row(self) -> str:
        """The number of the row that is still free."""
        return str(len(self.rows))

    @property
    def row_count(self) -> int:
        """How many rows are drawn, the free one among them."""
        return len(self.rows) + 1

    def below(self) -> "Iterator[PartField]":
        """This field and all inside it."""
        yield self
        for inner in (*self.fields, *(one for row in self.rows for one in row.fields)):
            yield from inner.below()


@dataclass(frozen=True)
class PartForm:
    """The fields of a part: those always shown, and the rare ones behind a fold."""

    path: str
    fields: list[PartField]
    rare: list[PartField]

    @property
    def opens_rare(self) -> bool:
        """Whether something of the rare fields is set or wrong."""
        return any(one.is_set or one.problem or one.findings for one in self.rare)

    def every_field(self) -> Iterator[PartField]:
        """All fields, those inside others too."""
        for top in (*self.fields, *self.rare):
            yield from top.below()

    def place(self, findings: Iterable[Finding]) -> None:
        """Put each finding beside the innermost field that it is about."""
        fields = {one.path: one for one in self.every_field()}
        for finding in findings:
            inner = finding.path.removeprefix(self.path).removeprefix(".")
            while inner and inner not in fields:
                inner = inner.rpartition(".")[0]
            if inner:
                fields[inner].findings.append(finding)


def form_of(part: KnownPart, problems: Problems | None = None) -> PartForm:
    """The form of a part. `problems` are those of what was sent, which is shown again."""
    fields = _fields(part.shapes, part.written, "", part.words, problems or {})
    fields.sort(key=_rank)
    return PartForm(
        part.path,
        [one for one in fields if not one.words.is_rare],
        [one for one in fields if one.words.is_rare],
    )


def _rank(one: PartField) -> tuple[int, int]:
    """Name and id first, then the kind's own, then what steps share."""
    if one.path in FIRST:
        return 0, FIRST.index(one.path)
    return (2 if one.path in COMMON_FIELDS else 1), 0


def _fields(
    shapes: Iterable[Shape], written: Any, prefix: str, words: FieldWords, problems: Problems
) -> list[PartField]:
    values = written if isinstance(written, dict) else {}
    return [
        _field(shape, f"{prefix}{shape.name}", values.get(shape.name, ABSENT), words, problems)
        for shape in shapes
        if shape.control not in ("fixed", "steps")
    ]


def _field(shape: Shape, path: str, written: Any, words: FieldWords, problems: Problems) -> PartField:
    known = ".".join(part for part in path.split(".") if not part.isdigit())
    one = PartField(path, shape, words.get(known) or Words(shape.name.replace("_", " ").capitalize()))
    one.placeholder, one.is_set = shown_lines(shape.default), written is not ABSENT
    if path in problems:
        one.problem, one.text, one.value_kind = problems[path].message, problems[path].typed, "json"
    elif shape.control == "value":
        one.value_kind, one.text = shown_value(written, spread=True)
    elif shape.control in ("group", "groups", "either"):
        _nest(one, written, words, problems)
    elif shape.control == "pairs":
        one.rows = _pairs(path, written, problems)
    elif shape.control == "condition":
        one.condition = condition_row(path, written, problems)
    else:
        _plain(one, written)
    return one


def _plain(one: PartField, written: Any) -> None:
    shape, value = one.shape, effective(one.shape, written)
    if shape.control == "tick":
        one.is_on = value is True
    elif shape.control in ("choice", "choices"):
        one.choices = _choices(one, value)
    else:
        one.text = shown_lines(written) if shape.control == "lines" else shown(written)


def _choices(one: PartField, value: Any) -> list[Choice]:
    is_single = one.shape.control == "choice"
    chosen = [shown(value)] if is_single else list(map(shown, as_list(value)))
    offered = _offered(one, one.shape.choices, filter(None, chosen))
    is_open = is_single and (one.shape.default is None or "" in chosen)
    return [("", _("Not set"), "" in chosen), *offered] if is_open else offered


def _offered(one: PartField, known: Iterable[str], chosen: Iterable[str]) -> list[Choice]:
    """The choices; a word that is none of them stays one, so that it is not lost."""
    now = list(chosen)
    return [(word, one.words.choices.get(word, word), word in now) for word in dict.fromkeys([*known, *now])]


def _nest(one: PartField, written: Any, words: FieldWords, problems: Problems) -> None:
    shape = one.shape
    if shape.control == "groups":
        one.rows = [
            Row(
                f"{one.path}.{place}",
                fields=_fields(shape.parts, item, f"{one.path}.{place}.", words, problems),
            )
            for place, item in enumerate(as_list(written))
        ]
        return
    one.is_on = isinstance(written, dict)
    if shape.control == "either":
        holder = shape.parts[0].name
        now = holder if one.is_on else shown(effective(shape, written))
        one.choices = _offered(one, (*shape.choices, holder), [now])
    elif one.is_on or not shape.may_be_none:
        one.fields = _fields(shape.parts, written, f"{one.path}.", words, problems)


def _pairs(path: str, written: Any, problems: Problems) -> list[Row]:
    rows = []
    for place, (key, value) in enumerate(written.items() if isinstance(written, dict) else ()):
        row = f"{path}.{place}"
        if row in problems:
            rows.append(Row(row, shown(key), "json", problems[row].typed, problems[row].message))
        else:
            rows.append(Row(row, shown(key), *shown_value(value)))
    return rows
