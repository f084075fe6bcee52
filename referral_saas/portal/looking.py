"""What a look at somebody's portal sees beside their pages: the banner, the way out, and what it may not do."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from advocates.models import Viewing
from kit.clock import now_for
from kit.ids import public_id
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Door, Merchant, Workspace
from merchants.selectors import door_for
from referral_saas.brand import brand_context
from referral_saas.looking import Banner, Look, forget, member_looking, viewing_named
from tracking.actions.viewings import end_viewing

_READS = ("GET", "HEAD")


def only_reads(request: HttpRequest) -> bool:
    return request.method in _READS


def looking_context(merchant: Merchant, banner: Banner) -> dict[str, object]:
    """What the frame of a page needs for the banner."""
    return {"looking": banner, "stop_looking_url": reverse("portal:stop-looking", args=[merchant.slug])}


def refused_page(request: HttpRequest, house: Workspace, look: Look) -> HttpResponse:
    """A look that is over is gone; one that wants to change something is refused."""
    is_over = look.advocate is None
    shown = brand_context(house) | looking_context(house.merchant, look.banner) | {"is_over": is_over}
    return render(request, "portal/only_looking.html", shown, status=410 if is_over else 403)


@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """The banner's button. Works when the look is over, too; for everybody else there is nothing to stop."""
    door = door_for(Door.Kind.PORTAL, slug)
    if door is None:
        raise Http404
    merchant, member = door.merchant, member_looking(request, door.merchant)
    viewing_id, session = viewing_named(request, merchant), request.session.session_key
    back = reverse("portal:home", args=[slug])
    if viewing_id and member and session:
        with tenant_scope(door.tenant_ref()), tenant_transaction():
            end_viewing(viewing_id=viewing_id, member=member, session=session, now=now_for(merchant))
            back = _page_of(Viewing.objects.filter(pk=viewing_id, user=member.user_id).first(), merchant)
    response = HttpResponseRedirect(back, status=303)
    forget(response, merchant)
    return response


def _page_of(viewing: Viewing | None, merchant: Merchant) -> str:
    """Where one came from."""
    home = f"/w/{merchant.slug}"
    return f"{home}/advocates/{public_id('adv', viewing.advocate_id)}" if viewing else home
