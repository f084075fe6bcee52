"""What we have allauth do differently: links in its mails lead home, and its limits count networks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from kit.proxies import network_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth builds links from the host that was asked for; whoever asks for somebody else's new password would
        choose where the key in it is sent to. Mails know one host alone."""
        led_home = {name: _at_home(value) if name.endswith("_url") else value for name, value in context.items()}
        super().send_mail(template_prefix, email, led_home)

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(super().get_client_ip(request))


def _at_home(url: str) -> str:
    asked = urlsplit(url)
    return settings.PUBLIC_URL + asked._replace(scheme="", netloc="").geturl()
