"""The floor of serving: the least Django that answers a POST with JSON, for the same server as the product's."""

import json

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="of-no-use", MIDDLEWARE=[])


def receive(request: HttpRequest) -> HttpResponse:
    """Read the JSON, answer with JSON."""
    return JsonResponse({"keys": len(json.loads(request.body))}, status=202)


urlpatterns = [path("hooks/bare", receive)]
application = WSGIHandler()
