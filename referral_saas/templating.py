"""Django's templates, which let go of what they were given as soon as they are drawn.

The context of a request keeps its values in layers that each know their context, so it holds itself: the fifty rows of
a list, and all that hangs on them, stayed in memory until Python searched for such circles. The search met every
twelfth page of a long list, and took a third of that page's time.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends import django as backend
from django.template.context import make_context
from django.utils.safestring import SafeString


class Templates(backend.DjangoTemplates):
    """settings.TEMPLATES"""

    def from_string(self, template_code: str) -> Template:
        return Template(self.engine.from_string(template_code), self)

    def get_template(self, template_name: str) -> Template:
        found: Any = super().get_template(template_name)
        return Template(found.template, self)


class Template(backend.Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            return self.template.render(made)
        except TemplateDoesNotExist as error:
            backend.reraise(error, self.backend)
        finally:
            made.dicts.clear()
