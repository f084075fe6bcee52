"""Words a merchant sorts people by. A word exists as long as somebody carries it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from advocates.actions.refusals import Refused
from advocates.locks import customer_for_update
from advocates.models import Customer, Tag, Tagged
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.locks import workspace_for_update

LONGEST_TAG, MOST_OF_ONE, MOST_WORDS = 30, 10, 200
#: Letters and digits of any script, joined by single hyphens.
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def clean_tag(text: str) -> str:
    """As it is stored: small letters, blanks as hyphens. Raises Refused."""
    word = re.sub(r"[\s_-]+", "-", clean_text(text).strip().lower()).strip("-")
    if not word:
        raise Refused("word", _("Write a word first."))
    if len(word) > LONGEST_TAG:
        raise Refused("word", _("A tag has %(most)s characters at most.") % {"most": LONGEST_TAG})
    if not _WORD.fullmatch(word):
        raise Refused("word", _("A tag is made of letters, digits and hyphens, for example loyal-guest."))
    return word


@transaction_required
def add_tag(*, customer: Customer, word: str, by: str, now: datetime) -> str:
    """The word as it is stored. Carried already, nothing happens. Raises Refused."""
    wanted = clean_tag(word)
    workspace_for_update()  # words come and go under one lock: none goes while somebody is given it
    found = customer_for_update(customer.pk)
    carried = Tagged.objects.filter(customer=found)
    if carried.filter(tag__word=wanted).exists():
        return wanted
    if carried.count() >= MOST_OF_ONE:
        raise Refused("word", _("A person carries %(most)s tags at most: remove one first.") % {"most": MOST_OF_ONE})
    tag = Tag.objects.filter(word=wanted).first() or _new_word(wanted)
    Tagged.objects.create(tag=tag, customer=found)
    _record("tag.added", found, tag.pk, by, now)
    return wanted


def _new_word(word: str) -> Any:
    if Tag.objects.count() >= MOST_WORDS:
        most = {"most": MOST_WORDS}
        raise Refused("word", _("This workspace has %(most)s different tags already: use one of those.") % most)
    return Tag.objects.create(word=word)


@transaction_required
def remove_tag(*, customer: Customer, word: str, by: str, now: datetime) -> None:
    """Not carried, nothing happens."""
    workspace_for_update()
    found = customer_for_update(customer.pk)
    row = Tagged.objects.filter(customer=found, tag__word=word).first()
    if row is None:
        return
    row.delete()
    if not Tagged.objects.filter(tag_id=row.tag_id).exists():
        Tag.objects.filter(pk=row.tag_id).delete()
    _record("tag.removed", found, row.tag_id, by, now)


def _record(code: str, customer: Customer, tag_id: UUID, by: str, now: datetime) -> None:
    events.record(code, subject=customer, by=by, now=now, data={"tag": str(tag_id)})
