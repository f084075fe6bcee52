"""Every setting of Referral SaaS. What an installation may change stands in referral_saas/environment.py."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from kit.env import DatabaseUrl
from referral_saas import broker, logs, plugs, roles
from referral_saas.environment import (  # noqa: F401  # all of it is settings
    BASE_DIR,
    CLICK_RETENTION_DAYS,
    CREDENTIALS_KEYS,
    DATA_DIR,
    DATABASE_POOL_SIZE,
    DATABASE_PREPARES,
    DATABASE_ROLE,
    DEBUG,
    DEFAULT_FROM_EMAIL,
    DNS_SERVERS,
    ERASED_MARK_DAYS,
    LANE,
    LOG_LEVEL,
    MAILBOX_DIR,
    MAILS_ON_REQUEST_A_DAY,
    MODE,
    MONEY_SLOTS,
    PLATFORM_HOSTS,
    PROVIDER_URLS,
    PUBLIC_URL,
    REDIS_URL,
    SECRET_KEY,
    SECRET_KEY_FALLBACKS,
    SHARED_LINK_HOST,
    SHOP_URL,
    STATIC_ROOT,
    TRUSTED_PROXIES,
    WORKSPACE_CLOSING_DAYS,
    email,
    owner_database,
    runtime_database,
)

#: Django's own check knows no merchants: referral_saas.middleware.KnownHosts refuses every host that is neither a
#: platform's nor a merchant's own, before anything reads the Host header.
ALLOWED_HOSTS = ["*"]

# --- the database and Redis -------------------------------------------------------------------------------------

RUNTIME_ROLE = runtime_database.user if runtime_database else roles.RUNTIME
OWNER_ROLE = owner_database.user if owner_database else roles.OWNER


def _database(url: DatabaseUrl | None) -> dict[str, Any]:
    """Pooled: a burst opens at most DATABASE_POOL_SIZE connections per process and idle ones close after a minute.

    Tests are not pooled, because they change roles and drop the database. No server-side cursors are kept open across
    transactions, so that a transaction-pooling proxy may stand in front.
    """
    if url is None:
        url = DatabaseUrl(roles.DATABASE, roles.OWNER, "", "", "", {})
    pool = {"min_size": 0, "max_size": DATABASE_POOL_SIZE, "timeout": 5, "max_idle": 60, "max_lifetime": 1800}
    options: dict[str, Any] = {"application_name": "referral-saas", "connect_timeout": 5, **url.options}
    if DATABASE_PREPARES:
        options["prepare_threshold"] = 5  # kit.connections.prepared_cursor
    if MODE != "test" and DATABASE_ROLE == "runtime":
        options["pool"] = pool
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.name,
        "USER": url.user,
        "PASSWORD": url.password,
        "HOST": url.host,
        "PORT": url.port,
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "CONN_HEALTH_CHECKS": True,  # a restarted Postgres costs one reconnect, not one failed request per connection
    }


DATABASES = {"default": _database(owner_database if DATABASE_ROLE == "owner" else runtime_database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}
}

# --- Django -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "referral_saas",
    "merchants",
    "exports",
    "imports",
    "programs",
    "advocates",
    "tracking",
    "rewards",
    "leads",
    "engagement",
    "integrations",
    "privacy",
    "allauth",
    "allauth.account",
    "rest_framework",
    "django_htmx",
    "heroicons",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "referral_saas.middleware.StrictHeaders",
    "referral_saas.middleware.ComeAgain",
    "referral_saas.middleware.KnownHosts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "referral_saas.sessions.SeenAgain",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "referral_saas.languages.LanguageOfAccount",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "referral_saas.urls"
WSGI_APPLICATION = "referral_saas.wsgi.application"

TEMPLATES = [
    {
        "NAME": "django",  # as Django REST framework asks for it
        "BACKEND": "referral_saas.templating.Templates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "referral_saas.form_widgets.Renderer"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
#: Hashed names need collectstatic to have run: right for what serves people, a trap in tests and development.
_hashed = MODE != "test" and not DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _hashed

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("pl", "Polski"), ("it", "Italiano"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE, LANGUAGE_COOKIE_HTTPONLY = 365 * 86_400, True
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --- who people are ---------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "merchants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, SESSION_ENGINE = "account_login", "/", "referral_saas.sessions"
ACCOUNT_ADAPTER = "referral_saas.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION, ACCOUNT_REAUTHENTICATION_REQUIRED = "mandatory", True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme
#: allauth would read X-Forwarded-For by itself: referral_saas/wsgi.py alone decides who the client is.
ALLAUTH_TRUSTED_PROXY_COUNT = 0

if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# --- safety of the transport ------------------------------------------------------------------------------------

_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_HSTS_SECONDS = 31_536_000 if _https and MODE == "production" else 0
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- mail -------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "mailbox": "engagement.mailbox.MailboxBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
}[email.scheme]
EMAIL_HOST, EMAIL_PORT = email.host, email.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = email.user, email.password
EMAIL_USE_TLS, EMAIL_USE_SSL = email.encryption == "starttls", email.encryption == "tls"
EMAIL_TIMEOUT = 10

# --- the API ----------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}

# --- work in the background -------------------------------------------------------------------------------------

CELERY_BROKER_URL = broker.url_of(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = broker.TRANSPORT_OPTIONS
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_POOL_LIMIT = DATABASE_POOL_SIZE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"

# --- tokens -----------------------------------------------------------------------------------------------------

#: Sign the token a friend carries from click to order (kit.signing): the first signs, all are believed. Derived,
#: so that each has one use only.
CLICK_TOKEN_KEYS = [sha256(b"click-token:" + key.encode()).digest() for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)]

# --- what higher floors plug into lower ones ---------------------------------------------------------------------

EVENT_READERS, OUTBOX_HANDLERS, EVENT_BELLS = plugs.EVENT_READERS, plugs.OUTBOX_HANDLERS, plugs.EVENT_BELLS
REWARD_FULFILLERS, CODE_SOURCES, SWEEPS = plugs.REWARD_FULFILLERS, plugs.CODE_SOURCES, plugs.SWEEPS
REASON_WORDS, SERVICE_EVENTS, EXPORT_LISTS = plugs.REASON_WORDS, plugs.SERVICE_EVENTS, plugs.EXPORT_LISTS
EXPORT_BUNDLES = plugs.EXPORT_BUNDLES
IMPORT_KINDS, TROUBLE_TOLD = plugs.IMPORT_KINDS, plugs.TROUBLE_TOLD
#: Kinds of work that is mostly waiting for others, and how many sweeps of it are called together.
SWEEP_HANDS = {"fulfil": MONEY_SLOTS}

# --- logs -------------------------------------------------------------------------------------------------------

LOGGING = logs.to_stderr(LOG_LEVEL)
