"""Why the tier is what it is, from the receipt that was decided on. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from riskapp.packs.report.wording import cut, listed, named, percent
from riskapp.scoring.explain import Reason, explain
from riskapp.scoring.receipts import read_receipt
from riskapp.scoring.rules import Floor, FloorKind, Result, evaluate, shown
from riskapp.scoring.sheet import Item, Sheet, State
from riskapp.vendors.rules import tier_of

LONGEST_QUOTE = 90
MOST_COSTS = 10
"""So many of the answers that add points are named in the summary."""
_REASONS = {
    Reason.MISSING: "it is not answered, or not confirmed",
    Reason.REJECTED: "the answer was rejected",
    Reason.NA_UNAPPROVED: "it is said not to apply, and nobody approved that",
    Reason.NA_IMPOSSIBLE: "it is said not to apply, but the law asks it of everyone",
    Reason.HIDDEN: "it is not asked, for a control that it builds on is missing or unproven",
    Reason.EVIDENCE_NONE: "there is no proof",
    Reason.EVIDENCE_REJECTED: "the proof was rejected",
    Reason.EVIDENCE_ERASED: "the proof was erased",
    Reason.EVIDENCE_UNDATED: "the proof has no date",
    Reason.EVIDENCE_STALE: "the proof is out of date, or ageing",
    Reason.EVIDENCE_PROVIDED: "nobody has reviewed the proof",
    Reason.EVIDENCE_REVIEWED: "the proof was reviewed, but comes from no third party",
}
_FAILING = {
    State.ANSWERED: Reason.ANSWER,
    State.MISSING: Reason.MISSING,
    State.REJECTED: Reason.REJECTED,
    State.NA_CLAIMED: Reason.NA_UNAPPROVED,
    State.NA_APPROVED: Reason.NA_IMPOSSIBLE,
    State.HIDDEN: Reason.HIDDEN,
}
"""What makes a knock-out fail."""
_CONFIDENCE = {
    "low": "Low: much of the score rests on answers that are unproven, missing or set aside.",
    "medium": "Medium: part of the score rests on answers that are unproven or missing.",
    "high": "High: most of the score rests on answers that are proven or need no proof.",
}


@dataclass(frozen=True, slots=True)
class Score:
    """The receipt as it was computed anew; `words` are the answers that the pack tells, by id."""

    sheet: Sheet
    result: Result
    words: Mapping[str, str]

    @classmethod
    def of(cls, receipt: object, words: Mapping[str, str]) -> "Score":
        sheet, _ = read_receipt(receipt)
        return cls(sheet, evaluate(sheet), words)

    def view(self) -> dict[str, Any]:
        sheet, result, bounds = self.sheet, self.result, self.sheet.constants.bounds
        return {
            "tier": result.tier,
            "shown": result.shown,
            "share": float(result.score),
            "inherent": shown(sheet.inherent.score),
            "inherent_share": float(sheet.inherent.score),
            "residual_share": float(result.residual),
            "edges": [float(edge) for edge in (bounds.medium, bounds.high, bounds.critical)],
            "told": self.told(),
            "floors": [self.floor(one) for one in result.floors],
            "costs": self.costs(),
            "facts": self.facts(),
        }

    def told(self) -> list[str]:
        """Sentences for somebody who never saw the formula; the one that names the tier first."""
        sheet, result = self.sheet, self.result
        inherent, kappa = sheet.inherent, sheet.constants.kappa
        found = [self._tier()]
        if result.item_credit:
            found.append(
                f"The engagement begins at an inherent risk of {shown(inherent.score)}, "
                f"{inherent.tier}. Controls, which can take off {percent(kappa)} at most, were "
                f"found {percent(result.effectiveness)} effective: a residual risk of "
                f"{shown(result.residual)}."
            )
        else:
            found.append(
                f"The engagement begins at an inherent risk of {shown(inherent.score)}, "
                f"{inherent.tier}. No question counts, so that all of it remains."
            )
        if result.claimed != result.effectiveness:
            proven = inherent.score * (1 - kappa * result.claimed)
            found.append(
                f"If all that is claimed were proven, controls would be {percent(result.claimed)} "
                f"effective and the residual risk {shown(proven)}."
            )
        lowered = sorted(self.takes_off().items(), key=lambda pair: (-pair[1], pair[0]))
        best = [f"{named(name)} (−{shown(worth)})" for name, worth in lowered[:3] if worth]  # noqa: RUF001 - a minus
        if best:
            found.append(f"What lowered it most: {listed(best)}.")
        if result.blocked:
            found.append("A requirement of the law is not met. Nothing else makes up for that.")
        return found

    def _tier(self) -> str:
        result = self.result
        lands = f"The tier is {result.tier}, with a score of {result.shown} out of 100"
        if result.score == result.residual:
            return f"{lands}. It follows from the answers alone."
        holding = [floor.subject for floor in result.floors if floor.at == result.score]
        others = [floor.at for floor in result.floors if floor.at != result.score]
        without = max([result.residual, *others])
        tier = tier_of(without, self.sheet.constants.bounds)
        names = [one if one in self._items else named(one) for one in holding]
        return (
            f"{lands}. {listed(names)} {'holds' if len(names) == 1 else 'hold'} it there, whatever "
            f"else is good; without that it would be {shown(without)}, {tier}."
        )

    @property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in self.sheet.items}

    def takes_off(self) -> dict[str, Fraction]:
        """The points by which each domain's controls lower the inherent risk."""
        effects = self.result.domain_effectiveness
        weights = {one.id: one.weight for one in self.sheet.domains if one.id in effects}
        share = self.sheet.inherent.score * self.sheet.constants.kappa
        total = sum(weights.values()) or 1
        return {name: share * weights[name] / total * effects[name] for name in weights}

    def domains(self) -> list[dict[str, Any]]:
        """The domains that count, with what their controls take off and what is left."""
        least = self.sheet.constants.weak.get(self.sheet.inherent.tier)
        weak = {f.subject for f in self.result.floors if f.kind is FloorKind.WEAK_DOMAIN}
        off = self.takes_off()
        found = []
        for domain in self.sheet.domains:
            if domain.id not in off:
                continue
            own = [one for one in self.sheet.items if one.domain == domain.id and one.counts]
            effect, said = self.result.domain_effectiveness[domain.id], claimed(own)
            left = sum((self.result.contributions[one.id] for one in own), Fraction(0))
            found.append(
                {
                    "title": named(domain.id),
                    "weight": domain.weight,
                    "questions": len(own),
                    "share": float(effect),
                    "claimed_share": float(said),
                    "least_share": None if least is None else float(least),
                    "percent": percent(effect),
                    "claimed": percent(said),
                    "off": shown(off[domain.id]),
                    "left": shown(left),
                    "weak": domain.id in weak,
                }
            )
        return found

    def floor(self, floor: Floor) -> dict[str, Any]:
        """What holds the score up, as a line of a table."""
        held = floor.at == self.result.score > self.result.residual
        line = {"at": shown(floor.at), "holds": held}
        if floor.kind is FloorKind.WEAK_DOMAIN:
            effect = percent(self.result.domain_effectiveness[floor.subject])
            least = percent(self.sheet.constants.weak[self.sheet.inherent.tier])
            tier = self.sheet.inherent.tier
            why = f"{effect} effective; an inherent tier of {tier} asks for {least}"
            return {**line, "kind": "Weak domain", "what": named(floor.subject), "why": why}
        kind = "Law not met" if floor.kind is FloorKind.LEGAL else "Failed knock-out"
        item = self._items[floor.subject]
        why = self._reason(item, _FAILING[item.state])
        return {**line, "kind": kind, "what": floor.subject, "why": f"{why[:1].upper()}{why[1:]}"}

    def costs(self) -> list[dict[str, str]]:
        """The answers that add most to the residual risk."""
        return [
            {
                "points": f"+{shown(one.contribution)}",
                "question": one.item,
                "why": self._sentence(one.item, one.reasons),
            }
            for one in explain(self.sheet, self.result)[:MOST_COSTS]
        ]

    def _sentence(self, item: str, reasons: Iterable[Reason]) -> str:
        why = listed([self._reason(self._items[item], reason) for reason in reasons])
        return f"{why[:1].upper()}{why[1:]}."

    def _reason(self, item: Item, reason: Reason) -> str:
        if reason is not Reason.ANSWER:
            return _REASONS[reason]
        worth = f"worth {percent(item.credit)}"
        words = self.words.get(item.id)
        return (
            f"the answer is {worth}"
            if words is None
            else f"“{cut(words, LONGEST_QUOTE)}” is {worth}"
        )

    def facts(self) -> list[list[str]]:
        sheet, result = self.sheet, self.result
        return [
            ["Scheme", sheet.scheme],
            ["Scored as of", f"{sheet.as_of.day} {sheet.as_of:%B %Y}"],
            ["Inherent risk", f"{shown(sheet.inherent.score)}, {sheet.inherent.tier}"],
            ["Effectiveness of controls", percent(result.effectiveness)],
            ["Residual risk, before what holds it", shown(result.residual)],
            ["Confidence", _CONFIDENCE[result.confidence]],
            ["Said not to apply", f"{percent(result.na_share)} of the weight"],
        ]


def claimed(items: Iterable[Item]) -> Fraction:
    """How effective a domain would be if all claims were proven; `items` are those that count."""
    total, worth = 0, Fraction(0)
    for item in items:
        total += item.weight
        if item.state in (State.ANSWERED, State.HIDDEN):
            worth += item.weight * item.credit
    return worth / total if total else Fraction(0)
