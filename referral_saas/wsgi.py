"""What the web server calls. The client's address is settled here, once, before anything can look at it."""

from __future__ import annotations

import os
import sys

from django.core.wsgi import get_wsgi_application

from kit import lifeline
from kit.env import BadEnvironment
from kit.proxies import behind_proxies

if lifeline.asked_for():
    lifeline.die_with(os.getppid())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "referral_saas.settings")

try:
    django_application = get_wsgi_application()
except BadEnvironment as problem:
    sys.exit(str(problem))

from django.conf import settings  # settings exist only now

from referral_saas import checks

try:
    checks.refuse_unsafe_role()
    checks.refuse_simulators()
except (checks.UnsafeRole, checks.SimulatedProviders) as problem:
    sys.exit(str(problem))

from referral_saas.friend.counting import book
from referral_saas.lane.application import Lane

inner = Lane(django_application, book()) if settings.LANE else django_application
application = behind_proxies(inner, trusted=settings.TRUSTED_PROXIES)
