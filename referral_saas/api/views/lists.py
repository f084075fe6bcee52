"""What stands: referrals, rewards, advocates and programs, one by one or page by page."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from advocates.selectors import advocate_by_former_id, advocates, advocates_by_former_id, customer_by_email
from kit.ids import parse_public_id
from programs.models import Program
from referral_saas.api.base import Reads
from referral_saas.api.idempotency import Answer
from referral_saas.api.paging import PAGING, page, refuse_unknown_parameters
from referral_saas.api.present import Json, advocates_json, program_json, referral_json, rewards_json
from referral_saas.api.problems import bad_field, not_found
from rewards.models import Reward
from tracking.models import Referral


class Listing(Reads):
    """``rows`` to choose from, ``show`` to write a page of them, ``filters`` by parameter name."""

    prefix: ClassVar[str]
    filters: ClassVar[tuple[str, ...]] = ()

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def show(self, rows: list[Any]) -> list[Json]:
        raise NotImplementedError

    def read(self, **ids: str) -> Answer:
        if "id" in ids:
            return Answer(self.show([self._one(ids["id"])])[0])
        request = self.request._request
        refuse_unknown_parameters(request, (*PAGING, *self.filters))
        return Answer(page(self.filtered(self.rows()), request, prefix=self.prefix, show=self.show))

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name in self.filters:
            if (value := self.request._request.GET.get(name)) is not None:
                rows = rows.filter(**self.condition(name, value))
        return rows

    def condition(self, name: str, value: str) -> dict[str, Any]:
        """A filter by a state or by a public id of something else."""
        if name == "state":
            states = self.rows().model._meta.get_field("state").choices
            return {"state": _one_of(name, value, [key for key, _label in states])}
        key = parse_public_id(_PREFIX_OF[name], value) or _bad_id(name)
        return {f"{name}_id": advocates_by_former_id([key]).get(key, key) if name == "advocate" else key}

    def _one(self, public: str) -> Model:
        key = parse_public_id(self.prefix, public)
        found = (self.rows().filter(pk=key).first() or self.former(key)) if key else None
        if found is None:
            raise not_found()
        return found

    def former(self, key: UUID) -> Model | None:
        """What an id that is nobody's any more leads to."""
        return None


_PREFIX_OF = {"program": "prg", "advocate": "adv", "order": "ord"}


class Referrals(Listing):
    prefix = "ref"
    filters = ("state", "program", "advocate")

    def rows(self) -> QuerySet[Any]:
        return Referral.objects.all()

    def show(self, rows: list[Any]) -> list[Json]:
        return [referral_json(row) for row in rows]


class Rewards(Listing):
    prefix = "rwd"
    filters = ("state", "program", "advocate", "order")

    def rows(self) -> QuerySet[Any]:
        return Reward.objects.select_related("kind")

    def show(self, rows: list[Any]) -> list[Json]:
        return rewards_json(rows)


class Programs(Listing):
    prefix = "prg"
    filters = ("state",)

    def rows(self) -> QuerySet[Any]:
        return Program.objects.select_related("terms")

    def show(self, rows: list[Any]) -> list[Json]:
        return [program_json(row) for row in rows]


class AdvocateRows(Listing):
    prefix = "adv"
    filters = ("state", "program", "email")

    def rows(self) -> QuerySet[Any]:
        return advocates()

    def show(self, rows: list[Any]) -> list[Json]:
        return advocates_json(rows)

    def former(self, key: UUID) -> Model | None:
        return advocate_by_former_id(key)

    def condition(self, name: str, value: str) -> dict[str, Any]:
        if name == "email":
            customer = customer_by_email(value[:254])
            return {"customer": customer} if customer else {"pk": None}
        return super().condition(name, value)


def _one_of(name: str, value: str, choices: list[str]) -> str:
    if value not in choices:
        raise bad_field(name, "not_a_choice", _("Send one of: %(choices)s.") % {"choices": ", ".join(choices)})
    return value


def _bad_id(name: str) -> Any:
    raise bad_field(
        name, "bad_id", _("Send an id as this API gives it, for example %(prefix)s_...") % {"prefix": _PREFIX_OF[name]}
    )
