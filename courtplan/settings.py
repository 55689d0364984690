"""All settings, read from the environment (and from `.env`, which bin/run writes once)."""

import os
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from courtplan import __version__

VERSION = __version__
BASE_DIR = Path(__file__).resolve().parent.parent

# Environment

env = environ.Env()
ENV_FILE = Path(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))
env.read_env(str(ENV_FILE))

# What is written lies outside the program: beside it in a checkout, in /var/lib on a server.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))
SECRET_KEY = env.str("SECRET_KEY")  # no default: a server without its own key must not start
# Keys of before a change: what was signed or encrypted with them can still be read.
SECRET_KEY_FALLBACKS = [key.strip() for key in env.list("SECRET_KEY_FALLBACKS", default=[])]
DEBUG = env.bool("DEBUG", default=False)
GALLERY = env.bool("GALLERY", default=DEBUG)  # the page with every component, for those who build pages
ALLOWED_HOSTS = [host.strip() for host in env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])]
HTTPS = env.bool("HTTPS", default=False)
# Behind a proxy of one's own, and behind how many: whose word about the client counts (core/addresses.py).
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
PROXY_HOPS = env.int("PROXY_HOPS", default=1)
CSRF_TRUSTED_ORIGINS = [origin.strip() for origin in env.list("CSRF_TRUSTED_ORIGINS", default=[])]

# Apps: `condition` to `core` follow docs/architecture.md from top to bottom. `core` stands before the
# admin, whose templates ours replace.

INSTALLED_APPS = [
    "apps.operations",
    "apps.demo",
    "apps.office",
    "apps.papers",
    "apps.inspection",
    "apps.dashboard",
    "apps.reporting",
    "apps.supervision",
    "apps.assessment",
    "apps.ledger",
    "apps.indicators",
    "apps.plans",
    "apps.signin",
    "apps.accounts",
    "apps.audit",
    "apps.core",
    "django.contrib.admin",
    "apps.signin.apps.AuthConfigWithoutLastLogin",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.core.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.operations.middleware.ProbeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.core.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.signin.middleware.PersonMiddleware",
    "apps.signin.middleware.CompleteSignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.signin.middleware.ThrottleMiddleware",
    "apps.audit.middleware.RefusedAttemptMiddleware",
]

ROOT_URLCONF = "courtplan.urls"
WSGI_APPLICATION = "courtplan.wsgi.application"
ASGI_APPLICATION = "courtplan.asgi.application"

# Templates and forms

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.dashboard.context_processors.page",
            ],
        },
    },
]
FORM_RENDERER = "apps.core.forms.FormRenderer"
# A report's texts are held to 2,000 characters each by its form; a whole request may weigh this
# much before it is refused unread.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

# Evidence: outside what a browser can reach, handed out by a view that asks who may see it.

EVIDENCE_DIR = Path(env.str("EVIDENCE_DIR", default=str(DATA_DIR / "evidence")))
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(DATA_DIR / "backups")))
UPLOAD_MAX_FILE = env.int("EVIDENCE_MAX_MB", default=20) * 1024 * 1024
UPLOAD_MAX_REQUEST = max(4 * UPLOAD_MAX_FILE, 100 * 1024 * 1024)
EVIDENCE_MAX_PER_REPORT = env.int("EVIDENCE_MAX_PER_REPORT", default=20)
FILE_UPLOAD_HANDLERS = [
    "apps.core.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Web server (courtplan/serve.py): where it listens, `host:port` or `unix:/path`, and in how many processes.

LISTEN = [address.strip() for address in env.list("LISTEN", default=["127.0.0.1:8000"])]
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=min(2 * (os.cpu_count() or 1) + 1, 9))

# Database: SQLite for one court, PostgreSQL where several share. Every act opens its own
# transaction (`atomic`); IMMEDIATE is what keeps two writers on SQLite from "database is locked".

if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
else:
    # Not as a URL: the folder's name may hold what means something in one.
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "db.sqlite3"}}
if not DATABASES["default"].get("ENGINE"):
    raise ImproperlyConfigured("DATABASE_URL 的写法有误，应如 postgres://用户:密码@主机/数据库")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
    # A file, not memory: the live-server tests read it from several threads.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
# Opening a connection and closing it takes as long as a simple question, on SQLite too; and a file that a server
# holds open is not taken for one that nobody uses (operations/restore_swap.py).
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
# Background tasks lie there too, until the worker (`manage.py db_worker`) has done them.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Cache: pages only (dashboard/page_cache.py), about 12 KB apiece; everything else is read from the database. In the
# memory of each process, or in Redis where several machines share: losing it costs speed, never a page.

