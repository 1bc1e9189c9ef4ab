"""What the API says without a token: the form of a workflow file, and that an address is none of its own."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from runs.intake.problems import Problem, answering_problems
from workflows.definition.schema import json_schema


@login_not_required
@require_safe
def workflow_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of the workflow file. It holds nobody's data, so that editors can fetch it freely."""
    return JsonResponse(json_schema(), content_type="application/schema+json")


@csrf_exempt
@login_not_required
@answering_problems
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """404 as a problem document: a caller of the API reads no pages."""
    raise Problem(404, "not_found", _("The API has nothing at this address."))
