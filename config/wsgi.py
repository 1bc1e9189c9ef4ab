"""The WSGI application that the web process serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
pages = get_wsgi_application()

from config.web.intake import beside  # noqa: E402 - it reads the settings, which stand only now

application = beside(pages)
