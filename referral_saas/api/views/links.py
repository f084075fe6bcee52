"""An advocate's links: one per channel and placement, with codes that were chosen, destinations and campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from advocates.actions.codes import BadLink, add_link, change_way, choose_code, retire_link
from advocates.actions.links import LONGEST_PLACEMENT, NotSharing
from advocates.models import Advocate, Channel, Link
from advocates.selectors import advocate_by_id, all_links_of
from engagement.addresses import link_home
from kit.ids import parse_public_id
from kit.urls import LONGEST_URL
from merchants.selectors import merchant
from programs.destinations import BadWay
from programs.rules.campaign import LONGEST, PARAMETERS, PREFIX
from referral_saas.api.base import Reads, Undoes, Writes
from referral_saas.api.body import Body
from referral_saas.api.idempotency import Answer
from referral_saas.api.paging import PAGING, page, refuse_unknown_parameters
from referral_saas.api.present import Json, link_json
from referral_saas.api.problems import Problem, bad_field, not_found


class AdvocateLinks(Reads, Writes):
    """GET: all of an advocate's, earlier and retired codes too. POST: one for another place."""

    def read(self, **ids: str) -> Answer:
        request = self.request._request
        refuse_unknown_parameters(request, PAGING)
        rows = all_links_of(_advocate(ids["id"]).pk)
        return Answer(page(rows, request, prefix="lnk", show=_shown))

    def write(self, body: Body, **ids: str) -> Answer:
        advocate = _advocate(ids["id"])
        channel = body.choice("channel", Channel.values, default=Channel.LINK)
        placement = body.text("placement", required=True, longest=LONGEST_PLACEMENT)
        code = body.text("code", longest=60)
        destination, utm = _way(body)
        body.done()
        by, now = self.caller.by, self.caller.now()
        with _refusals():
            link = add_link(advocate=advocate, channel=channel, placement=placement, code=code, by=by, now=now)
            if destination or utm:
                link = change_way(link=link, destination=destination, utm=utm, by=by, now=now)
        return Answer(_shown([link])[0], 201)


class OneLink(Reads, Writes, Undoes):
    """GET shows it. POST changes what is sent, a code and where it leads. DELETE takes it out of use for ever."""

    def read(self, **ids: str) -> Answer:
        return Answer(_shown([_link(ids["id"])])[0])

    def write(self, body: Body, **ids: str) -> Answer:
        link = _link(ids["id"])
        code, changes_way = body.text("code", longest=60), body.has("destination") or body.has("utm")
        keeps_utm = not body.has("utm")
        keeps_destination = not body.has("destination")
        destination, utm = _way(body)
        body.done()
        by, now = self.caller.by, self.caller.now()
        with _refusals():
            if code:
                link = choose_code(link=link, code=code, by=by, now=now)
            if changes_way:
                destination = link.destination if keeps_destination else destination
                link = change_way(
                    link=link, destination=destination, utm=link.utm if keeps_utm else utm, by=by, now=now
                )
        return Answer(_shown([link])[0])

    def undo(self, **ids: str) -> Answer:
        link = _link(ids["id"])
        shown = retire_link(link=link, why=Link.Retired.HAND, by=self.caller.by, now=self.caller.now())
        return Answer({"retired": _shown([_link(ids["id"])])[0], "shown": _shown([shown])[0] if shown else None})


def _shown(links: list[Link]) -> list[Json]:
    home = link_home(merchant().slug)
    return [link_json(link, home) for link in links]


def _way(body: Body) -> tuple[str, dict[str, str]]:
    destination = body.text("destination", longest=LONGEST_URL)
    part = body.part("utm")
    if part is None:
        return destination, {}
    given = {name: part.text(name, longest=LONGEST) for name in PARAMETERS}
    return destination, {name: value for name, value in given.items() if value}


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotSharing as refusal:
        detail = _("Only active advocates get new links and codes.")
        raise Problem(422, "not_active", _("This advocate does not share now"), detail) from refusal
    except BadLink as refusal:
        raise bad_field(refusal.field, "not_possible", str(refusal)) from refusal
    except BadWay as refusal:
        name = refusal.field
        field = f"utm.{name.removeprefix(PREFIX)}" if name.startswith(PREFIX) else name
        raise bad_field(field, "not_possible", str(refusal)) from refusal


def _advocate(public: str) -> Advocate:
    key = parse_public_id("adv", public)
    found = advocate_by_id(key) if key else None
    if found is None:
        raise not_found()
    return found


def _link(public: str) -> Link:
    key = parse_public_id("lnk", public)
    found: Link | None = Link.objects.select_related("advocate").filter(pk=key).first() if key else None
    if found is None:
        raise not_found()
    return found
