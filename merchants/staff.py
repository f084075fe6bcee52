"""People of the teams: who they are, where they are signed in, and the second factor beside their password.

All of it belongs to a person and to no merchant, so it stands on the control plane. ``merchants.models`` brings it in.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of some merchants' teams. Advocates and friends are never Users."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    is_platform_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    #: Since when (real time) this is nobody any more: the person deleted their account. What logs say of it stays.
    deleted_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_deleted_is_nobody", condition=Q(deleted_at=None) | Q(is_active=False, name="")
            )
        ]

    def __str__(self) -> str:
        """A deleted one is told from another by the end of its id."""
        if self.deleted_at:
            return _now("Deleted account %(mark)s") % {"mark": self.id.hex[-4:]}
        return self.name or self.email


class Session(AbstractBaseSession):
    """One browser that somebody is signed in with (referral_saas.sessions). ``session_key`` is the secret of its cookie
    and is shown nowhere; ``handle`` names it on pages. No address is kept, and of the browser no more than its name."""

    handle = models.UUIDField(default=uuid4, editable=False)
    #: Empty until somebody signs in.
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    #: As kit.devices says it: "Firefox/Windows". Empty: not known.
    device = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()


class SecondFactor(models.Model):
    """An app on somebody's phone that shows a new code every 30 seconds. A row means: signing in asks for one."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    #: The secret that the app counts from, sealed (merchants.sealing).
    sealed = models.TextField()
    #: The newest step of 30 seconds whose code was used: neither it nor an earlier one is taken again.
    last_step = models.BigIntegerField()
    on_since = models.DateTimeField()
    #: Wrong codes, and since when they are counted (real time); merchants.steps.second_factor says how many a day.
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    wrong_since = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """For a day without the phone. Shown once, stored hashed, used once."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="recovery_code_hash", fields=["user", "code_hash"])]
