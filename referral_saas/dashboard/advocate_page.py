"""What the page of an advocate shows: the links with what each brought, figures with their rows, the timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.desk_selectors import merged_into, tags_carried
from advocates.models import Advocate, Customer, Link, MergedAdvocate
from advocates.selectors import all_links_of
from engagement import addresses
from insights.links import as_shown, brought_by, is_main
from kit.asked import asked_often
from merchants.selectors import events_of
from referral_saas.dashboard.event_words import lines_of, names_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.merge_words import merged_words
from referral_saas.dashboard.paths import link_to, public
from referral_saas.dashboard.review_words import trust_text
from referral_saas.templatetags.ui import day
from rewards.models import PayoutAccount
from rewards.payable import coming_to
from rewards.selectors import money_of_advocate
from tracking.models import Leak, Referral, Review
from tracking.selectors import leaks_standing


@asked_often
def with_counts(key: UUID) -> QuerySet[Advocate]:
    """The advocate, and all that one statement can tell of them: the page asks as seldom as it can."""
    needs = ("program__terms", "customer", "accepted_terms")
    rows: QuerySet[Advocate] = Advocate.objects.select_related(*needs).filter(pk=key)
    return rows.annotate(**_counts())


def _counts() -> dict[str, Any]:
    reviews = Review.objects.filter(advocate=OuterRef("pk")).exclude(cause=Review.Cause.SAMPLE)
    account = PayoutAccount.objects.filter(customer=OuterRef("customer_id"))
    return {
        "referral_count": _how_many(Referral.objects.filter(advocate=OuterRef("pk"))),
        "review_count": _how_many(reviews),
        "open_review_count": _how_many(reviews.filter(state=Review.State.OPEN)),
        "has_leak": Exists(Leak.objects.filter(link__advocate=OuterRef("pk"))),
        "tag_words": tags_carried("customer_id"),
        "merged": merged_into("customer_id"),
        "former_ids": ArraySubquery(MergedAdvocate.objects.filter(into=OuterRef("pk")).values("pk")),
        "account_told": Subquery(account.values(told=JSONObject(method="method", hint="hint"))),
    }


def _how_many(rows: QuerySet[Any]) -> Coalesce:
    counts = rows.order_by().values("merchant_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0)


def advocate_context(desk: Desk, advocate: Any) -> dict[str, Any]:
    """Of an advocate who was read ``with_counts``."""
    lines, home = as_shown(brought_by(_links(advocate.pk))), addresses.link_home(desk.merchant.slug)
    main = next((line.link for line in lines if is_main(line.link)), None)
    money = money_of_advocate(advocate.pk)
    return {
        "advocate": advocate,
        "facts": _facts(desk, advocate),
        "lines": lines,
        "leaks": leaks_standing(line.link for line in lines) if advocate.has_leak else [],
        "main": main,
        "friend_link": home.address(main) if main else "",
        "portal": addresses.portal(desk.merchant.slug),
        "of_advocate": f"advocate={public(advocate)}",
        "clicks": sum(line.clicks for line in lines),
        "claims": sum(line.claims for line in lines),
        "referrals": advocate.referral_count,
        "rewards": sum(line.count for line in money),
        "money": money,
        "account": PayoutAccount(**advocate.account_told) if advocate.account_told else None,
        "owed": coming_to(advocate.customer_id),
        "events": lines_of(events_of(advocate.pk, *advocate.former_ids), zone=desk.workspace.time_zone),
    }


@asked_often
def _links(advocate_id: UUID) -> QuerySet[Link]:
    return all_links_of(advocate_id)


def _facts(desk: Desk, advocate: Any) -> list[tuple[str, object]]:
    base, zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    person = advocate.customer
    by = names_of([advocate.enrolled_by])[advocate.enrolled_by]
    rows = [
        (_("Person"), link_to(base, person, person.name or person.email)),
        (_("E-mail"), person.email),
        (_("Merged with"), merged_words(advocate.merged)),
        (_("Program"), link_to(base, advocate.program)),
        (_("Kind"), advocate.get_kind_display()),
        (_("Place"), advocate.place),
        (_("Advocate since"), _("%(day)s, %(by)s") % {"day": day(advocate.enrolled_at, zone), "by": by}),
        (_("Terms accepted"), _accepted(advocate, zone)),
        (_("Language"), _language(person)),
        (_("Mails"), _mails(person, zone)),
        (_("Trust"), trust_text(advocate.trust_level)),
        (_("Reviews"), _reviews(base, advocate)),
    ]
    return [row for row in rows if row[1]]


def _language(person: Customer) -> str:
    return dict(settings.LANGUAGES).get(person.language) or _("As in their browser")


def _mails(person: Customer, zone: str) -> str:
    """Whether they may be written to about their rewards."""
    if person.unsubscribed_at is None:
        return _("Wants to hear of their rewards")
    return _("Wants none since %(day)s, but those they ask for") % {"day": day(person.unsubscribed_at, zone)}


def _accepted(advocate: Advocate, zone: str) -> str:
    if advocate.accepted_terms is None:
        return _("Not yet: the portal asks at the next visit.")
    words = {"number": advocate.accepted_terms.number, "day": day(advocate.accepted_at, zone)}
    return _("Version %(number)s, on %(day)s") % words


def _reviews(base: str, advocate: Any) -> SafeString | str:
    """How many of their referrals somebody is to look at, or has decided; nothing where there never was one."""
    if not advocate.review_count:
        return ""
    waiting = advocate.open_review_count
    path = "/reviews" if waiting else "/reviews/decided"
    text = ngettext("%(count)s waits", "%(count)s wait", waiting) if waiting else _("None waits")
    address = f"{base}{path}?advocate={public(advocate)}"
    return format_html('<a href="{}">{}</a>', address, text % {"count": waiting})
