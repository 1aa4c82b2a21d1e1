"""The places of an engagement's data in words, for the page that shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from riskapp.scoring.adequacy import AdequacyTable
from riskapp.scoring.located import Mention, Role, Source
from riskapp.scoring.places import Effect, Group, Place, Places, Regime
from riskapp.scoring.rules import FloorKind, Result, shown
from riskapp.scoring.sheet import State
from riskapp.web.desk.grounds import FLAGS, brief, grounds, name_of, regime, under
from riskapp.web.scorecard_words import listed, percent

_LEAST = Fraction(1, 10)
MOST_NAMED = 3
"""So many places outside the EEA the first sentence names one by one."""

GROUPS = {
    Group.EEA: "In the EEA",
    Group.ADEQUATE: "Under an adequacy decision",
    Group.SAFEGUARDED: "Under a safeguard",
    Group.WEAK: "Under a safeguard that does not suffice",
    Group.UNLAWFUL: "Without lawful ground",
    Group.UNSCORED: "Named in no answer that counts",
}
_ROLES = {
    Role.STORED: "Stored, backups included",
    Role.REACHED: "Reached from here",
    Role.NAMED: "Named",
    Role.TRANSFERRED: "Named in the list of transfers",
    Role.SUB_PROCESSOR: "Sub-processor",
    Role.DELIVERED: "Delivered from here, as registered",
    Role.SEAT: "Seat of the vendor, as registered",
}
_ORDER = tuple(_ROLES)
_STATES = {
    State.ANSWERED: "Answered",
    State.MISSING: "Not answered",
    State.REJECTED: "Rejected: it says nothing until it is answered again",
    State.NA_CLAIMED: "Said not to apply, which no officer has approved yet",
    State.NA_APPROVED: "Does not apply, as an officer approved",
    State.HIDDEN: "Not asked",
}


@dataclass(frozen=True, slots=True)
class Use:
    """What happens in a place, and who does it; `note` where the answer does not count."""

    what: str
    who: str
    question_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Sub:
    """Somebody behind the vendor: a sub-processor or recipient, with the rest of the row."""

    name: str
    kind: str
    what: str
    question_id: str
    note: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A country as the page shows it.

    `regime` and `grounds` are sentences; `brief` is the ground in few words, `worth` a share as
    "70 %", both empty where no score rests on the place; `effects` go on after a question's id.
    """

    name: str
    group: Group
    regime: str
    brief: str
    grounds: Sequence[str]
    notes: Sequence[str]
    worth: str
    uses: Sequence[Use]
    doings: Sequence[str]
    subs: Sequence[Sub]
    effects: Sequence[tuple[str, str]]
    costs: str
    without: Result | None
    stays: bool


@dataclass(frozen=True, slots=True)
class GroupLine:
    id: Group
    title: str
    places: Sequence[PlaceLine]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A question that the picture is drawn from, and how its answer counts."""

    question_id: str
    text: str
    standing: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that the page says. `href` leads to a question, with QUESTION for its id."""

    as_of: date
    table_of: date
    summary: Sequence[str]
    result: Result
    groups: Sequence[GroupLine]
    sources: Sequence[SourceLine]
    owners: Sequence[str]
    href: str

    @property
    def places(self) -> Sequence[PlaceLine]:
        return [place for group in self.groups for place in group.places]

    @property
    def subs(self) -> Sequence[tuple[PlaceLine, Sub]]:
        return [(place, sub) for place in self.places for sub in place.subs]


def picture(found: Places, adequacy: AdequacyTable, vendor_name: str, href: str) -> Picture:
    """Puts the places into words."""
    writer = _Writer(found, adequacy, vendor_name)
    lines = [writer.place(place) for place in found.places]
    groups = [
        GroupLine(group, title, [line for line in lines if line.group is group])
        for group, title in GROUPS.items()
    ]
    return Picture(
        as_of=found.as_of,
        table_of=adequacy.as_of,
        summary=writer.summary(),
        result=found.result,
        groups=[group for group in groups if group.places],
        sources=[_source(source) for source in found.sources],
        owners=[writer.owner(one) for one in found.owners],
        href=href,
    )