CACHE_URL = env.str("CACHE_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2000}}
}
CACHES["default"] |= {"TIMEOUT": 24 * 60 * 60, "KEY_PREFIX": "courtplan"}

# Signing in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.signin.backends.ThrottleBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = LOGOUT_REDIRECT_URL = "accounts:login"
LOGIN_REDIRECT_URL = "dashboard:home"
# scrypt comes with Python, needs 16 MB for every guess and takes less of the server than PBKDF2 at its present count.
# What was hashed before is hashed anew at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "apps.accounts.passwords.LengthValidator"},
    {"NAME": "apps.accounts.passwords.GuessableValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Django hands this setting to its own forms, too: a session ends this long after signing in, whatever happens.
SESSION_ENGINE = "apps.signin.store"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 60 * 60
SESSION_IDLE = timedelta(minutes=minutes) if (minutes := env.int("SESSION_IDLE_MINUTES", default=60)) else None
SECOND_FACTOR = env.str("SECOND_FACTOR", default="optional")
if SECOND_FACTOR not in ("off", "optional", "admins", "all"):
    raise ImproperlyConfigured("SECOND_FACTOR 应为 off、optional、admins 或 all。")

# Single sign-on, for which requirements-sso.txt is needed: an OpenID Connect provider, a directory (LDAP), or both.
# Either lets in people who have an account here; what they may do is said here, too. See docs/security.md.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_CLAIM = env.str("OIDC_CLAIM", default="preferred_username")
OIDC_NAME = env.str("OIDC_NAME", default="") or _("用统一身份认证登录")
OIDC_CREATE_IN_COURT = env.str("OIDC_CREATE_IN_COURT", default="")
OIDC_CA_FILE = env.str("OIDC_CA_FILE", default="")
LDAP_URL = env.str("LDAP_URL", default="")
LDAP_START_TLS = env.bool("LDAP_START_TLS", default=True)
LDAP_CA_FILE = env.str("LDAP_CA_FILE", default="")
LDAP_BASE = env.str("LDAP_BASE", default="")
LDAP_FILTER = env.str("LDAP_FILTER", default="(uid={username})")
LDAP_BIND_DN = env.str("LDAP_BIND_DN", default="")
LDAP_BIND_PASSWORD = env.str("LDAP_BIND_PASSWORD", default="")
LDAP_TIMEOUT = env.int("LDAP_TIMEOUT", default=5)
if LDAP_URL:
    AUTHENTICATION_BACKENDS.insert(1, "apps.signin.directory.DirectoryBackend")

# How many names may fail from one address within an hour before that address is slowed (apps/signin/rules.py). A whole
# court can share one address, so far more than honest mistakes make.
SIGN_IN_NAMES_LIMIT = env.int("SIGN_IN_NAMES_LIMIT", default=100)

# Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("英文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["courtplan.formats"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Static files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str("STATICFILES_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# What a page may do in the browser: load from this server, nothing else, nothing inline (HeadersMiddleware sends it).

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "apps.accounts.views.csrf_failure"
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# Lax and not Strict: a link in a notice of the court's own portal must not lead to the sign-in page.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
if HTTPS:
    # A browser takes a cookie of this name from this very host only, and only by https.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # a balancer asks by http
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS and BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Log: one line an event on standard error, with the request's id; JSON for a collector.

LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured("LOG_FORMAT 应为 line 或 json。")
SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", default=500)

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "apps.core.middleware.RequestIdFilter"},
        "client_error": {"()": "apps.core.logs.ClientErrorFilter"},
    },
    "formatters": {
        "json": {"()": "apps.core.logs.JsonFormatter"},
        "line": {
            "()": "apps.core.logs.LineFormatter",
            "format": "{asctime} {levelname} {request_id} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id", "client_error"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # What these say of each request, the query of its address included, our own line says without.
        "django.server": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        # That requests wait for a thread shows in the time they take.
        "waitress": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}

# Figures for Prometheus, off unless asked for. The processes of one server add theirs up through files.

METRICS = env.bool("METRICS", default=False)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_DIR = Path(env.str("METRICS_DIR", default=str(DATA_DIR / "metrics")))
if METRICS:
    METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
    MIDDLEWARE.insert(1, "apps.operations.middleware.MetricsMiddleware")
