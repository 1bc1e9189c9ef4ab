"""For the test suite: quick hashing, a stub broker, short leases; the database may be chosen by DATABASE_URL."""

import os
import tempfile

os.environ.setdefault("SIGNALBOX_DATA", tempfile.mkdtemp(prefix="signalbox-test-"))
os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 40)

from .base import *

if IS_EMBEDDED:
    # A file, not memory: several connections and processes share it, as in production.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
BROKER_URL = BROKER_URL or "stub://"
AXES_ENABLED = False
ALLOWED_HOSTS = ["*"]
