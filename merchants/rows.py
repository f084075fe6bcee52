"""What every row of a merchant is: behind the wall, and led to by keys that stay within it. ``merchants.models`` brings
it in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from kit.asked import asked_often, the_one
from kit.ids import uuid7
from kit.rows import WrittenOften
from kit.tenancy import current_merchant_id, merchant_id_or_none


class TenantManager(models.Manager[Any]):
    """Filters by the merchant in scope: the first wall. Row-level security is the second, and trusts no code."""

    def get_queryset(self) -> models.QuerySet[Any]:
        queryset = super().get_queryset()
        merchant_id = merchant_id_or_none()
        return queryset.filter(merchant_id=merchant_id) if merchant_id else queryset.none()

    def create(self, **values: Any) -> Any:
        """As a query set does it, without making one that nothing is asked of."""
        row = self.model(**values)
        row.save(force_insert=True, using=self.db)
        return row


class _RowLedTo(ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    """What a key leads to is read with a statement made once."""

    def get_object(self, instance: models.Model) -> Any:
        model = self.field.remote_field.model
        return the_one(_by_key(model)(getattr(instance, self.field.attname)), model)


@cache
def _by_key(model: type[models.Model]) -> Callable[[UUID], list[Any]]:
    @asked_often
    def rows(key: UUID) -> models.QuerySet[Any]:
        return model._base_manager.filter(pk=key)

    return rows


class _MerchantKey(models.ForeignKey):  # type: ignore[type-arg]
    """To migrations a key as any other; what it leads to is read with a statement made once."""

    forward_related_accessor_class = _RowLedTo

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return str(name), "django.db.models.ForeignKey", list(args), dict(kwargs)


class TenantModel(WrittenOften):
    """A row that belongs to one merchant. Its migration adds TenantTable (kit/rls.py)."""

    #: The database itself writes such rows, a statement's worth at a time: they are made with what they sum.
    by_triggers: ClassVar[bool] = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    merchant = _MerchantKey(
        "merchants.Merchant",
        on_delete=models.PROTECT,
        related_name="+",
        default=current_merchant_id,
        editable=False,
        db_index=False,
    )

    objects: ClassVar[models.Manager[Any]] = TenantManager()

    class Meta:
        abstract = True


def tables_by_triggers() -> frozenset[str]:
    models_ = (model for model in apps.get_models() if issubclass(model, TenantModel))
    return frozenset(model._meta.db_table for model in models_ if model.by_triggers)


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A key to another row of the same merchant; the constraint is the composite one of kit/rls.py."""

    forward_related_accessor_class = _RowLedTo

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)
