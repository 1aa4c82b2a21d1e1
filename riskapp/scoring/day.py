"""From a basis to the sheet of one day, under given terms. Pure."""

from datetime import date
from fractions import Fraction

from riskapp.scoring.basis import Basis, BasisItem
from riskapp.scoring.rules import best_evidence, strength
from riskapp.scoring.sheet import Domain, Evidence, Inherent, Item, Sheet
from riskapp.scoring.terms import Terms
from riskapp.scoring.transfers import standing


def sheet_on(basis: Basis, as_of: date, terms: Terms) -> Sheet:
    """What is scored on a day: evidence as fresh, transfers as lawful as they are then."""
    scheme = terms.scheme
    known: dict[str, Item] = {}
    for leaning in (False, True):  # what leans on others comes after them
        for item in basis.items:
            if bool(item.leans_on) is leaning:
                known[item.id] = _item(item, as_of, terms, known)
    return Sheet(
        as_of=as_of,
        constants=scheme.constants,
        inherent=Inherent.of(basis.factors, scheme.constants.inherent_bounds),
        questionnaires=basis.questionnaires,
        domains=tuple(
            Domain(one.id, scheme.weights.get(one.id, one.weight)) for one in basis.domains
        ),
        items=tuple(known[item.id] for item in basis.items),
        scheme=scheme.name,
    )


def _item(item: BasisItem, as_of: date, terms: Terms, known: dict[str, Item]) -> Item:
    constants = terms.scheme.constants
    return Item(
        id=item.id,
        domain=item.domain,
        weight=item.weight,
        credit=_credit(item, as_of, terms, known),
        state=item.state,
        evidence=best_evidence(item.files, as_of, constants) if item.asks else Evidence(),
        knockout=item.knockout,
    )


def _credit(item: BasisItem, as_of: date, terms: Terms, known: dict[str, Item]) -> Fraction:
    most = item.credit
    for one in item.transfers:
        assessed = one.assessed_until is not None and as_of <= one.assessed_until
        worth = standing(one.country, one.safeguard, terms.adequacy, as_of, assessed=assessed)
        most = min(most, worth.credit)
    if item.ageing is not None and as_of > item.ageing.until:
        most = min(most, item.ageing.after)
    for name in item.leans_on:
        most = min(most, believed(known[name], as_of, terms))
    return max(most, item.compensating)


def believed(item: Item, as_of: date, terms: Terms) -> Fraction:
    """The c of an answered item, which those that it hides take over."""
    if not item.evidence.asked:
        return item.credit
    return item.credit * strength(item.evidence, as_of, terms.scheme.constants)
