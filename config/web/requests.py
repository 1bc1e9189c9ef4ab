"""The request as views see it, after the kit's middleware. A type only: no request is ever made of this class."""

from django.http import HttpRequest

from config.web.preferences import Preferences


class PageRequest(HttpRequest):
    """What `RequestIdMiddleware` and `PersonMiddleware` add."""

    request_id: str
    preferences: Preferences
