"""A language's catalog as a file: sorted, without dates and line numbers, so that a diff shows what was translated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polib

from ops.messages.found import Text

WIDTH = 118


def folder_of(root: Path, language: str) -> Path:
    """zh-hans lives in locale/zh_Hans, as Django looks for it."""
    from django.utils.translation import to_locale

    return root / "locale" / to_locale(language)


def file_of(root: Path, language: str) -> Path:
    return folder_of(root, language) / "LC_MESSAGES" / "django.po"


def read(root: Path, language: str) -> polib.POFile:
    """Empty for a language that was just added."""
    path = file_of(root, language)
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def key_of(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def plurals_of(language: str) -> tuple[int, str]:
    """How many forms a counted text has, and which for which number. It may differ from Django's own catalog of that
    language: each catalog is asked by its own rule."""
    from babel.messages.plurals import get_plural
    from django.utils.translation import to_locale

    forms = get_plural(to_locale(language))
    return forms.num_plurals, forms.plural_expr


def renewed(language: str, before: polib.POFile, found: Mapping[tuple[str, str], Text]) -> polib.POFile:
    known = {key_of(entry): entry for entry in before if not entry.obsolete}
    catalog, forms = polib.POFile(wrapwidth=WIDTH), plurals_of(language)
    catalog.metadata = _head(language, forms)
    texts = sorted(found.values(), key=lambda text: (min(text.files), text.one, text.context))
    catalog.extend(_entry(text, known.get(text.key), forms[0]) for text in texts)
    return catalog


def _head(language: str, forms: tuple[int, str]) -> dict[str, str]:
    from django.utils.translation import to_locale

    return {
        "Language": to_locale(language),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": f"nplurals={forms[0]}; plural={forms[1]};",
    }


def _entry(text: Text, known: polib.POEntry | None, forms: int) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=text.context or None, msgid=text.one, msgid_plural=text.many)
    entry.occurrences = [(file, "") for file in sorted(text.files)]
    entry.flags = ["python-format"] if "%(" in text.one + text.many else []
    entry.tcomment = known.tcomment if known else ""
    if text.many:
        told = known.msgstr_plural if known else {}
        entry.msgstr_plural = {form: told.get(form, "") for form in range(forms)}
    elif known:
        entry.msgstr = known.msgstr or known.msgstr_plural.get(0, "")
    return entry


def write(root: Path, language: str, catalog: polib.POFile) -> bool:
    """Whether the file is another one now."""
    path, text = file_of(root, language), f"{catalog}\n"
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return True
