"""Where links lead and what they carry, codes and hosts. The actions judge the values; these only ask for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.models import Channel
from merchants.models import Workspace
from programs.models import Program
from programs.rules.campaign import LONGEST, PARAMETERS, PREFIX

_LABELS = {
    "source": _("Source (utm_source)"),
    "medium": _("Medium (utm_medium)"),
    "campaign": _("Campaign (utm_campaign)"),
    "term": _("Term (utm_term)"),
    "content": _("Content (utm_content)"),
    "id": _("Campaign id (utm_id)"),
}
_EXAMPLES = {"source": "friends", "medium": "referral", "campaign": "autumn"}
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class WayForm(forms.Form):
    """A destination and campaign parameters: for a program or for one link."""

    use_required_attribute = False
    empty_words = _("Empty: the front page of your shop.")

    destination = forms.CharField(
        label=_("Page of your shop that links lead to"),
        max_length=2048,
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "url"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["destination"].help_text = self.empty_words
        for name in PARAMETERS:
            attrs = {**_PLAIN, **({"placeholder": _EXAMPLES[name]} if name in _EXAMPLES else {})}
            self.fields[PREFIX + name] = forms.CharField(
                label=_LABELS[name], max_length=LONGEST, required=False, widget=forms.TextInput(attrs=attrs)
            )

    @classmethod
    def values_of(cls, thing: Any) -> dict[str, str]:
        """The initial values from a Program or a Link."""
        return {"destination": thing.destination, **{PREFIX + name: value for name, value in thing.utm.items()}}

    def utm(self) -> dict[str, str]:
        return {name: self.cleaned_data[PREFIX + name] for name in PARAMETERS if self.cleaned_data[PREFIX + name]}

    def campaign_fields(self) -> list[forms.BoundField]:
        return [self[PREFIX + name] for name in PARAMETERS]

    def has_campaign(self) -> bool:
        return any(field.value() or field.errors for field in self.campaign_fields())


class ProgramLinksForm(WayForm):
    landing = forms.ChoiceField(
        label=_("What friends see first"),
        widget=forms.RadioSelect,
        choices=[
            (
                Program.Landing.PAGE,
                _("A page of ours in your colours: who recommends, what they get, one button to your shop."),
            ),
            (
                Program.Landing.REDIRECT,
                _("Your shop at once. Only where friends get one code for the whole shop, or none."),
            ),
        ],
    )
    takes_leads = forms.BooleanField(
        label=_("Friends may leave their details"),
        required=False,
        help_text=_(
            "For what is bought after talking: the page asks for name, company and e-mail. You find them under Leads."
        ),
    )
    own_codes = forms.BooleanField(
        label=_("Advocates may choose their own code"),
        required=False,
        help_text=_("Such as ANNA-10, in their portal. Rude words and names of ours are refused."),
    )


class LinkWayForm(WayForm):
    empty_words = _("Empty: like all links of the program.")


class LinkCodeForm(forms.Form):
    code = forms.CharField(
        label=_("New code"),
        max_length=60,
        help_text=_("Letters and digits, such as ANNA-10. The code before goes on answering and counting."),
        widget=forms.TextInput(attrs=_PLAIN),
    )


class NewLinkForm(forms.Form):
    use_required_attribute = False

    channel = forms.ChoiceField(
        label=_("How it is shared"),
        choices=Channel.choices,
        initial=Channel.LINK,
    )
    placement = forms.CharField(
        label=_("Where it will stand"),
        max_length=60,
        help_text=_("For you and the advocate alone, for example: podcast, newsletter, flyer."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        required=False,
        help_text=_("Empty: we make one."),
        widget=forms.TextInput(attrs=_PLAIN),
    )


class HostForm(forms.Form):
    use_required_attribute = False

    host = forms.CharField(
        label=_("Address of your own"),
        max_length=253,
        help_text=_("A name under your domain that nothing else uses yet, for example friends.example.com."),
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "url"}),
    )


class ShopHostForm(HostForm):
    """Where a shop has more than one address."""

    field_order = ("host",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].label = _("Address of your shop")
        self.fields["host"].help_text = _("The name alone, for example shop.example.at or tickets.example.com.")


class ConsentForm(forms.Form):
    consent = forms.ChoiceField(
        label=_("May a friend's visit be remembered in a cookie?"),
        widget=forms.RadioSelect,
        choices=[
            (
                Workspace.Consent.NONE,
                _("Never. No cookie at all, so no banner is needed. The visit travels to your shop in the address."),
            ),
            (
                Workspace.Consent.ASK,
                _("When the friend agrees. The page has a button for it, and nothing is kept without it."),
            ),
            (
                Workspace.Consent.ALWAYS,
                _("Always. Only if your own privacy notice covers it."),
            ),
        ],
    )
