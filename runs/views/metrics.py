"""What Prometheus asks for: figures as text, behind a token of its own."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from runs.intake.problems import mend_connection
from runs.monitoring.exposition import CONTENT_TYPE, rendered
from runs.monitoring.prometheus import metrics


@login_not_required
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """404 where no token is set, 401 for a wrong one, 503 while the database does not answer."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_known = constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    if scheme.lower() != "bearer" or not is_known:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    try:
        return HttpResponse(rendered(metrics()), content_type=CONTENT_TYPE)
    except Error:
        mend_connection()
        return HttpResponse("down", status=503, content_type="text/plain")