def _source(source: Source) -> SourceLine:
    return SourceLine(source.question.id, source.question.text, _standing(source))


def _standing(source: Source) -> str:
    """How an answer counts, in words."""
    if source.state in (State.ANSWERED, State.MISSING) and source.empty:
        agreed = source.state is State.ANSWERED
        what = "and an officer agreed" if agreed else "which no officer has confirmed yet"
        return f"Nothing to list, {what}"
    if source.state is State.ANSWERED and not source.believed:
        return "Does not count; a compensating control makes up for it"
    return _STATES[source.state]


def _points(value: Fraction) -> str:
    """How many points, cut; what is cut to nothing is still something."""
    if 0 < value < _LEAST:
        return "less than 0.1 points"
    return f"{shown(value)} points"


class _Writer:
    def __init__(self, found: Places, adequacy: AdequacyTable, vendor_name: str) -> None:
        self.found, self.adequacy, self.vendor_name = found, adequacy, vendor_name
        self.believed = {one.question.id: one.believed for one in found.sources}
        self.subs = {
            one.who.casefold()
            for place in found.places
            for one in place.mentions
            if one.role is Role.SUB_PROCESSOR
        }

    def place(self, place: Place) -> PlaceLine:
        told = sorted(place.mentions, key=lambda one: _ORDER.index(one.role))
        uses = [self._use(one) for one in told]
        scored = bool(place.grounds)
        moves = place.without is not None and (
            (place.without.shown, place.without.tier)
            != (self.found.result.shown, self.found.result.tier)
        )
        return PlaceLine(
            name=name_of(place.country),
            group=place.group,
            regime=regime(place, self.found.as_of),
            brief=brief(place) if scored else "",
            grounds=grounds(place),
            notes=[*self._notes(place)],
            worth=percent(place.worth) if scored else "",
            uses=uses,
            doings=self._doings(told),
            subs=[*self._behind(place)],
            effects=[(one.question, self._effect(one)) for one in place.effects if one.worth < 1],
            costs=_points(place.costs) if place.costs else "",
            without=place.without if moves else None,
            stays=place.without is not None and not moves,
        )

    def _use(self, one: Mention) -> Use:
        what = one.what or _ROLES[one.role]
        counts = self.believed.get(one.question, True)
        return Use(what, one.who, one.question, "" if counts else "rejected")

    def _doings(self, told: Sequence[Mention]) -> list[str]:
        """What happens in a place in few words; the officer's own only where nobody else's are."""
        ours = (Role.DELIVERED, Role.SEAT)
        answered = [one for one in told if one.role not in ours] or told
        words = []
        for one in answered:
            use = self._use(one)
            what = _ROLES[one.role] if one.role is Role.SUB_PROCESSOR else use.what
            words.append(f"{what} ({use.note})" if use.note else what)
        return list(dict.fromkeys(words))

    def _behind(self, place: Place) -> Iterable[Sub]:
        """Whoever has the data there beside the vendor, each once."""
        known = {self.vendor_name.casefold(), ""}
        ordered = sorted(place.mentions, key=lambda one: one.role is not Role.SUB_PROCESSOR)
        for one in ordered:
            if one.who.casefold() in known:
                continue
            known.add(one.who.casefold())
            is_sub = one.who.casefold() in self.subs
            kind = "sub-processor" if is_sub else "recipient"
            yield Sub(one.who, kind, one.what, one.question, self._use(one).note, one.cells)

    def _notes(self, place: Place) -> Iterable[str]:
        for one in place.decisions:
            if one.overridden:
                yield f"The table of decisions is overridden here: {one.overridden}"
        if place.unnamed:
            yield f"No ground is named for {name_of(place.country)} in the list of transfers."
        flags = dict.fromkeys(flag for one in place.grounds for flag in one.standing.flags)
        yield from (FLAGS[flag] for flag in flags if flag in FLAGS)
        if place.unlawful:
            yield "What happens there is unlawful as it is answered."
        if place.group is Group.UNSCORED and any(one.question for one in place.mentions):
            yield "Only an answer that was rejected names it."

    def _effect(self, one: Effect) -> str:
        """What a place does to a question, as the end of a sentence that begins with its id."""
        worth = percent(one.worth)
        item = next(item for item in self.found.sheet.items if item.id == one.question)
        if one.shared:
            whole = _points(one.points)
            return f"is worth {worth}: this place decides with others, and it adds {whole}"
        if one.decides:
            part = f"{_points(one.own).removesuffix(' points')} of its {_points(one.points)}"
            return f"is worth {worth}: this place decides, and {part} are due to it"
        if item.credit > one.worth:
            return f"would be worth {worth}, but a compensating control makes up for it"
        return f"would be worth {worth}, but something worse in the answer decides"

    def owner(self, one: Mention) -> str:
        """Who stands above the vendor; outside the EEA that is a finding."""
        who = f"{one.who or 'An owner who is not named'} ({name_of(one.country)})"
        if one.who.casefold() == self.vendor_name.casefold():
            return "Nobody stands above the vendor."
        if one.country in self.adequacy.eea:
            return f"{who} stands above the vendor, in the EEA."
        said = f" The vendor says: “{one.what}”." if one.what else ""
        return f"{who} stands above the vendor. That is no transfer, but a finding.{said}"

    def summary(self) -> list[str]:
        """The picture in a few sentences."""
        named = [place for place in self.found.places if place.grounds]
        if not named:
            return ["No answer that counts names a country yet.", *self._blocks(named)]
        return [self._where(named), *self._blocks(named), *self._costs(named)]

    def _where(self, named: Sequence[Place]) -> str:
        inside = [place for place in named if place.regime is Regime.EEA]
        outside = [place for place in named if place.regime is not Regime.EEA]
        if not outside:
            if len(inside) == 1:
                return f"Data is in one country, {name_of(inside[0].country)}, in the EEA."
            return f"Data is in {len(inside)} countries, all in the EEA."
        parts = []
        if inside:
            few = name_of(inside[0].country) if len(inside) == 1 else str(len(inside))
            parts.append(f"{few} in the EEA")
        if len(outside) <= MOST_NAMED:
            parts += [f"{name_of(place.country)} {under(place)}" for place in outside]
        else:
            parts += [*_counted(outside)]
        whole = "one country" if len(named) == 1 else f"{len(named)} countries"
        return f"Data is in {whole}: {', '.join(parts)}."

    def _costs(self, named: Sequence[Place]) -> Iterable[str]:
        lost = self.found.result.residual - self.found.inside.residual
        costly = [place for place in named if place.costs]
        bad = [place for place in named if any(one.decides for one in place.effects)]
        if not lost:
            yield "Where it is costs no points."
        elif len(bad) == 1 and costly:
            yield f"{name_of(bad[0].country)} costs {_points(lost)}."
        else:
            yield f"The places outside the EEA cost {_points(lost)} together."

    def _blocks(self, named: Sequence[Place]) -> Iterable[str]:
        """What of it blocks the assessment."""
        legal = {
            floor.subject for floor in self.found.result.floors if floor.kind is FloorKind.LEGAL
        }
        found = [place for place in named if place.unlawful]
        if any(one.question in legal for place in found for one in place.effects):
            yield "That blocks the assessment."
        for source in self.found.sources:
            if source.question.id in legal and not source.believed:
                yield f"{source.question.id} says nothing that counts, which blocks the assessment."


def _counted(outside: Sequence[Place]) -> Iterable[str]:
    """How many places stand in each group; those without lawful ground by name."""
    for group, title in GROUPS.items():
        names = [name_of(place.country) for place in outside if place.group is group]
        if names:
            named = f" ({listed(names)})" if group is Group.UNLAWFUL else ""
            yield f"{len(names)} {title[:1].lower()}{title[1:]}{named}"
