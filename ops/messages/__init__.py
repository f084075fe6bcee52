"""./run messages: the catalogs of every language, kept in step with the texts in code and templates.

Without arguments it writes locale/<language>/LC_MESSAGES/django.po anew: what is translated stays, what nothing uses
goes, what is new stands there empty. --check writes nothing and says what is missing or cannot be right.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ops.console import tell
from ops.messages.catalog import folder_of, read, renewed, write
from ops.messages.complaints import complaints_about
from ops.messages.found import Text, texts
from ops.stack import ROOT

MOST_SHOWN = 60


def messages(arguments: list[str]) -> int:
    os.environ.setdefault("MODE", "test")
    problems: list[str] = []
    found = texts(ROOT, problems)
    for language in languages():
        if "--check" not in arguments:
            renew(language, found)
        problems += complaints_about(language, read(ROOT, language), found)
    for problem in problems[:MOST_SHOWN]:
        print(problem)
    print(summary(problems, found))
    return bool(problems)


def languages() -> list[str]:
    """Every language but the one that the texts are written in."""
    from referral_saas import settings

    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def renew(language: str, found: Mapping[tuple[str, str], Text]) -> None:
    catalog = renewed(language, read(ROOT, language), found)
    if write(ROOT, language, catalog):
        tell(f"{folder_of(ROOT, language).relative_to(ROOT)}: {len(catalog.translated_entries())} of {len(catalog)}")


def summary(problems: list[str], found: Mapping[tuple[str, str], Text]) -> str:
    if not problems:
        return f"{len(found)} texts, complete in: {', '.join(languages())}."
    left_out = f" ({len(problems) - MOST_SHOWN} more than shown)" if len(problems) > MOST_SHOWN else ""
    return f"{len(problems)} to mend{left_out}. ./run messages puts new texts into the catalogs, for translating there."
