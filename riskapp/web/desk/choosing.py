"""What a vendor is to be asked: the proposal, and what an officer makes of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from riskapp.assessments.routing import Proposal, asked_of, minutes, proposal
from riskapp.catalogue.model import Question, Release
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.releases.queries import offered
from riskapp.web.ports import ports

NONE, PROPOSED, EVERY, SOME = "none", "proposed", "all", "some"
EXTENT, TICKED = "ask-", "pick-"
"""What the fields of one questionnaire begin with; its id follows."""

HOUR = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """One questionnaire that can be sent, and how much of it was chosen.

    `proposed` and `every` are question ids: what is asked where the whole proposal is, and all that
    apply. `called` is what the intake calls for, whichever questionnaire then asks it.
    `asked` is what the choice comes to, beside what was chosen of the others.
    """

    release: Release
    why: str
    proposed: Sequence[str]
    called: Collection[str]
    every: Sequence[str]
    extent: str
    ticked: Collection[str]
    asked: Sequence[str]

    @property
    def applying(self) -> list[Question]:
        return [self.release.questions[name] for name in self.every]

    @property
    def extents(self) -> list[tuple[str, str]]:
        """What can be chosen, in words; only what differs."""
        found = [(NONE, "Not asked")]
        if self.proposed:
            found.append((PROPOSED, f"As proposed: {said(self.release, self.proposed)}"))
        if list(self.proposed) != list(self.every):
            found.append((EVERY, f"All that apply: {said(self.release, self.every)}"))
        return [*found, (SOME, "Those that are ticked below")]


@dataclass(frozen=True, slots=True)
class Choice:
    """All offers, and called-for questionnaires that are not here."""

    offers: Sequence[Offer]
    missing: Sequence[Proposal]

    @property
    def releases(self) -> list[Release]:
        return [one.release for one in self.offers if one.extent != NONE]

    @property
    def questions(self) -> dict[str, Collection[str]]:
        return {one.release.id: chosen_of(one) for one in self.offers if one.extent != NONE}

    @property
    def total(self) -> str:
        """How many questions the choice comes to, and about how long they take."""
        asked = [one.release.questions[name] for one in self.offers for name in one.asked]
        return in_words(len(asked), minutes(asked))


def said(release: Release, names: Collection[str]) -> str:
    """Number and time of some questions: "18 questions, about 40 minutes"."""
    return in_words(len(names), minutes(release.questions[name] for name in names))


def in_words(count: int, taken: int) -> str:
    number = "1 question" if count == 1 else f"{count} questions"
    hours, rest = divmod(taken, HOUR)
    long = f"{taken} minutes" if not hours else f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{number}, about {long}"


def proposed(known: Mapping[str, Any]) -> list[Proposal]:
    """What the engagement's facts call for, of what can be sent now."""
    return proposal(known, offered(reading(), ports().library).newest)


def choice(known: Mapping[str, Any], form: "MultiDict[str, str] | None" = None) -> Choice:
    """The proposal as it stands, or as a form changed it. Raises FieldRefused for odd values."""
    newest = offered(reading(), ports().library).newest
    called = proposal(known, newest)
    why = {one.questionnaire: one for one in called}
    order = [one.questionnaire for one in called if one.release is not None]
    order += sorted(name for name in newest if name not in why)
    offers = []
    for name in order:
        release = newest[name]
        every = asked_of([release], {name: release.questions}, known).get(name, [])
        mine = why[name].questions if name in why else ()
        offers.append(_offer(release, why.get(name), mine, every, form))
    return Choice(_beside(offers, known), [one for one in called if one.release is None])


def _offer(
    release: Release,
    called: Proposal | None,
    mine: Sequence[str],
    every: Sequence[str],
    form: "MultiDict[str, str] | None",
) -> Offer:
    extent = PROPOSED if mine else NONE
    ticked: Collection[str] = mine
    if form is not None:
        extent = form.get(EXTENT + release.id, NONE)
        ticked = form.getlist(TICKED + release.id)
        if extent not in (NONE, PROPOSED, EVERY, SOME) or not set(ticked) <= set(every):
            raise FieldRefused(EXTENT + release.id, "Choose from what is offered here.")
    return Offer(
        release,
        called.why if called else "",
        mine,
        called.called if called else (),
        every,
        extent,
        ticked,
        (),
    )


def chosen_of(one: Offer) -> Collection[str]:
    return {NONE: (), PROPOSED: one.called, EVERY: one.every}.get(one.extent, one.ticked)


def _beside(offers: Sequence[Offer], known: Mapping[str, Any]) -> list[Offer]:
    """With what each choice comes to when the others are asked as well."""
    chosen = {one.release.id: chosen_of(one) for one in offers}
    asked = asked_of([one.release for one in offers], chosen, known)
    return [replace(one, asked=asked.get(one.release.id, ())) for one in offers]
