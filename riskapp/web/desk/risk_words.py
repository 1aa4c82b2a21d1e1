"""What moved a score, and what will, in words. Numbers are cut to one decimal, never rounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from riskapp.catalogue.model import Release
from riskapp.core import countries
from riskapp.scoring.constants import FRESH_DAYS
from riskapp.scoring.moves import Why
from riskapp.scoring.outlook import Outlook, Rise, Step
from riskapp.scoring.rules import FloorKind, shown
from riskapp.vendors.rules import Tier
from riskapp.web.words import written_date

LEAST = Fraction(1, 10)
"""Steps of less are summed in one line."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that moved or moves a score: "+6.3", a question's id and the rest of its sentence.

    Without `question_id`, `words` are a sentence of their own. `text` is the question itself.
    """

    points: str
    question_id: str
    words: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """A dated step of the outlook: `until` for what goes on, and where the score lies by then."""

    day: date
    until: date | None
    told: Told
    tier: str
    shown: str


def signed(points: Fraction) -> str:
    """+6.3, or as much less; what would be cut to nothing says that it is little."""
    if abs(points) < LEAST:
        return "under 0.1" if points else "0"
    return f"{'+' if points > 0 else '−'}{shown(abs(points))}"  # noqa: RUF001 - a minus


def listed(words: Sequence[str]) -> str:
    """As in "A, B and C"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


@dataclass(frozen=True, slots=True)
class _Floor:
    """A floor as words need it; `was` the shown number of where it was, if it moved."""

    why: str
    kind: str
    holders: Sequence[str]
    at: Fraction
    was: str = ""


def _floor_of(step: Step) -> _Floor:
    was = "" if step.was is None else shown(step.was)
    return _Floor(step.why, step.kind or "", step.holders, step.at or Fraction(0), was)


def _fails(floor: _Floor) -> str:
    many = len(floor.holders) > 1
    if floor.kind == FloorKind.WEAK_DOMAIN:
        return "are weak" if many else "is weak"
    if floor.kind == FloorKind.LEGAL:
        return f"{'do' if many else 'does'} not meet the law"
    return f"{'fail' if many else 'fails'}, and must not"


def _small(names: str) -> str:
    """The same inside a sentence."""
    return names.replace("The domain", "the domain", 1)


