"""The house around the domain apps: settings, addresses, background work, and the audiences."""

from referral_saas.celery import app as celery_app

__all__ = ["celery_app"]
