"""The language in which the reader of what is being written reads.

Who decides it: the middleware and ``referral_saas.languages`` for a page, whoever makes a mail or a file for that
(``translation.override``).
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def language_of_page() -> str:
    """Django's code of it. Never empty: where translation is switched off it is the one that texts are written in."""
    return get_language() or settings.LANGUAGE_CODE
