"""For working on Signalbox itself: debug pages, every message on the console."""

from .base import *

DEBUG = True
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
