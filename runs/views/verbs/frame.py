"""The frame of every verb's dialog: who may, what it shows and asks, what it does."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise

from config.web import policy
from runs.menus import verb_url
from workflows import queries
from workflows.forms import NoFields
from workflows.lifecycle import TRANSITIONS, Transition
from workflows.models import Workflow
from workflows.services.acting import VerbResult, already, require_source

UNDO = "undo"


@dataclass(frozen=True)
class Outcome:
    """What an act says: the sentence for the status region, where to undo it, and a page to go to at once.

    `to` is for acts whose answer is a page of its own, for htmx too. `is_gone`: the workflow's page is no more.
    """

    text: str
    undo: str = ""
    to: str = ""
    is_gone: bool = False


class VerbDialog:
    """One verb on one workflow. Subclasses say what is shown and asked, and perform it through the services."""

    verb: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    form_class: ClassVar[type[forms.Form]] = NoFields
    template: ClassVar[str] = "ui/_dialog.html"
    is_wide: ClassVar[bool] = False

    def __init__(self, request: HttpRequest, workflow: Workflow) -> None:
        self.request, self.workflow = request, workflow

    @property
    def transition(self) -> Transition:
        return TRANSITIONS[self.verb]

    @property
    def button(self) -> str | Promise:
        """The word on the button: the verb."""
        return self.transition.button or self.transition.label

    @property
    def is_danger(self) -> bool:
        return self.transition.is_final

    @property
    def sentence(self) -> str:
        """The question, in one or two sentences."""
        return ""

    @property
    def is_blocked(self) -> bool:
        """Whether something must be mended first, so that there is no button."""
        return False

    def permitted(self) -> bool:
        """Whether the person may do it here."""
        return policy.may(self.request.user, self.verb, self.workflow)

    def form_options(self) -> dict[str, Any]:
        """Keyword arguments of the form besides its data."""
        return {}

    def form(self, data: QueryDict | None = None) -> forms.Form:
        """The form, bound if there is data."""
        return self.form_class(data, **self.form_options())

    def context(self) -> dict[str, Any]:
        """What the template shows besides the form: numbers, findings."""
        return {}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        """Do it; raises the services' refusals."""
        raise NotImplementedError

    def nothing_to_do(self) -> str:
        """The sentence that the target holds already, which leaves nothing to ask."""
        return already(self.workflow) if self.workflow.status in self.transition.settled else ""

    def require_possible(self) -> None:
        """Raises TransitionRefused where the verb does not start from the present status."""
        require_source(self.workflow, self.transition)

    def result(self, done: VerbResult, text: str, *, undo: str = "", is_gone: bool = False) -> Outcome:
        """The outcome of a service: its own sentence when nothing had to be done."""
        if not done.changed:
            return Outcome(done.message, is_gone=is_gone)
        return Outcome(text, undo=undo, is_gone=is_gone)


def visible(request: HttpRequest, pk: int) -> Workflow:
    """The workflow; Http404 alike for what is not there and for what lies outside the person's scopes."""
    return get_object_or_404(policy.visible_to(request.user, queries.everything()), pk=pk)


def undo_address(workflow: Workflow, verb: str, **values: str) -> str:
    """Where to POST what takes an act back; refused if the workflow changed since."""
    query = {UNDO: "1", "revision": str(workflow.revision), **values}
    return f"{verb_url(workflow, verb)}?{urlencode(query)}"


def page_of(workflow: Workflow) -> str:
    return reverse("workflow_page", args=[workflow.pk])


def list_page() -> str:
    return reverse("workflow_list")
