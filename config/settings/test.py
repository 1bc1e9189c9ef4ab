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
if not EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
BROKER_URL = BROKER_URL or "stub://"
AXES_ENABLED = False
# A bell's own connection would keep the test database from being dropped: only where a test asks for it.
IS_NOTIFYING = IS_NOTIFYING and bool(os.environ.get("SIGNALBOX_BELL"))
FAILPOINTS = env.text("SIGNALBOX_FAILPOINTS")
ALLOWED_HOSTS = ["*"]

# Those of the demo site on which the kit of pages is tested.
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "tests" / "config" / "web" / "templates"]}
]

# No thread of its own writes to a test's database.
ANSWERS_WRITTEN_EVERY = 0.0
