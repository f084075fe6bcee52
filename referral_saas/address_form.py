"""Where a thing is sent, and its size: filled in by recipients in the portal, or by the team for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.language import language_of_page
from kit.wording import locale_of
from programs.rules import Fulfilment
from rewards.actions.addresses import NOT_SENT, NoneLeft, Where, sizes_left
from rewards.models import DeliveryAddress, Reward


def _line(label: Any, most: int, fills: str, *, required: bool = True) -> forms.CharField:
    box = forms.TextInput(attrs={"autocomplete": fills})
    return forms.CharField(label=label, max_length=most, required=required, widget=box)


class AddressForm(forms.Form):
    """``sizes``: those that there are; "" alone where the thing has none."""

    use_required_attribute = False

    size = forms.ChoiceField(label=_("Size"), widget=forms.RadioSelect)
    name = _line(pgettext_lazy("person", "Name"), 120, "name")
    street = _line(_("Street and number"), 200, "address-line1")
    more = _line(_("Further details"), 200, "address-line2", required=False)
    postcode = _line(_("Postcode"), 20, "postal-code")
    city = _line(_("City"), 120, "address-level2")
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select(attrs={"autocomplete": "country"}))

    def __init__(self, *args: Any, sizes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _t("Choose one")), *_countries()]  # type: ignore[attr-defined]
        if any(sizes):
            self.fields["size"].choices = [(size, size) for size in sizes]  # type: ignore[attr-defined]
            self.fields["size"].error_messages["invalid_choice"] = none_left_text(NoneLeft(sizes))
        else:
            del self.fields["size"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        empty = [name for name in ("name", "street", "city") if name in data and not data[name].strip()]
        for name in empty:
            self.add_error(name, ValidationError(_t("This is needed.")))
        return data

    @property
    def where(self) -> Where:
        return Where(**{name: self.cleaned_data.get(name, "") for name in Where.__dataclass_fields__})


def waits_for_address(reward: Reward) -> bool:
    """Whether an address can be told, or changed, now."""
    return reward.fulfilment == Fulfilment.SHIPMENT and reward.state in NOT_SENT


def sizes_for(reward: Reward) -> list[str]:
    """What there is, and the size that is set aside for this reward already."""
    known, left = DeliveryAddress.objects.filter(reward=reward).first(), sizes_left(reward)
    return left if known is None or known.size in left else [known.size, *left]


def address_initial(reward: Reward) -> dict[str, str]:
    known = DeliveryAddress.objects.filter(reward=reward).first()
    if known is None:
        return {"name": reward.recipient.name, "country": reward.recipient.country}
    return {name: getattr(known, name) for name in Where.__dataclass_fields__}


def none_left_text(error: NoneLeft) -> str:
    sizes = [size for size in error.sizes if size]
    if sizes:
        return _t("None of these are left. There still are: %(sizes)s.") % {"sizes": ", ".join(sizes)}
    return _t("None are left at the moment. The shop has been told; please come back later.")


def _countries() -> list[tuple[str, str]]:
    """ISO's two letters, in the reader's language; regions and the unknown are none to send to."""
    names = locale_of(language_of_page()).territories
    places = [(code, str(name)) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return sorted((place for place in places if place[0] not in _NO_PLACES), key=lambda place: place[1])


_NO_PLACES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
