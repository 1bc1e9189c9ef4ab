"""The editor as it is shown: the definition in one way of looking, the opened part, findings, the sample."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from config.web.preferences import zones
from runs.models import Run
from runs.views.editor import samples
from runs.views.editor.chosen import Chosen, choose
from runs.views.editor.library import Kind, library
from runs.views.editor.outline import Outline, outline_of
from runs.views.editor.testing import find_test
from runs.views.editor.toolbar import Tool, tools
from workflows import checking
from workflows.connections import usage
from workflows.definition.check import CheckResult
from workflows.definition.findings import DefinitionRefused, Finding
from workflows.definition.loading import parse
from workflows.drawing import Drawing, drawing_of
from workflows.editing.available import Source, available
from workflows.editing.paths import look
from workflows.editing.tree import Node, every_node
from workflows.forms.parts import KnownPart, PartForm, Problems, form_of, part_at
from workflows.forms.parts.known import SETTINGS_PATH
from workflows.models import Workflow
from workflows.services.working import Working


def document_in(text: str) -> dict[str, Any] | None:
    """The one workflow of a text, valid or not; None where there is nothing that a form could show."""
    try:
        documents = parse(text)
    except DefinitionRefused:
        return None
    return documents[0] if len(documents) == 1 else None


@dataclass
class Desk:
    """What there is to show. `text` is what stands or what was sent; `problems` are of the form that was sent."""

    request: HttpRequest
    workflow: Workflow
    working: Working
    text: str
    problems: Problems = field(default_factory=dict)
    opened: str | None = None
    tested: str = ""

    @cached_property
    def document(self) -> dict[str, Any] | None:
        return document_in(self.text)

    @cached_property
    def run(self) -> Run | None:
        """The test run whose result is shown."""
        return find_test(self.workflow, self.tested or self.request.GET.get("tested", ""))

    @cached_property
    def chosen(self) -> Chosen:
        """By the address; after an act, the part that the act was about."""
        if self.opened is not None and self.document is not None:
            return Chosen(path=self.opened) if self.opened else choose({}, self.document)
        return choose({key: str(value) for key, value in self.request.GET.items()}, self.document)

    @cached_property
    def checked(self) -> CheckResult:
        return checking.check_text(self.workflow, self.text)

    @cached_property
    def nodes(self) -> list[Node]:
        """All triggers and steps."""
        return every_node(self.document) if self.document else []

    @cached_property
    def node(self) -> Node | None:
        """The opened trigger or step."""
        return next((node for node in self.nodes if node.path == self.chosen.path), None)

    @cached_property
    def part(self) -> KnownPart | None:
        return part_at(self.document, self.chosen.path) if self.document and self.chosen.path else None

    @cached_property
    def form(self) -> PartForm | None:
        """The form of the opened part, with the findings beside its fields."""
        if self.part is None:
            return None
        form = form_of(self.part, self.problems)
        form.place(finding for finding in self.checked.findings if self._is_here(finding))
        return form

    def _is_here(self, finding: Finding) -> bool:
        """Whether a finding is about the opened part itself, not about one inside it."""
        inside = [one.path for one in self.node.below()] if self.node else [self.chosen.path]
        around = [path for path in inside if f"{finding.path}.".startswith(f"{path}.")]
        return bool(around) and max(around, key=len) == self.chosen.path

    @property
    def part_id(self) -> str:
        """The id of the opened part, by which it is found again when the document changed."""
        return self.node.id if self.node else self.chosen.path

    @property
    def rows(self) -> int:
        """How many lines the text takes, and some more to type in: the field itself does not scroll."""
        return max(28, self.text.count("\n") + 4)

    @property
    def is_settings(self) -> bool:
        return self.chosen.path == SETTINGS_PATH

    @cached_property
    def outline(self) -> Outline | None:
        if self.document is None:
            return None
        return outline_of(
            self.document,
            opened=self.chosen.path,
            findings=self.checked.findings,
            results=_results(self.run),
        )

    @cached_property
    def tools(self) -> list[Tool]:
        return tools(self.document, self.node) if self.document and self.node else []

    @cached_property
    def library(self) -> list[Kind]:
        """The kinds that may be added at the chosen place."""
        return library(self.chosen.add, self.chosen.search) if self.chosen.add else []

    @cached_property
    def sources(self) -> list[Source]:
        """What the opened part may name."""
        if self.document is None or self.node is None:
            return []
        sample, outputs = samples.parsed(self.payload), samples.last_outputs(self.workflow)
        return available(self.document, self.chosen.path, sample=sample, outputs=outputs)

    @cached_property
    def payload(self) -> str:
        """The sample of tests: the one that was kept, else the defaults of the manual trigger."""
        return self.working.sample or samples.sample_payload(self.workflow)

    @cached_property
    def suggestions(self) -> Mapping[str, list[str]]:
        """What fields offer while one types, by the word that asks for it."""
        wanted = {one.words.suggest for one in self.form.every_field()} if self.form else set()
        offers: dict[str, Callable[[], Iterable[str]]] = {
            "connections": lambda: [one.name for one in usage.usable_in(self.workflow.scope)],
            "workflows": lambda: (name for name in checking.startable(self.workflow) if not name.isdigit()),
            "zones": zones,
        }
        return {name: sorted(offer()) for name, offer in offers.items() if name in wanted}

    @cached_property
    def drawing(self) -> Drawing:
        """The whole flow, drawn."""
        return drawing_of(self.document or {})

    @property
    def focus(self) -> str:
        """The id of the field that the address asks about."""
        if not self.form or not self.chosen.field:
            return ""
        place, known = self.chosen.field, {one.path: one.id for one in self.form.every_field()}
        while place and place not in known:
            place = place.rpartition(".")[0]
        return known.get(place, "")

    @property
    def is_unknown(self) -> bool:
        """Whether a part is opened that has no form."""
        return (
            bool(self.chosen.path) and self.part is None and look(self.document, self.chosen.path) is not None
        )


def _results(run: Run | None) -> dict[str, str]:
    attempts = run.step_attempts.all() if run else ()
    return {one.step_id: "simulated" if one.is_simulated else one.status for one in attempts}
