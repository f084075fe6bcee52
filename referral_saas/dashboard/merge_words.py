"""Who was merged into somebody, for the facts on their page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def merged_words(merged: Iterable[Mapping[str, str]]) -> SafeString | str:
    """The address of each, with why; nothing where there is nobody."""
    lines = [(one["email"], one["reason"]) for one in merged]
    if not lines:
        return ""
    told = format_html_join("", '<li>{}<br><span class="muted small">{}</span></li>', lines)
    return format_html('<ul class="stack-tight">{}</ul>', told)
