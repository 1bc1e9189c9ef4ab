"""The two questions a load balancer asks."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from runs import restored
from runs.intake.problems import mend_connection


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("up", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, so that a trigger would be accepted; else 503, also while a restored copy is unconfirmed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM workflows_workflow WHERE id = 0")
        is_closed = restored.is_closed()
    except Error:
        mend_connection()
        is_closed = True
    if is_closed:
        return HttpResponse("down", status=503, content_type="text/plain")
    return HttpResponse("up", content_type="text/plain")
