"""Forms of the team and of API keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.models import ApiKey, Membership, Role
from referral_saas.dashboard.forms.choices import with_words

ROLE_WORDS = {
    Role.OWNER: _("Everything, and makes other owners"),
    Role.ADMIN: _("Everything except owners"),
    Role.MARKETER: _("Programs, advocates and imports"),
    Role.REVIEWER: _("Decides what is held for review"),
    Role.FINANCE: _("Pays rewards and reads the audit; edits no program"),
    Role.SUPPORT: _("Helps advocates and records orders by hand"),
    Role.ANALYST: _("Reads everything, the audit too; changes nothing"),
}


KIND_WORDS = {
    ApiKey.Kind.PUBLISHABLE: _("Stands in your shop's pages, for the snippet"),
    ApiKey.Kind.SECRET: _("For your server alone, to send orders and refunds"),
}


def roles_for(actor: Membership) -> list[tuple[str, str]]:
    """Only an owner makes owners."""
    return [(role.value, str(role.label)) for role in Role if role != Role.OWNER or actor.role == Role.OWNER]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254, help_text=_("They sign in with this address."))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(role, with_words(label, ROLE_WORDS[Role(role)])) for role, label in roles_for(actor)]
        self.fields["role"].choices = offered[::-1]  # type: ignore[attr-defined]  # the least mighty first
        self.fields["role"].initial = Role.MARKETER


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("To recognise it, for example “Shop server”.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        widget=forms.RadioSelect,
        initial=ApiKey.Kind.PUBLISHABLE,
        choices=lambda: [(kind.value, with_words(kind.label, words)) for kind, words in KIND_WORDS.items()],
    )
