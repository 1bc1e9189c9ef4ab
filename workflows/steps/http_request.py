"""`http_request`: asks an address, or a path of a connection."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.templating import holds_template
from workflows.outgoing import EgressRefused, check_url
from workflows.steps.base import Done, OnCrash, OutsideStep, Problem, StepContext, StepKind, register
from workflows.steps.http_answer import Expected, read_answer
from workflows.steps.http_message import build_request, perform_request
from workflows.words import Words

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
StatusRange = Annotated[str, Field(pattern=r"^[1-5][0-9]{2}(-[1-5][0-9]{2})?$")]
Status = Annotated[int, Field(ge=100, le=599)]
BODIES = ("json", "form", "text")


class HttpRequestStep(OutsideStep):
    """Either `url`, or `connection` with `path`; at most one of `json`, `form` and `text`."""

    kind: Literal["http_request"]
    method: Method = "GET"
    url: str | None = Field(None, max_length=8_000)
    connection: str | None = Field(None, max_length=100)
    path: str | None = Field(None, max_length=8_000)
    query: dict[str, Any] = Field(default_factory=dict, max_length=100)
    headers: dict[str, str] = Field(default_factory=dict, max_length=50)
    json_: Any = Field(None, alias="json")
    form: dict[str, Any] | None = Field(None, max_length=200)
    text: str | None = None
    expect: list[Status | StatusRange] = Field(["200-299"], max_length=50)
    follow_redirects: int = Field(0, ge=0, le=3)

    @property
    def bodies(self) -> list[str]:
        """Which bodies are written; `"json": null` is one."""
        written = {
            "json": "json_" in self.model_fields_set,
            "form": self.form is not None,
            "text": self.text is not None,
        }
        return [name for name in BODIES if written[name]]


class HttpRequestKind(StepKind):
    kind = "http_request"
    label = gettext_lazy("HTTP request")
    summary = gettext_lazy("Asks an address, or a path of a connection.")
    icon = "globe"
    model = HttpRequestStep
    acts_outside = True
    fields = {
        "method": Words(gettext_lazy("Method")),
        "url": Words(
            gettext_lazy("Address"), gettext_lazy("A whole address; or choose a connection."), is_long=False
        ),
        "connection": Words(
            gettext_lazy("Connection"),
            gettext_lazy("Brings its address and its secret."),
            suggest="connections",
        ),
        "path": Words(
            gettext_lazy("Path"), gettext_lazy("Below the address of the connection."), is_long=False
        ),
        "query": Words(gettext_lazy("Query")),
        "headers": Words(gettext_lazy("Headers"), gettext_lazy("Secrets belong into the connection.")),
        "json": Words(gettext_lazy("Body as JSON")),
        "form": Words(gettext_lazy("Body as a form"), is_rare=True),
        "text": Words(gettext_lazy("Body as text"), is_rare=True),
        "expect": Words(
            gettext_lazy("Accepted answers"),
            gettext_lazy("One status or range on each line, such as 404 or 200-299."),
            is_rare=True,
        ),
        "follow_redirects": Words(
            gettext_lazy("Redirects to follow"), gettext_lazy("At most 3."), is_rare=True
        ),
    }

    def perform(self, step: HttpRequestStep, params: dict[str, Any], context: StepContext) -> Done:
        request = build_request(params, context, body=step.bodies[0] if step.bodies else "")
        return Done(read_answer(perform_request(request, context), Expected(step.expect)))

    def simulate(self, step: HttpRequestStep, params: dict[str, Any], context: StepContext) -> Done:
        written = {
            key: params[key]
            for key in ("method", "url", "connection", "path", "query", *step.bodies)
            if params[key]
        }
        return Done({"simulated": True, "status": 200, "headers": {}, "body": None, "request": written})

    def on_crash(self, step: HttpRequestStep) -> OnCrash:
        return step.on_crash or ("repeat" if step.method in REPEATABLE else "ask")

    def outputs(self, step: HttpRequestStep) -> Sequence[str]:
        return ("status", "headers", "body")

    def describe(self, step: HttpRequestStep) -> str:
        return " ".join(part for part in (step.method, step.connection, step.path or step.url) if part)

    def connection_name(self, step: HttpRequestStep) -> str:
        return step.connection or ""

    def problems(self, step: HttpRequestStep) -> Iterator[Problem]:
        if not step.url and not step.connection:
            yield Problem(
                "url", _("The request has no address."), _("Give a url, or a connection and a path.")
            )
        if step.url and (step.connection or step.path):
            yield Problem("url", _("The request has a url and a connection."), _("Keep only one of them."))
        if len(step.bodies) > 1:
            yield Problem(
                step.bodies[1],
                _("The request has more than one body."),
                _("Keep one of json, form and text."),
            )
        if step.bodies and step.method in ("GET", "HEAD"):
            yield Problem(
                step.bodies[0],
                _("A GET or HEAD request has no body."),
                _("Choose another method, or use query."),
            )
        if step.url and not holds_template(step.url):
            yield from _address_problems(step.url)


def _address_problems(url: str) -> Iterator[Problem]:
    try:
        check_url(url)
    except EgressRefused as refused:
        # An administrator may allow the address later, and a failure branch may be meant for it.
        yield Problem("url", refused.message, code="egress_refused", stands_in_the_way=False)


register(HttpRequestKind())
