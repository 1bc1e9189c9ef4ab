"""`POST /api/v1/events`: one event or a batch, with a bearer token."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from config.failpoints import failpoint
from runs.intake.bodies import BodyRefused, Json, parse_json
from runs.intake.depths import depth_of
from runs.intake.events import accept
from runs.intake.incoming import body_of
from runs.intake.problems import Problem, answering_problems, require_open
from workflows.models import Token
from workflows.services.tokens import authenticate


@csrf_exempt
@login_not_required
@answering_problems
def send(request: HttpRequest) -> HttpResponse:
    """Take events. A 2xx answer means that every run it names is committed."""
    if request.method != "POST":
        raise Problem(405, "method_not_allowed", _("Send events with POST."), headers={"Allow": "POST"})
    require_open()
    token = _token(request)
    document = _document(request)
    events = document if isinstance(document, list) else [document]
    results = accept(events, token, depth=depth_of(request))
    failpoint("K4")
    return JsonResponse({"results": results}, status=202)


def _token(request: HttpRequest) -> Token:
    scheme, _blank, text = request.headers.get("Authorization", "").partition(" ")
    token = authenticate(text.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise Problem(
            401,
            "not_authenticated",
            _("Send a valid token as “Authorization: Bearer …”."),
            headers={"WWW-Authenticate": 'Bearer realm="Signalbox"'},
        )
    return token


def _document(request: HttpRequest) -> Json:
    if request.headers.get("Content-Encoding", "").lower() not in ("", "identity"):
        raise Problem(422, "body_refused", _("The body is compressed. Send it without Content-Encoding."))
    try:
        return parse_json(body_of(request))
    except BodyRefused as wrong:
        raise Problem(422, "body_refused", str(wrong)) from None
