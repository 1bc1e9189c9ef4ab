"""Everything that all settings share, read from the environment; see docs/settings.md."""

import base64
import hashlib
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from config.settings import environment as env
from config.web.policy_headers import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = env.folder("SIGNALBOX_DATA", BASE_DIR / "data")

# Data
SQLITE_SYNC = env.choice("SIGNALBOX_SQLITE_SYNC", "full", among=("full", "normal"))
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR, sqlite_sync=SQLITE_SYNC)}
IS_EMBEDDED = DATABASES["default"]["ENGINE"] == env.SQLITE
BROKER_URL = env.address("BROKER_URL", "", schemes=("redis", "rediss", "amqp", "amqps"))
# Whether PostgreSQL's NOTIFY wakes workers; "broker" where connections go through a pool that cannot LISTEN.
IS_NOTIFYING = (
    not IS_EMBEDDED and env.choice("SIGNALBOX_BELL", "notify", among=("notify", "broker")) == "notify"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Secrets
SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_DIR, "secret_key", embedded=IS_EMBEDDED)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
_derived = hashlib.sha256(b"signalbox connection secrets" + SECRET_KEY.encode()).digest()
SECRET_KEYS = env.words("SIGNALBOX_SECRET_KEYS") or [base64.urlsafe_b64encode(_derived).decode()]

# Web
DEBUG = env.flag("DEBUG", default=False)
BASE_URL = env.address("SIGNALBOX_BASE_URL", "", schemes=("http", "https")).rstrip("/")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
CSRF_FAILURE_VIEW = "config.web.errors.csrf_failure"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "signalbox_session"
CSRF_COOKIE_NAME = "signalbox_csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

INSTALLED_APPS = [
    "config.web",
    "audit",
    "workflows",
    "runs",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_filters",
    "django_tables2",
    "simple_history",
    "lucide",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.web.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.web.middleware.LoginGate",
    "config.web.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "audit.middleware.ActorMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

# What webhooks and health checks come through (config/web/intake.py): below these paths nothing else stands.
INTAKE_PATHS = ("/hooks/", "/health/", "/metrics")
INTAKE_URLCONF = "config.intake_urls"
INTAKE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.web.middleware.ClosedPolicyMiddleware",
    "config.web.middleware.RequestIdMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.web.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DJANGO_TABLES2_TEMPLATE = "ui/_table.html"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True

# People
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "config.web.errors.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "UTC")

# Mail
EMAIL_URL = env.address(
    "EMAIL_URL", "", schemes=("smtp", "smtp+tls", "smtps", "smtp+ssl", "consolemail", "filemail")
)
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
if EMAIL_URL:
    vars().update(env.mail(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.text("SIGNALBOX_FROM", "signalbox@localhost")

# Outgoing requests
EGRESS_ALLOW = env.networks("SIGNALBOX_EGRESS_ALLOW")
OUTGOING_BODY_LIMIT = 5 * 1024 * 1024
WORKER_THREADS = env.number("SIGNALBOX_WORKER_THREADS", default=8, least=1, most=64)
# Fewer than a worker's threads, so that one slow host cannot hold them all.
OUTGOING_HOST_SLOTS = max(1, WORKER_THREADS // 2)
# Fewer too, so that one workflow whose targets hang cannot hold them all.
WORKFLOW_SLOTS = max(1, WORKER_THREADS // 2)
# The loopback port on which `up` serves what the sample workflows talk to; 0 where there is none.
SAMPLE_ENDPOINT_PORT = env.number("SIGNALBOX_SAMPLE_ENDPOINT_PORT", default=0, least=0, most=65535)

# Intake and runs: bytes, levels, seconds and days
WEBHOOK_BODY_LIMIT = 1024 * 1024
JSON_DEPTH = 32
STEP_OUTPUT_LIMIT = 256 * 1024
RUN_CONTEXT_LIMIT = 4 * 1024 * 1024
RUN_DURATION_LIMIT_DAYS = 30
HOLD_DAYS = 7
HOLD_LIMIT = 10_000
DELIVERY_ID_DAYS = 30
# Of each webhook, in all web processes of a host; 0: any number.
DELIVERIES_PER_MINUTE = env.number("SIGNALBOX_DELIVERIES_PER_MINUTE", default=0, least=0, most=1_000_000)
# Notices: the hour of the daily message in the workspace's zone, and how many days closed ones are kept
NOTICE_DIGEST_HOUR = env.number("SIGNALBOX_DIGEST_HOUR", default=7, least=0, most=23)
NOTICE_DAYS = 180
SHORT_WAIT_SECONDS = 15 * 60
# How long closed runs are kept, in days, and at most how many of a workflow; 0: for ever, any number.
KEEP_SUCCESS_DAYS = env.number("SIGNALBOX_KEEP_SUCCESS_DAYS", default=90, least=0, most=36_500)
KEEP_OTHER_DAYS = env.number("SIGNALBOX_KEEP_OTHER_DAYS", default=365, least=0, most=36_500)
KEEP_RUNS = env.number("SIGNALBOX_KEEP_RUNS", default=0, least=0, most=1_000_000_000)
RETENTION_HOUR = env.number("SIGNALBOX_RETENTION_HOUR", default=3, least=0, most=23)
LEASE_SECONDS = env.number("SIGNALBOX_LEASE_SECONDS", default=30, least=1, most=600)
RING_AGAIN_SECONDS = env.number("SIGNALBOX_RING_AGAIN_SECONDS", default=30, least=1, most=600)

# Figures for Prometheus at /metrics, for whoever has the token; none without it.
METRICS_TOKEN = env.token("SIGNALBOX_METRICS_TOKEN")
# Every how many seconds a web process writes how it answered webhooks.
ANSWERS_WRITTEN_EVERY = 5.0

# The folder of the failpoints (config/failpoints.py); only the test settings let the environment name one.
FAILPOINTS = ""

LOG_LEVEL = env.choice("LOG_LEVEL", "warning", among=("debug", "info", "warning", "error", "critical"))
LOG_FORMAT = env.choice("LOG_FORMAT", "line", among=("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL.upper()},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
