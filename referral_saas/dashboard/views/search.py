"""Search: places to go, things to begin and rows of the workspace, by a few typed letters. A page by itself; the dialog
of every page asks it for the options alone."""

from __future__ import annotations

from django.http import HttpResponse

from insights.finding import LONGEST
from kit.text import clean_text
from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.dashboard.palette import ways
from referral_saas.dashboard.palette_found import found


@page()
def search(request: DeskRequest) -> HttpResponse:
    text = clean_text(request.GET.get("q", ""), max_length=LONGEST).strip()
    groups = [*ways(request.desk, text), *found(request.desk, text)]
    context = {"q": text, "groups": groups, "count": sum(len(group.options) for group in groups)}
    is_dialog = request.headers.get("X-Requested-With") == "fetch"
    return show(request, "dashboard/search/options.html" if is_dialog else "dashboard/search/page.html", context)
