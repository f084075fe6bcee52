"""What a step of a program means for whom, in sentences with counts, said before it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.program_stakes import Stakes
from insights.programs import MANY
from kit.units import amount_text
from kit.wording import day, number
from programs.models import Program
from programs.selectors import has_unpublished_changes
from referral_saas.dashboard.limits_page import BudgetCard


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose language and zone the sentences are in, and below which address the rows are."""

    language: str
    zone: str
    base_url: str

    def count(self, found: int) -> str:
        if found > MANY:
            return _("more than %(most)s") % {"most": number(MANY, self.language)}
        return number(found, self.language)

    def day(self, at: datetime) -> str:
        return day(at, self.zone, self.language)

    def rows(self, folder: str, program: Program, state: str) -> str:
        return f"{self.base_url}/{folder}?program={program.slug}&state={state}"


@dataclass(frozen=True, slots=True)
class Consequence:
    """``goes_on`` tells what stays as it was from what stops. ``path``: the rows it is about, or nothing."""

    text: str
    goes_on: bool
    path: str = ""


def of_publishing(program: Program, stakes: Stakes, reader: Reader) -> list[Consequence]:
    """Whom changed terms reach, and whom not. Nothing for the first version: nobody was promised anything."""
    if program.terms is None:
        return []
    return [*_new_terms(stakes, reader), *_old_terms(program, stakes, reader)]


def of_pausing(program: Program, stakes: Stakes, reader: Reader) -> list[Consequence]:
    return [*_links_stop(stakes, reader), *_what_goes_on(program, stakes, reader)]


def of_resuming(program: Program, stakes: Stakes, reader: Reader) -> list[Consequence]:
    text = ngettext(
        "%(count)s link gives the offer again at once.", "%(count)s links give the offer again at once.", stakes.links
    )
    found = [
        Consequence(text % {"count": reader.count(stakes.links)}, True),
        Consequence(_("Whoever opened a link during the pause counts as if there had been none."), True),
    ]
    if has_unpublished_changes(program):
        found.append(Consequence(_("The published rules hold; changes in the draft still wait to be published."), True))
    if program.out_of_budget_at:
        found.append(Consequence(_("The budget is used up: no new offers until you raise it."), False))
    return found


def of_ending(program: Program, stakes: Stakes, reader: Reader, budget: BudgetCard | None) -> list[Consequence]:
    found = list(_links_stop(stakes, reader))
    if stakes.bonuses:
        text = ngettext(
            "%(count)s bonus that runs or is planned serves only friends who came before.",
            "%(count)s bonuses that run or are planned serve only friends who came before.",
            stakes.bonuses,
        )
        found.append(Consequence(text % {"count": reader.count(stakes.bonuses)}, False))
    if has_unpublished_changes(program):
        found.append(Consequence(_("The changes in the draft can no longer be published."), False))
    if budget and budget.free_minor:
        free = amount_text(budget.free_minor, budget.currency, reader.language)
        found.append(Consequence(_("%(free)s of the budget are left for what is still open.") % {"free": free}, True))
    return [*found, *_what_goes_on(program, stakes, reader)]


def of_archiving(program: Program, stakes: Stakes, reader: Reader) -> list[Consequence]:
    if program.state == Program.State.DRAFT:
        return [
            Consequence(_("The draft leaves the list and can no longer be published."), False),
            Consequence(_("Nothing is deleted: it stays among the archived programs."), True),
        ]
    return [
        Consequence(_("The program leaves the list. It stays among the archived ones."), False),
        *_what_goes_on(program, stakes, reader),
    ]


# --- the sentences ------------------------------------------------------------------------------------------------


def _links_stop(stakes: Stakes, reader: Reader) -> Iterator[Consequence]:
    if not stakes.links:
        yield Consequence(_("Nobody has a link yet, so nobody notices."), True)
        return
    links = ngettext(
        "%(count)s link stops giving the offer: friends read that it is not available.",
        "%(count)s links stop giving the offer: friends read that it is not available.",
        stakes.links,
    )
    yield Consequence(links % {"count": reader.count(stakes.links)}, False)
    if stakes.advocates:
        text = ngettext(
            "%(count)s active advocate sees it in the portal.",
            "%(count)s active advocates see it in the portal.",
            stakes.advocates,
        )
        yield Consequence(text % {"count": reader.count(stakes.advocates)}, False)


