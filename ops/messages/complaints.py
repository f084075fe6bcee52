"""What keeps a language from being complete and right, one line each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import polib

from ops.messages.catalog import key_of, plurals_of
from ops.messages.found import Text

#: What a translation takes over as it is: placeholders of both kinds, signs of percent, tags of HTML.
_KEPT = re.compile(r"%\([a-z_0-9]+\)[a-z]|%%|\{[a-z_0-9.!:]*\}|</?[a-zA-Z][^>]*>")


def complaints_about(language: str, catalog: polib.POFile, found: Mapping[tuple[str, str], Text]) -> Iterator[str]:
    forms, rule = plurals_of(language)
    if catalog.metadata.get("Plural-Forms") != f"nplurals={forms}; plural={rule};":
        yield f"{language}: the head of the catalog has no plural forms, or others than Babel's"
    known = {key_of(entry): entry for entry in catalog if not entry.obsolete}
    for key, text in found.items():
        if complaint := _about(text, known.get(key), forms):
            yield f"{language}: {complaint}: {_short(text.one)} ({min(text.files)})"
    for key in known.keys() - found.keys():
        yield f"{language}: nothing uses {_short(key[1])}"


def _about(text: Text, entry: polib.POEntry | None, forms: int) -> str:
    if entry is None:
        return "not in the catalog"
    if bool(text.many) != bool(entry.msgid_plural) or text.many != (entry.msgid_plural or ""):
        return "counted otherwise in the catalog"
    if entry.fuzzy:
        return "marked as unsure (fuzzy)"
    if text.many:
        return _about_counted(text, [entry.msgstr_plural.get(form, "") for form in range(forms)])
    return _about_single(text.one, entry.msgstr)


def _about_single(text: str, said: str) -> str:
    if not said.strip():
        return "not translated"
    if kept(text) != kept(said):
        return f"placeholders or tags differ in {_short(said)}"
    if _ends(text) != _ends(said):
        return f"space or line break at the start or the end differs in {_short(said)}"
    return ""


def _about_counted(text: Text, said: Sequence[str]) -> str:
    """Only the form for one may do without what the English form for one does without (its number)."""
    if not all(form.strip() for form in said):
        return f"{sum(not form.strip() for form in said)} of {len(said)} plural forms not translated"
    one, many = set(kept(text.one)), set(kept(text.many))
    for place, form in enumerate(said):
        needed = many & one if place == 0 and len(said) > 1 else many
        if set(kept(form)) - (one | many) or needed - set(kept(form)):
            return f"placeholders or tags differ in {_short(form)}"
    return ""


def kept(text: str) -> Counter[str]:
    return Counter(_KEPT.findall(text))


def _ends(text: str) -> tuple[str, str]:
    inner = text.strip()
    return text[: text.index(inner)] if inner else text, text[len(text.rstrip()) :]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 90 else f"{line[:87]}...")