class Wording:
    """Words by the questions of these releases, the newest first."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self.texts: dict[str, str] = {}
        self.domains: dict[str, str] = {}
        for release in releases:
            for question in release.questions.values():
                self.texts.setdefault(question.id, question.text)
            for name, domain in release.domains.items():
                self.domains.setdefault(name, domain.title)

    def moves(self, entries: Sequence[Mapping[str, Any]]) -> list[Told]:
        """A receipt's `moved` in words; questions that moved it by less than 0.1 share a line."""
        few = [one for one in entries if "item" in one and abs(Fraction(one["points"])) < LEAST]
        told = [self._moved(one) for one in entries if len(few) == 1 or one not in few]
        if len(few) > 1:
            together = sum((Fraction(one["points"]) for one in few), Fraction(0))
            aged = all(one["why"] == Why.EVIDENCE_AGED for one in few)
            words = "Proof that ages" if aged else "Less than 0.1 each"
            names = listed(list(dict.fromkeys(one["item"] for one in few)))
            told.append(Told(signed(together), "", f"{words}: {names}"))
        return told

    def _moved(self, entry: Mapping[str, Any]) -> Told:
        points, item = Fraction(entry["points"]), str(entry.get("item", ""))
        return Told(signed(points), item, self._why(entry, points), self.texts.get(item, ""))

    def _why(self, entry: Mapping[str, Any], points: Fraction) -> str:
        why = entry["why"]
        if "holders" in entry:
            was = Fraction(entry.get("was", 0))
            at = Fraction(entry["at"])
            floor = _Floor(why, entry["kind"], entry["holders"], at, shown(was))
            return self._floor(floor, worse=points > 0)
        if why == Why.REST:
            return f"{entry['count']} smaller moves together"
        if why == Why.TRANSFER:
            return f"is worth {'less' if points > 0 else 'more'} for where data goes"
        if why == Why.EVIDENCE_EXPIRED:
            last = date.fromisoformat(entry["on"]) - timedelta(days=1)
            return f"has proof that was valid until {written_date(last)}"
        if why == Why.WEIGHT and "item" not in entry:
            return "Domains weigh otherwise"
        return _WHYS.get(why, why)

    def _floor(self, floor: _Floor, *, worse: bool) -> str:
        weak, many = floor.kind == FloorKind.WEAK_DOMAIN, len(floor.holders) > 1
        names, at = self._holders(floor), shown(floor.at)
        if floor.why == Why.FLOOR_GONE:
            verb = ("are" if many else "is") + " no longer weak"
            if not weak:
                verb = "fail no longer" if many else "fails no longer"
            return f"{names} {verb}: the floor of {at} is gone"
        hold = "hold" if many else "holds"
        if floor.why == Why.FLOOR_HELD:
            return f"Taken up by the floor of {at}, which {_small(names)} {hold}"
        if floor.why == Why.FLOOR_MOVED:
            tier = "worse" if worse else "better"
            return (
                f"The answers alone come to a {tier} tier, so that {_small(names)} {hold} the "
                f"score at {at}, no longer at {floor.was}"
            )
        return f"{names} {_fails(floor)}: the score is at least {at}"

    def _holders(self, floor: _Floor) -> str:
        if floor.kind != FloorKind.WEAK_DOMAIN:
            return listed(floor.holders)
        titles = listed([self.domains.get(one, one) for one in floor.holders])
        return f"{'The domains' if len(floor.holders) > 1 else 'The domain'} {titles}"

    def coming(self, ahead: Outlook) -> list[Coming]:
        """The dated steps; those of less than 0.1 points are left to `smaller`."""
        found = []
        for step in ahead.steps:
            if abs(step.points) >= LEAST:
                then = ahead.on(step.until or step.day)
                told = Told(
                    signed(step.points), step.item, self._ahead(step), self.texts.get(step.item, "")
                )
                found.append(Coming(step.day, step.until, told, then.tier, shown(then.score)))
        return found

    def smaller(self, ahead: Outlook) -> str:
        """A sentence on the steps that are too small to be listed; empty without any."""
        few = [step.points for step in ahead.steps if abs(step.points) < LEAST]
        if not few:
            return ""
        together = signed(sum(few, Fraction(0)))
        times = "One step more moves" if len(few) == 1 else f"{len(few)} more move"
        return f"{times} less than 0.1 points{'' if len(few) == 1 else ' each'}, {together} in all."

    def _ahead(self, step: Step) -> str:
        if step.kind is not None:
            return self._floor(_floor_of(step), worse=step.points > 0)
        if step.why is Why.TRANSFER:
            return f"is worth {'less' if step.points > 0 else 'more'}: {_transfer(step)}"
        words = {
            Why.EVIDENCE_EXPIRED: "has proof that has run out",
            Why.EVIDENCE_AGED: "has proof that ages, and is worth less every day",
        }.get(step.why, "follows the control that hides it")
        if step.followed_by:
            return f"{words}; {listed(step.followed_by)} with it"
        return words

    def lead(self, ahead: Outlook) -> str:
        """Where the tier goes from today on."""
        today = ahead.points[0].tier
        if not ahead.rises:
            if any(point.tier < today for point in ahead.points):
                return f"{today.title()} today, and no worse in the next twelve months."
            return (
                f"{today.title()} today. Time alone does not change that in the next twelve months."
            )
        said = [f"It becomes {self._rise(rise)}." for rise in ahead.rises]
        return " ".join((f"{today.title()} today.", *said))

    def _rise(self, rise: Rise) -> str:
        when = f"{rise.after} on {written_date(rise.day)}"
        return when if rise.cause is None else f"{when}, {self._cause(rise.cause, rise.day)}"

    def _floor_cause(self, floor: _Floor) -> str:
        names, many = _small(self._holders(floor)), len(floor.holders) > 1
        if floor.why == Why.FLOOR_MOVED:
            hold = f"{'hold' if many else 'holds'} the score at {shown(floor.at)}"
            return f"when the answers alone come to {floor.was}, and {names} {hold}"
        if floor.kind == FloorKind.WEAK_DOMAIN:
            return f"when {names} {'become' if many else 'becomes'} weak"
        return f"when {names} {_fails(floor)}"

    def _cause(self, step: Step, day: date) -> str:
        if step.kind is not None:
            return self._floor_cause(_floor_of(step))
        if step.why is Why.TRANSFER:
            return f"when {step.item} is worth less: {_transfer(step)}"
        if step.why is Why.EVIDENCE_EXPIRED:
            return f"when the proof of {step.item} has run out"
        if step.issued_on is not None:
            lost = Fraction((day - step.issued_on).days - FRESH_DAYS, FRESH_DAYS)
            if lost < LEAST:
                return f"as the proof of {step.item} ages"
            return f"when the proof of {step.item} has lost {_share(lost)} of its worth"
        return f"when {step.item} loses worth"


def tier_title(tier: str) -> str:
    return Tier(tier).title()


def _share(lost: Fraction) -> str:
    percent = min(lost, Fraction(1)) * 100
    return "all" if percent == 100 else f"{percent.numerator // percent.denominator} %"  # noqa: PLR2004 - per cent


def _transfer(step: Step) -> str:
    if not step.countries:
        return "the transfer assessment is more than 24 months old"
    names = listed([countries.name(code) for code in step.countries])
    turns = "has ended" if step.points > 0 else "begins"
    return f"the adequacy decision on {names} {turns}"


_WHYS: Mapping[str, str] = {
    Why.ANSWERED: "has an answer that counts now",
    Why.ANSWER_BETTER: "has an answer that is worth more",
    Why.ANSWER_WORSE: "has an answer that is worth less",
    Why.UNANSWERED: "has no answer that counts any more",
    Why.REJECTED: "had its answer rejected",
    Why.NA_CLAIMED: "is said not to apply, which is not approved",
    Why.NA_APPROVED: "does not apply, as was approved",
    Why.NA_WITHDRAWN: "applies after all",
    Why.HIDDEN: "follows the control that hides it",
    Why.ASKED: "is asked now",
    Why.NOT_ASKED: "is asked no more",
    Why.WEIGHT: "weighs otherwise",
    Why.EVIDENCE_GIVEN: "has proof now",
    Why.EVIDENCE_RENEWED: "has newer or better proof",
    Why.EVIDENCE_REVIEWED: "had its proof reviewed",
    Why.EVIDENCE_REJECTED: "had its proof rejected",
    Why.EVIDENCE_ERASED: "had its proof erased",
    Why.EVIDENCE_REMOVED: "has no proof any more",
    Why.EVIDENCE_LESS: "has proof that is worth less",
    Why.EVIDENCE_AGED: "has proof that has aged",
    Why.INHERENT: "The inherent risk is another, by the intake",
    Why.SCHEME: "Another scheme is scored by",
}
