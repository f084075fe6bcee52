"""Every setting of Referral SaaS. What an environment may change is declared through ``env`` and documented in
docs/settings.md; bad values stop the start with the variable's name and the way out (kit/env.py)."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kit.env import DatabaseUrl, EmailUrl, Environment
from referral_saas import broker, logs, plugs, roles, spans

BASE_DIR = Path(__file__).resolve().parent.parent

# --- what the environment says ----------------------------------------------------------------------------------

#: Defaults that only hold on one's own machine. Production gets none of them: it must say where it lives.
LOCAL_DEFAULTS = {
    "SECRET_KEY": "only-on-your-own-machine-and-never-where-others-can-reach-it",
    "CREDENTIALS_KEYS": "only-on-your-own-machine-and-never-elsewhere",
    "DATABASE_URL": f"postgresql://{roles.RUNTIME}@localhost/{roles.DATABASE}",
    "DATABASE_OWNER_URL": f"postgresql://{roles.OWNER}@localhost/{roles.DATABASE}",
    "REDIS_URL": "redis://localhost:6379/0",
    "PUBLIC_URL": "http://localhost:8000",
    "SHOP_URL": "http://127.0.0.1:8001",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],.localhost,testserver",
    "EMAIL_URL": "mailbox:",
}


def _stand_in(service: str) -> str:
    return f"A simulator in place of {service}, as in http://127.0.0.1:8009/stripe. Only in demo and test."


_mode = os.environ.get("MODE", "production")
env = Environment(os.environ, defaults=LOCAL_DEFAULTS if _mode in {"demo", "test"} else {})

MODE = env.choice(
    "MODE",
    "production",
    "demo",
    "test",
    default="production",
    help="What this installation is. demo and test have defaults for their own machine; production has no secrets.",
)
DEBUG = env.flag("DEBUG", help="Django's debug pages. Only for development: they show settings and code.")
SECRET_KEY = env.secret(
    "SECRET_KEY",
    shortest=40,
    help="Signs sessions, links and tokens. Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
)
SECRET_KEY_FALLBACKS = env.secrets(
    "SECRET_KEY_FALLBACKS",
    default="",
    shortest=40,
    help="Earlier values of SECRET_KEY that links and tokens still carry, divided by commas.",
)
CREDENTIALS_KEYS = env.secrets(
    "CREDENTIALS_KEYS",
    shortest=32,
    help="Encrypt the credentials of connections. To rotate, put the new key first and keep the old ones behind it.",
)
DATABASE_ROLE = env.choice(
    "DATABASE_ROLE",
    "runtime",
    "owner",
    default="runtime",
    help="Which of the two database addresses to use. manage.py sets it: owner for migrate, runtime for all else.",
)
_runtime_database = env.database(
    "DATABASE_URL",
    help="Postgres as the runtime role, which owns nothing: postgresql://role:password@host:5432/database",
)
_owner_database = env.database(
    "DATABASE_OWNER_URL",
    default="",
    help="The same database as the role that owns the schema. Only `manage.py migrate` needs it.",
)
MONEY_SLOTS = env.integer(
    "MONEY_SLOTS",
    default=8,
    least=1,
    most=32,
    help="Rewards that worker-money delivers at the same time. A provider that keeps silent holds one for 15 seconds.",
)
DATABASE_POOL_SIZE = env.integer(
    "DATABASE_POOL_SIZE",
    default=4,
    least=1,
    most=64,
    help="Most connections of one process to Postgres. Processes times this must stay under max_connections.",
)
DATABASE_PREPARES = env.flag(
    "DATABASE_PREPARES",
    default=True,
    help="Whether Postgres plans what is asked all the time once per connection. A pooling proxy has to know of it.",
)
REDIS_URL = env.redis(
    "REDIS_URL", help="Redis 7 or Valkey: redis://host:6379/0, rediss://host:6379/0 or unix:///path?db=0"
)
PLATFORM_HOSTS = env.words(
    "ALLOWED_HOSTS", help="Host names this installation answers to, divided by commas; .example.com covers subdomains."
)
#: Django's own check knows no merchants: referral_saas.middleware.KnownHosts refuses every host that is neither a
#: platform's nor a merchant's own, before anything reads the Host header.
ALLOWED_HOSTS = ["*"]
DNS_SERVERS = env.words(
    "DNS_SERVERS",
    default="",
    help="Resolvers for merchants' own hosts: addresses or address:port, divided by commas. Unset: the system's.",
)
PUBLIC_URL = env.web_address("PUBLIC_URL", help="Where people reach the dashboard: https://app.example.com")
SHARED_LINK_HOST = env.text(
    "SHARED_LINK_HOST",
    default=urlsplit(PUBLIC_URL).netloc,
    shown="the host of PUBLIC_URL",
    help="Host (and port) of generated friend links /r/<code>, such as r.example.com.",
)
SHOP_URL = env.text("SHOP_URL", default="", help="Where the demo's test shop is. Only the demo has one.")

#: Kind of connection -> address used in place of the real service's (integrations.providers); empty: the real one.
#: What an address here stands for is called "Simulated" on every page, and only demo and test may use one.
PROVIDER_URLS: dict[str, str] = {
    "SHOPIFY": env.text("PROVIDER_URL_SHOPIFY", default="", shown="the store itself", help=_stand_in("Shopify stores")),
    "WOOCOMMERCE": env.text(
        "PROVIDER_URL_WOOCOMMERCE", default="", shown="the shop itself", help=_stand_in("WooCommerce shops")
    ),
    "STRIPE": env.text("PROVIDER_URL_STRIPE", default="", shown="api.stripe.com", help=_stand_in("Stripe")),
    "GIFT_CARDS": env.text(
        "PROVIDER_URL_GIFTCARDS", default="", shown="the service of the key", help=_stand_in("the gift card service")
    ),
}
TRUSTED_PROXIES = env.networks(
    "TRUSTED_PROXIES",
    help="Networks whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 10.0.0.0/8. Unset: nobody's.",
)
_email: EmailUrl = env.email(
    "EMAIL_URL", help="How mail leaves: smtp://user:password@host:587?encryption=starttls, mailbox: or console:"
)
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL",
    default=f"Referral SaaS <no-reply@{urlsplit(PUBLIC_URL).hostname}>",
    shown="no-reply@ the host of PUBLIC_URL",
    help="Sender of mail that is not a merchant's own.",
)
LANE = env.flag(
    "LANE",
    default=True,
    help="Answer friends' links ahead of Django. Off: Django answers them the same, several times slower.",
)
DATA_DIR = Path(
    env.text("DATA_DIR", default=str(BASE_DIR / "var"), shown="var", help="Folder for what beat keeps on disk.")
)
MAILBOX_DIR = Path(
    env.text(
        "MAILBOX_DIR",
        default=str(DATA_DIR / "mailbox"),
        shown="mailbox in DATA_DIR",
        help="Where mail of EMAIL_URL=mailbox: and of sandboxes is kept; shared by those who send and show it.",
    )
)
STATIC_ROOT = Path(
    env.text(
        "STATIC_ROOT",
        default=str(BASE_DIR / "staticfiles"),
        shown="staticfiles",
        help="Where collectstatic puts files to be served.",
    )
)
MAILS_ON_REQUEST_A_DAY = env.integer(
    "MAILS_ON_REQUEST_A_DAY", default=20, least=1, most=1000, help="Mails to one address that anybody may set off."
)
CLICK_RETENTION_DAYS, WORKSPACE_CLOSING_DAYS, ERASED_MARK_DAYS = spans.days(env)
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", default="INFO", help="How much the processes write to stderr."
)
env.refuse_bad()

# --- the database and Redis -------------------------------------------------------------------------------------

RUNTIME_ROLE = _runtime_database.user if _runtime_database else roles.RUNTIME
OWNER_ROLE = _owner_database.user if _owner_database else roles.OWNER


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


DATABASES = {"default": _database(_owner_database if DATABASE_ROLE == "owner" else _runtime_database)}
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
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
}[_email.scheme]
EMAIL_HOST, EMAIL_PORT = _email.host, _email.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email.user, _email.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.encryption == "starttls", _email.encryption == "tls"
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
