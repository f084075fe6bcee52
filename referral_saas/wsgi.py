"""What the web server calls. The client's address is settled here, once, before anything can look at it."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from kit import lifeline
from kit.env import BadEnvironment

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

from kit.memory import keep_what_is_loaded
from kit.proxies import WsgiApplication, behind_proxies, settler
from referral_saas.friend.counting import book
from referral_saas.lane.application import Lane
from referral_saas.lane.front import stand_in_front

application: WsgiApplication = django_application
if settings.LANE:
    lane = Lane(django_application, book())
    stand_in_front(lane.take, settler(settings.TRUSTED_PROXIES))
    application = lane
application = behind_proxies(application, trusted=settings.TRUSTED_PROXIES)
import_module(settings.ROOT_URLCONF)  # every page, so that the first who asks for one need not wait for that
keep_what_is_loaded()
