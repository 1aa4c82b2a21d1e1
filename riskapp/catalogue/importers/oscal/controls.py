"""From OSCAL's controls to questions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.draft import Draft
from riskapp.catalogue.importers.items import Item
from riskapp.catalogue.importers.oscal.forms import entries, prop, text_of
from riskapp.catalogue.importers.oscal.texts import Params, said, whole
from riskapp.catalogue.importers.references import references
from riskapp.catalogue.importers.words import clean

_DEEPEST = 20
_REASON = re.compile(
    r"\bwhy\b|purpose|objective|rationale|\breason|\bwarum\b|zweck|\bziel|begründung|pourquoi"
    r"|objectif|motivo|obiettivo|objetivo|\bdoel\b",
    re.IGNORECASE,
)
_TESTS = frozenset(
    {"assessment-objective", "assessment-method", "assessment-objects", "assessment"}
)
_WEIGHTS = {
    **dict.fromkeys(("p1", "critical", "high", "kritisch", "hoch", "mandatory", "required"), 5),
    **dict.fromkeys(("must", "shall", "muss", "essential"), 5),
    **dict.fromkeys(("p2", "medium", "moderate", "mittel", "should", "sollte", "recommended"), 3),
    **dict.fromkeys(("p3", "p0", "low", "niedrig", "optional", "may", "kann", "could"), 1),
}
_WEIGHED_BY = (
    "priority",
    "severity",
    "importance",
    "criticality",
    "weight",
    "modal_verb",
    "modalverb",
)
_READ_PROPS = frozenset({"label", "status", "method", "aggregates", *_WEIGHED_BY})


@dataclass(slots=True)
class _Told:
    """The parts of a control in words."""

    statement: str = ""
    reasons: list[str] = field(default_factory=list)
    guidance: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


class Controls:
    """Makes a question of each control, and of the controls in it."""

    def __init__(self, draft: Draft, catalog: str) -> None:
        self.draft = draft
        self.catalog = catalog
        self.ids: set[str] = set()
        self.left: dict[str, set[str]] = {}

    def take(
        self,
        control: Mapping[str, Any],
        holders: Sequence[Mapping[str, Any]],
        section: int,
        heading: str,
        depth: int = 0,
    ) -> None:
        """A control and those in it; `holders` are what parameters may stand in around it."""
        if depth > _DEEPEST:
            raise NotImportable("The controls are nested too deeply", "import a plainer catalog")
        params = Params.around(*holders, control)
        where = self._where(control, params)
        status = prop(control, "status").lower()
        if status in {"withdrawn", "deprecated"}:
            self.draft.note(where, f"is {status}{self._moved(control)}; left out")
        else:
            self._question(control, params, where, section, heading)
        for inner in entries(control, "controls"):
            self.take(inner, [*holders, control], section, heading, depth + 1)

    def finished(self) -> None:
        """Notes what was left out of every control alike."""
        for what, names in self.left.items():
            listed = ", ".join(sorted(names))
            self.draft.once(f"{what} have no place in riskapp and are left out: {listed[:400]}")

    def _where(self, control: Mapping[str, Any], params: Params) -> str:
        name = clean(text_of(control, "id"))[:80]
        if not name:
            return f"“{params.inline(text_of(control, 'title'))[:80]}”"
        if name in self.ids:
            self.draft.note(name, "the id stands twice; both controls are kept")
        self.ids.add(name)
        return name

    def _moved(self, control: Mapping[str, Any]) -> str:
        targets = [text_of(one, "href").lstrip("#") for one in entries(control, "links")
                   if text_of(one, "rel") in {"incorporated-into", "moved-to"}]  # fmt: skip
        names = ", ".join(clean(one)[:60] for one in targets if one)
        return f" (see {names})" if names else ""

    def _question(
        self,
        control: Mapping[str, Any],
        params: Params,
        where: str,
        section: int,
        heading: str,
    ) -> None:
        told = self._told(control, params)
        words = self._text(control, params, told.statement, heading)
        self._params(params, where)
        if not words:
            self.draft.note(where, "has neither title nor statement; left out")
            return
        text = self.draft.question(where, words, self.draft.spoken.in_place)
        key = str(len(self.draft.items))
        item = Item(key, where, section, text, {"type": "yes_partly_no"})
        self._explained(item, told)
        label = clean(prop(control, "label")) or clean(text_of(control, "id"))
        item.mappings = references(self.catalog, self.catalog, [label])
        item.weight = self._weight(control, where)
        self._leave(control)
        self.draft.add(item)

    def _text(
        self, control: Mapping[str, Any], params: Params, statement: str, heading: str
    ) -> str:
        title = params.inline(text_of(control, "title"))
        if heading and heading.casefold() not in title.casefold():
            title = f"{heading}: {title}" if title else heading
        if not title or not statement or statement.casefold().startswith(title.casefold()):
            return statement or title
        return f"{title}{'' if title.endswith((':', '?', '!', '.')) else ':'} {statement}"

    def _told(self, control: Mapping[str, Any], params: Params) -> _Told:
        told = _Told()
        statements = []
        for part in entries(control, "parts"):
            name = text_of(part, "name").lower()
            if name == "statement" or not name:
                statements.append(whole(part, params))
            elif name in _TESTS or (name == "objective" and entries(part, "parts")):
                self._tests(part, params, told)
            elif _REASON.search(f"{name} {text_of(part, 'title')} {text_of(part, 'class')}"):
                told.reasons.append(whole(part, params))
            else:
                told.guidance += said([part], params)
        told.statement = " ".join(filter(None, statements))
        return told

    def _tests(self, part: Mapping[str, Any], params: Params, told: _Told) -> None:
        """What is to be found out goes with what counts, what is to be looked at is evidence."""
        method = prop(part, "method").upper()
        name = text_of(part, "name").lower()
        if name in {"assessment-objective", "objective"}:
            told.tests.append(whole(part, params))
        elif method in {"EXAMINE", ""}:
            told.evidence.append(whole(part, params))
        else:
            self.left.setdefault("ways to assess controls", set()).add(method[:40])

    def _explained(self, item: Item, told: _Told) -> None:
        fitting = self.draft.fitting
        reasons = [one for one in told.reasons if one]
        guidance = [one for one in told.guidance if one]
        if reasons:
            item.why = fitting(item.where, "the reason", " ".join(reasons))
        elif guidance:
            item.why = fitting(item.where, "the guidance", guidance.pop(0))
        item.counts = [one for one in (*guidance, *told.tests) if one]
        evidence = " ".join(one for one in told.evidence if one)
        item.evidence = fitting(item.where, "the evidence", evidence) or None

    def _params(self, params: Params, where: str) -> None:
        for name, words in params.named.items():
            problem = f"the parameter {clean(name)[:80]} has no value; its name stands in the text"
            self.draft.note(where, f"{problem}: [{words[:80]}]")
        for name in params.missing:
            problem = f"the parameter {clean(name)[:80]} is not in the catalog; its id stands"
            self.draft.note(where, f"{problem} in the text")

    def _weight(self, control: Mapping[str, Any], where: str) -> int:
        statements = [
            one for one in entries(control, "parts") if text_of(one, "name") == "statement"
        ]
        for holder in (control, *statements):
            value = clean(prop(holder, *_WEIGHED_BY)).casefold()
            if value in _WEIGHTS:
                names = ", ".join(sorted({text_of(one, "name") for one in entries(holder, "props")}
                                         & set(_WEIGHED_BY)))  # fmt: skip
                self.draft.once(f"weights: 5, 3 or 1 by the property {names}; 3 without one")
                return _WEIGHTS[value]
            if value:
                problem = f"the {'/'.join(_WEIGHED_BY[:3])} “{value[:40]}” is unknown; weight 3"
                self.draft.note(where, problem)
                return 3
        return 3

    def _leave(self, control: Mapping[str, Any]) -> None:
        props = {text_of(one, "name")[:40] for one in entries(control, "props")}
        links = {text_of(one, "rel")[:40] or "without rel" for one in entries(control, "links")}
        for what, names in (("properties", props - _READ_PROPS), ("links to", links)):
            if names:
                self.left.setdefault(what, set()).update(clean(name) for name in names)
