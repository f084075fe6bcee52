"""An address that is none: answered as the API answers, not with a page for people."""

from __future__ import annotations

from rest_framework.request import Request

from referral_saas.api.base import ApiView
from referral_saas.api.problems import not_found


class Nowhere(ApiView):
    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise not_found()
