"""What we have allauth do differently: links in its mails lead home, its limits count networks, signing in asks for a
second factor where there is one, and a new password signs out everywhere else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import allauth.account.internal  # noqa: F401  # before the stages: these two of allauth's import each other
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import LoginStage
from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kit.language import language_of_page
from kit.proxies import network_of
from merchants.models import User
from merchants.staff_selectors import has_second_factor
from merchants.steps.sessions import end_sessions
from referral_saas.languages import language_read_by
from referral_saas.sessions import note_device


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth builds links from the host that was asked for; whoever asks for somebody else's new password would
        choose where the key in it is sent to. Mails know one host alone, and speak as their reader does."""
        led_home = {name: _at_home(value) if name.endswith("_url") else value for name, value in context.items()}
        readers = [context["user"]] if "user" in context else filter_users_by_email(email)
        with translation.override(language_read_by(readers[0]) if readers else language_of_page()):
            super().send_mail(template_prefix, email, led_home)

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(super().get_client_ip(request))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords of an account are counted once, wherever they were typed. allauth has the Host header in this
        key, and whoever writes it with another port each time could guess on for ever."""
        return str(credentials.get("email", "")).lower()

    def new_user(self, request: HttpRequest) -> User:
        """Whoever signs up reads the language of the page they sign up on, until they choose another."""
        user: User = super().new_user(request)
        user.language = language_of_page()
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        note_device(request)

    def set_password(self, user: User, password: str) -> None:
        """Django refuses the other sessions from now on; here they also leave the list of where one is signed in."""
        super().set_password(user, password)
        is_here = self.request is not None and self.request.user.pk == user.pk
        end_sessions(user, keep=(self.request.session.session_key or "") if is_here else "")

    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), "referral_saas.accounts.SecondFactorStage"]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if methods and has_second_factor(user):
            how = {"id": "second_factor", "description": _("Use a code of your app"), "url": reverse("confirm-by-code")}
            methods.append(how)
        return methods


class SecondFactorStage(LoginStage):  # type: ignore[misc]  # allauth has no types
    """After the password and before the session. Nobody is signed in until it is left."""

    key = "second_factor"
    urlname = "check-code"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if not user or not has_second_factor(user):
            return None, True
        self.state["password"] = user.get_session_auth_hash()
        return redirect(self.urlname), True

    @property
    def is_over(self) -> bool:
        """Turned off, or the password changed since it was given here."""
        user = self.login.user
        return not has_second_factor(user) or self.state.get("password") != user.get_session_auth_hash()


def _at_home(url: str) -> str:
    asked = urlsplit(url)
    return settings.PUBLIC_URL + asked._replace(scheme="", netloc="").geturl()
