from django.conf import settings
from django.urls import include, path

MOUNTS = {"pinax": ("r/", "pinax.referrals.urls"), "system": ("referrals/", "referrals.urls")}
prefix, module = MOUNTS[settings.PEER]
urlpatterns = [path(prefix, include(module))]