def _what_goes_on(program: Program, stakes: Stakes, reader: Reader) -> Iterator[Consequence]:
    if stakes.offers and stakes.last_offer:
        text = ngettext(
            "%(count)s offer that was given can be used as promised, until %(day)s.",
            "%(count)s offers that were given can be used as promised, the last one until %(day)s.",
            stakes.offers,
        )
        values = {"count": reader.count(stakes.offers), "day": reader.day(stakes.last_offer)}
        yield Consequence(text % values, True, reader.rows("claims", program, "ISSUED"))
    if stakes.referrals:
        text = ngettext(
            "%(count)s referral that waits still counts if its order holds.",
            "%(count)s referrals that wait still count if their orders hold.",
            stakes.referrals,
        )
        yield _rows(text, stakes.referrals, reader.rows("referrals", program, "PENDING"), reader)
    yield from _rewards_go_on(program, stakes, reader)
    yield Consequence(_("Orders of friends who opened a link before still count inside their time."), True)


def _rewards_go_on(program: Program, stakes: Stakes, reader: Reader) -> Iterator[Consequence]:
    if stakes.held:
        text = ngettext(
            "%(count)s held reward still comes when its time is over.",
            "%(count)s held rewards still come when their time is over.",
            stakes.held,
        )
        if stakes.last_release:
            text = ngettext(
                "%(count)s held reward still comes, on %(day)s at the latest as far as is known.",
                "%(count)s held rewards still come, the last one on %(day)s as far as is known.",
                stakes.held,
            )
        values = {"count": reader.count(stakes.held)}
        if stakes.last_release:
            values["day"] = reader.day(stakes.last_release)
        yield Consequence(text % values, True, reader.rows("rewards", program, "HELD"))
    if stakes.under_way:
        text = ngettext(
            "%(count)s reward that is due is delivered.", "%(count)s rewards that are due are delivered.",
            stakes.under_way,
        )  # fmt: skip
        yield _rows(text, stakes.under_way, reader.rows("rewards", program, "DUE"), reader)


def _new_terms(stakes: Stakes, reader: Reader) -> Iterator[Consequence]:
    yield Consequence(_("Everybody who opens a link from now on gets the changed terms."), False)
    if stakes.advocates:
        text = ngettext(
            "%(count)s active advocate reads them in the portal.",
            "%(count)s active advocates read them in the portal.",
            stakes.advocates,
        )
        yield Consequence(text % {"count": reader.count(stakes.advocates)}, False)


def _old_terms(program: Program, stakes: Stakes, reader: Reader) -> Iterator[Consequence]:
    if stakes.referrals:
        text = ngettext(
            "%(count)s open referral keeps the old terms.", "%(count)s open referrals keep the old terms.",
            stakes.referrals,
        )  # fmt: skip
        yield _rows(text, stakes.referrals, reader.rows("referrals", program, "PENDING"), reader)
    if stakes.offers and stakes.last_offer:
        text = ngettext(
            "%(count)s offer stays as it was given, open until %(day)s.",
            "%(count)s offers stay as they were given, the last one open until %(day)s.",
            stakes.offers,
        )
        values = {"count": reader.count(stakes.offers), "day": reader.day(stakes.last_offer)}
        yield Consequence(text % values, True, reader.rows("claims", program, "ISSUED"))
    if stakes.held:
        text = ngettext(
            "%(count)s held reward comes as it was promised.", "%(count)s held rewards come as they were promised.",
            stakes.held,
        )  # fmt: skip
        yield _rows(text, stakes.held, reader.rows("rewards", program, "HELD"), reader)
    assert program.terms is not None
    days = program.terms.as_terms().attribution_window_days
    text = ngettext(
        "Whoever opened a link before keeps the old terms for an order within %(count)s day.",
        "Whoever opened a link before keeps the old terms for an order within %(count)s days.",
        days,
    )
    yield Consequence(text % {"count": number(days, reader.language)}, True)


def _rows(text: str, found: int, path: str, reader: Reader) -> Consequence:
    return Consequence(text % {"count": reader.count(found)}, True, path)
