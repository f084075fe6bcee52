"""Templates: Django's engine on its own, without a Django project around it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, Engine, Library

from .money import major

HERE = Path(__file__).parent

if not settings.configured:  # in the shop's own process; beside a Django project (tests) that project's settings serve
    settings.configure(USE_I18N=False, USE_TZ=False)

register = Library()


@register.filter
def euro(cents: int) -> str:
    return f"-€{major(-cents)}" if cents < 0 else f"€{major(cents)}"


@register.filter
def moment(value: datetime) -> str:
    return f"{value.day} {value:%b %Y, %H:%M}"


@register.filter
def item(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping[key]


ENGINE = Engine(
    dirs=[str(HERE / "templates")],
    builtins=["django.templatetags.i18n", "demo.shop.rendering"],
)


def render(template: str, values: dict[str, Any]) -> str:
    return str(ENGINE.get_template(template).render(Context(values, use_l10n=False, use_tz=False)))
