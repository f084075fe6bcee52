"""Every key that points at a person, found from the models: so that nothing is left behind when two become one.

The database refuses to let a row go that something still points at. A key that were missed here would undo the whole
merging; no row would be half moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, Model, OuterRef

from advocates.models import Advocate, Customer, Tagged
from engagement.models import Arrival, Message
from rewards.models import PayoutAccount, TaxForm
from tracking.models import AdvocateTrace

#: Rows of which one person has one only: what they are told apart by beside the person. The one who stays keeps theirs.
ONE_EACH: dict[type[Model], tuple[str, ...]] = {
    Tagged: ("tag",),
    Message: ("outbox_id", "kind"),
    PayoutAccount: (),
    TaxForm: ("country",),
    Arrival: (),
    AdvocateTrace: ("salt", "address", "agent"),
}


def keys_to(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """(model, name of its field) of every key to rows of ``model``."""
    for field in model._meta.get_fields(include_hidden=True):
        if field.auto_created and not field.concrete and (field.one_to_many or field.one_to_one):
            model_of_key: Any = field.related_model
            yield model_of_key, str(field.field.name)  # type: ignore[union-attr]


def lead_over(*, goes: Customer | Advocate, stays: Customer | Advocate) -> dict[str, int]:
    """Whatever points at ``goes`` points at ``stays``. Gives how many rows of each model do so now, but for none."""
    moved = {}
    for model, name in keys_to(type(goes)):
        rows: Any = model._default_manager.filter(**{name: goes})
        if model in ONE_EACH:
            same = {other: OuterRef(other) for other in ONE_EACH[model]}
            rows.filter(Exists(model._default_manager.filter(**{name: stays}, **same))).delete()
        if count := rows.update(**{name: stays}):
            moved[str(model._meta.model_name)] = count
    return moved
