"""Templates and texts: Django's engine and its catalogs on their own, without a Django project around them."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import django
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency
from django.conf import settings
from django.template import Context, Engine, Library
from django.utils import translation

from .http import Environ
from .money import CURRENCY

HERE = Path(__file__).parent
#: Those that there are catalogs for, each by its own name.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("pl", "Polski"), ("it", "Italiano"), ("zh-hans", "简体中文")]

if not settings.configured:  # in the shop's own process; beside a Django project (tests) that project's settings serve
    settings.configure(
        USE_TZ=False,
        LANGUAGE_CODE="en",
        LANGUAGES=LANGUAGES,
        LOCALE_PATHS=[HERE.parents[1] / "locale"],
        LOGGING_CONFIG=None,
    )
    django.setup()  # the catalogs want it

register = Library()


def language_asked(environ: Environ) -> str:
    """By the browser: the shop has no settings of its own."""
    request = SimpleNamespace(META=environ, COOKIES={})
    return translation.get_supported_language_variant(translation.get_language_from_request(cast(Any, request)))


def _locale() -> Locale:
    """English as it is written in Europe: the day stands before the month."""
    language = translation.get_language() or "en"
    return Locale.parse("en_GB" if language == "en" else translation.to_locale(language))


@register.filter
def euro(cents: int) -> str:
    return format_currency(Decimal(cents) / 100, CURRENCY, locale=_locale())


@register.filter
def moment(value: datetime) -> str:
    """The day and the minute."""
    locale = _locale()
    return f"{format_date(value, 'medium', locale)}, {format_time(value, 'HH:mm', locale=locale)}"


@register.filter
def item(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping[key]


ENGINE = Engine(
    dirs=[str(HERE / "templates")],
    builtins=["django.templatetags.i18n", "demo.shop.rendering"],
)


def render(template: str, values: dict[str, Any]) -> str:
    return str(ENGINE.get_template(template).render(Context(values, use_l10n=False, use_tz=False)))
