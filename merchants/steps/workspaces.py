"""Open a workspace: the one moment when a merchant comes to be, before anybody could be in its scope."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from kit.clock import database_now
from kit.tenancy import tenant_scope, tenant_transaction, transaction_forbidden
from merchants.actions.workspaces import BadSetting, check_facts, found_workspace
from merchants.locks import user_for_update
from merchants.models import Membership, Merchant, User
from merchants.selectors import workspace


@transaction_forbidden
def open_workspace(
    *,
    user: User,
    name: str,
    currency: str,
    time_zone: str,
    shop_url: str,
    is_sandbox: bool = False,
    language: str = "en",
    slug: str = "",
    now: datetime | None = None,
) -> Merchant:
    """A new workspace with ``user`` as its owner, in one transaction. Raises BadSetting; then there is none.

    Nobody was in scope before, so without ``now`` it is the database's.
    """
    facts = check_facts(name=name, currency=currency, time_zone=time_zone, shop_url=shop_url, language=language)
    merchant = Merchant(is_sandbox=is_sandbox)
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        _refuse_deleted(user)
        found_workspace(merchant=merchant, user=user, facts=facts, slug=slug or facts.name, now=now or database_now())
    return merchant


def _refuse_deleted(user: User) -> None:
    """They may have deleted their account while this was on its way."""
    if user_for_update(user).deleted_at:
        raise BadSetting("name", _("Your account was deleted."))


@transaction_forbidden
def open_sandbox(*, merchant: Merchant, user: User) -> Merchant:
    """This person's sandbox beside a real workspace, with the same settings. Asked again: the one there is."""
    slug = f"{merchant.slug[:50]}-test"
    known = Membership.objects.filter(user=user, merchant__slug__startswith=slug, merchant__is_sandbox=True)
    if found := known.select_related("merchant").order_by("pk").first():
        return found.merchant
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(read_only=True):
        model = workspace()
    return open_workspace(
        user=user,
        name=f"{merchant.name[:110]} (test)",
        currency=model.currency,
        time_zone=model.time_zone,
        shop_url=model.shop_url,
        language=model.language,
        is_sandbox=True,
        slug=slug,
    )
