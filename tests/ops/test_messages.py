"""The catalogs follow the code: every text is found, what is translated stays, what cannot be right is said."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from ops.messages import catalog
from ops.messages.complaints import complaints_about
from ops.messages.found import Text, texts

CODE = """
from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import ngettext, pgettext_lazy

WORDS = {"open": pgettext_lazy("state", "Open")}
said = _now("Hello %(name)s") % {"name": "Eve"}, ngettext("%(n)s order", "%(n)s orders", 2), translation.gettext("Bye")
left = _now(variable), other("Not a text")
"""
PAGE = """{% load i18n %}<p title="{% trans "A title" %}">{% blocktrans count n=orders %}One order{% plural %}{{ n }}
orders{% endblocktrans %}</p>"""


def tree(root: Path, code: str = CODE) -> dict[tuple[str, str], Text]:
    (root / "kit").mkdir(exist_ok=True)
    (root / "kit" / "__init__.py").touch()
    (root / "kit" / "words.py").write_text(code)
    (root / "templates").mkdir(exist_ok=True)
    (root / "templates" / "page.html").write_text(PAGE)
    return texts(root, [])


def test_every_text_is_found_under_whatever_name_it_is_translated(tmp_path):
    found = {(text.context, text.one, text.many) for text in tree(tmp_path).values()}
    assert found == {
        ("state", "Open", ""),
        ("", "Hello %(name)s", ""),
        ("", "%(n)s order", "%(n)s orders"),
        ("", "Bye", ""),
        ("", "A title", ""),
        ("", "One order", "%(n)s\norders"),
    }


def test_a_text_that_no_catalog_can_hold_is_said(tmp_path):
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "__init__.py").touch()
    said = ["from django.utils.translation import gettext as _", '_(f"{n} orders")', '_("a" + b)']
    (tmp_path / "kit" / "a.py").write_text("\n".join(said))
    problems: list[str] = []
    assert texts(tmp_path, problems) == {}
    assert [line.partition(" a text")[0] for line in problems] == ["kit/a.py:2:", "kit/a.py:3:"]


def test_what_is_translated_stays_what_nothing_uses_goes_and_a_second_time_changes_nothing(tmp_path):
    found = tree(tmp_path)
    first = catalog.renewed("de", polib.POFile(), found)
    next(entry for entry in first if entry.msgid == "Bye").msgstr = "Tschüss"
    first.append(polib.POEntry(msgid="Long gone", msgstr="Lange weg"))
    assert catalog.write(tmp_path, "de", first)
    again = catalog.renewed("de", catalog.read(tmp_path, "de"), found)
    assert {entry.msgid: entry.msgstr for entry in again.translated_entries()} == {"Bye": "Tschüss"}
    assert "Long gone" not in {entry.msgid for entry in again}
    assert catalog.write(tmp_path, "de", again)
    assert not catalog.write(tmp_path, "de", catalog.renewed("de", catalog.read(tmp_path, "de"), found))


@pytest.mark.parametrize(
    ("text", "said", "complaint"),
    [
        (Text("", "Hello %(name)s"), "Hallo %(name)s", ""),
        (Text("", "Hello %(name)s"), "", "not translated"),
        (Text("", "Hello %(name)s"), "Hallo %(nam)s", "placeholders"),
        (Text("", "See <b>this</b>"), "Siehe <b>das<b>", "placeholders or tags"),
        (Text("", "100%% sure"), "100 sicher", "placeholders"),
        (Text("", "Write {first}"), "Schreib", "placeholders"),
        (Text("", "Name: "), "Name:", "space or line break"),
        (Text("", "One day", "%(n)s days"), ["Ein Tag", "%(n)s Tage"], ""),
        (Text("", "%(n)s day", "%(n)s days"), ["Ein Tag", "%(n)s Tage"], "placeholders"),
        (Text("", "One day", "%(n)s days"), ["Ein Tag", "Tage"], "placeholders"),
        (Text("", "One day", "%(n)s days"), ["Ein Tag", ""], "1 of 2 plural forms"),
    ],
)
def test_what_cannot_be_right_is_said(text, said, complaint):
    text.files.add("kit/words.py")
    entry = polib.POEntry(msgid=text.one, msgid_plural=text.many)
    if text.many:
        entry.msgstr_plural = dict(enumerate(said))
    else:
        entry.msgstr = said
    told = complaints_for("de", entry, text)
    assert told[0].startswith(f"de: {complaint}") if complaint else told == []


def test_forms_are_counted_as_each_language_counts():
    text = Text("", "One day", "%(n)s days", {"kit/words.py"})
    for language, forms in (("pl", ["Dzień", "%(n)s dni", "%(n)s dni"]), ("zh-hans", ["%(n)s 天"])):
        entry = polib.POEntry(msgid=text.one, msgid_plural=text.many, msgstr_plural=dict(enumerate(forms)))
        assert complaints_for(language, entry, text) == []
        entry.msgstr_plural[len(forms) - 1] = ""
        assert len(complaints_for(language, entry, text)) == 1


def complaints_for(language: str, entry: polib.POEntry, text: Text) -> list[str]:
    book = catalog.renewed(language, polib.POFile(), {})
    book.append(entry)
    return list(complaints_about(language, book, {text.key: text}))
