"""What an installation may change: every environment variable, declared once with its type, default and help. The table
of docs/settings.md is made from it; bad values stop the start with the variable's name and the way out (kit/env.py)."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from kit.env import EmailUrl, Environment
from referral_saas import roles

BASE_DIR = Path(__file__).resolve().parent.parent

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
runtime_database = env.database(
    "DATABASE_URL",
    help="Postgres as the runtime role, which owns nothing: postgresql://role:password@host:5432/database",
)
owner_database = env.database(
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
email: EmailUrl = env.email(
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
CLICK_RETENTION_DAYS = env.integer(
    "CLICK_RETENTION_DAYS",
    default=400,
    least=31,
    most=4000,
    help="Days that single clicks are kept; `manage.py drop_click_partitions` then drops their month. Figures stay.",
)
WORKSPACE_CLOSING_DAYS = env.integer(
    "WORKSPACE_CLOSING_DAYS",
    default=30,
    least=1,
    most=365,
    help="Days from an owner asking for a workspace to be deleted until it is; what was promised is given then. Fewer "
    "than before count with the next `migrate`.",
)
ERASED_MARK_DAYS = env.integer(
    "ERASED_MARK_DAYS",
    default=730,
    least=0,
    most=3650,
    help="Days that a keyed hash of an erased person's address is kept, against a second offer. 0: never.",
)
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", default="INFO", help="How much the processes write to stderr."
)
env.refuse_bad()
