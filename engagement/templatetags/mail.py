"""For templates/mail/: each sentence is written once and serves the HTML and the text part."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

register = template.Library()


def paragraphs_of(text: str) -> list[str]:
    return [found for part in re.split(r"\n\s*\n", text) if (found := part.strip())]


@register.filter
def paragraphs(text: str) -> SafeString:
    """`{% filter paragraphs %}`: what blank lines divide becomes <p>."""
    return SafeString("".join(f"<p>{part}</p>" for part in paragraphs_of(conditional_escape(text))))


@register.filter
def tidy(text: str) -> SafeString:
    """`{% filter tidy %}`: plain text with single blank lines. It is no HTML: nothing is escaped."""
    return SafeString("\n\n".join(paragraphs_of(text)) + "\n")
