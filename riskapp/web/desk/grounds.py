"""What the law says of a place, and what a vendor names for it, in words."""

from datetime import date

from riskapp.core import countries
from riskapp.scoring.adequacy import Coverage, Decision
from riskapp.scoring.places import Ground, Place, Regime
from riskapp.scoring.transfers import (
    FLAG_ASSESSMENT_MISSING,
    FLAG_CONDITION_CLAIMED,
    FLAG_NOT_IN_FORCE,
    FLAG_OCCASIONAL_ONLY,
    Safeguard,
)
from riskapp.web.words import written_date

_SAFEGUARDS = {
    Safeguard.ADEQUACY: "an adequacy decision, as the vendor says",
    Safeguard.DPF: "the decision for some recipients, as the vendor says",
    Safeguard.SCC: "standard contractual clauses",
    Safeguard.BCR: "binding corporate rules",
    Safeguard.CODE: "an approved code or certification",
    Safeguard.ART49: "an exception under Article 49",
    Safeguard.NONE: "no ground, as the vendor says",
}
FLAGS = {
    FLAG_CONDITION_CLAIMED: "That this recipient is covered is the vendor's word; look for proof.",
    FLAG_NOT_IN_FORCE: "No decision that would cover it is in force.",
    FLAG_ASSESSMENT_MISSING: "No transfer assessment of the last 24 months stands behind it.",
    FLAG_OCCASIONAL_ONLY: "It holds for occasional transfers only.",
}
_ASSESSED = (Safeguard.SCC, Safeguard.BCR)


def name_of(code: str) -> str:
    """What a country is called, also where none was named."""
    if not code:
        return "A country that is not named"
    return countries.name(code) if countries.is_country(code) else code


def regime(place: Place, day: date) -> str:
    """What the law says of the country, in a sentence or two."""
    match place.regime:
        case Regime.UNKNOWN:
            return "A row names no country."
        case Regime.EEA:
            return "In the EEA."
    valid = [one for one in place.decisions if one.in_force(day)]
    other = [one for one in place.decisions if one not in valid]
    words = [_decided(one) for one in valid if one.coverage in (Coverage.FULL, Coverage.PARTIAL)]
    if not words:
        words = ["No adequacy decision in force."]
        words += [_not_in_force(one, day) for one in other if one.coverage is not Coverage.NONE]
    return " ".join(words)


def _decided(one: Decision) -> str:
    named = f"Adequacy decision {one.name}".rstrip()
    if one.coverage is Coverage.PARTIAL:
        named += " for some recipients only"
    words = f"{named}, since {written_date(one.valid_from)}"
    if one.valid_to is not None:
        words += f" until {written_date(one.valid_to)}"
    return f"{words}; condition: {one.condition}." if one.condition else f"{words}."


def _not_in_force(one: Decision, day: date) -> str:
    named = f"The decision {one.name}".rstrip()
    if one.suspended:
        return f"{named} is suspended."
    if day < one.valid_from:
        return f"{named} begins on {written_date(one.valid_from)}."
    return f"{named} ended on {written_date(one.valid_to)}."


def grounds(place: Place) -> list[str]:
    """Each ground in a sentence; none where none is needed."""
    if place.regime in (Regime.EEA, Regime.FULL) or place.unnamed:
        return []
    return [f"{words[:1].upper()}{words[1:]}." for words in map(_ground, place.grounds)]


def _ground(one: Ground) -> str:
    words = _SAFEGUARDS[one.safeguard]
    if one.safeguard not in _ASSESSED or FLAG_ASSESSMENT_MISSING in one.standing.flags:
        return words
    return f"{words}, {_until(one.assessed_until)}"


def _until(day: date | None) -> str:
    if day is None or day == date.max:
        return "assessed within 24 months, as the vendor says"
    return f"assessed until {written_date(day)}"


def _worst(place: Place) -> Ground:
    return min(place.grounds, key=lambda one: one.standing.credit)


def brief(place: Place) -> str:
    """What makes it lawful, in few words; where there are several grounds, the worst."""
    match place.regime:
        case Regime.EEA:
            return "no ground needed"
        case Regime.FULL:
            return "adequacy decision"
    if place.unnamed:
        return "no ground named"
    worst = _worst(place)
    if FLAG_NOT_IN_FORCE in worst.standing.flags:
        return "a decision that is not in force"
    words = _SAFEGUARDS[worst.safeguard]
    unassessed = FLAG_ASSESSMENT_MISSING in worst.standing.flags
    return f"{words}, not assessed" if unassessed else _ground(worst)


def under(place: Place) -> str:
    """How a place stands, within a sentence after its name."""
    if place.regime is Regime.FULL:
        return "under an adequacy decision"
    if place.unlawful:
        return "without lawful ground"
    worst = _worst(place)
    words = _SAFEGUARDS[worst.safeguard]
    if worst.safeguard not in _ASSESSED:
        return f"under {words}"
    unassessed = FLAG_ASSESSMENT_MISSING in worst.standing.flags
    return f"under {words} ({'not assessed' if unassessed else _until(worst.assessed_until)})"
