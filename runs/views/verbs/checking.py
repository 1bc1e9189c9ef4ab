"""Connection checks of the Run and Resume dialogs: each asks for itself once the dialog is open, and arrives alone."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.web import policy
from config.web.htmx import vary_on_htmx, wants_partial
from runs.views.verbs.frame import page_of, visible
from workflows import connections
from workflows.models import Connection

CHECKED = ("run", "resume")
BROKEN = (Connection.Health.FAILING, Connection.Health.DOWN)


def arrives_later(request: HttpRequest) -> bool:
    """Whether the dialog is opened by script, which then asks for each check; else all are made at once."""
    return request.method == "GET" and wants_partial(request)


@require_POST
def connection_check(request: HttpRequest, pk: int, verb: str, connection_pk: int) -> HttpResponse:
    """Test one connection that the workflow uses now; answers its line in the dialog.

    A connection that does not answer takes the button of Resume away. 404 for one that the workflow does not use.
    """
    workflow = visible(request, pk)
    version = workflow.published if verb == "resume" else workflow.draft or workflow.published
    used = {connection.pk: connection for connection in connections.used_in(workflow, version)}
    if verb not in CHECKED or connection_pk not in used:
        raise Http404
    if not policy.may(request.user, verb, workflow):
        raise PermissionDenied(_("Testing connections here needs the role Operator."))
    (tested,) = connections.test_all([used[connection_pk]])
    context = {
        "connection": tested,
        "is_broken": tested.health in BROKEN,
        "takes_button": verb == "resume" and tested.health in BROKEN,
    }
    if not wants_partial(request):
        return HttpResponse(status=303, headers={"Location": page_of(workflow)})
    return vary_on_htmx(render(request, "workflows/verbs/_connection.html", context))


def check_urls(verb: str, workflow_pk: int, used: list[Connection]) -> list[tuple[Connection, str]]:
    """Each connection with the address of its check."""
    return [(one, reverse("workflow_connection_check", args=[workflow_pk, verb, one.pk])) for one in used]
