"""From the questions of a spreadsheet to a questionnaire."""

import re
from pathlib import PurePath

from riskapp.catalogue.importers.common import Imported, Naming, Progress
from riskapp.catalogue.importers.draft import About, Draft
from riskapp.catalogue.importers.items import Item
from riskapp.catalogue.importers.phrases import language_of
from riskapp.catalogue.importers.rights import rights
from riskapp.catalogue.importers.sheets.answers import Usage, answer_of
from riskapp.catalogue.importers.sheets.choices import Answer
from riskapp.catalogue.importers.sheets.collect import Collected
from riskapp.catalogue.importers.sheets.frameworks import mapped
from riskapp.catalogue.importers.sheets.grid import Workbook
from riskapp.catalogue.importers.sheets.rows import LONGEST_TITLE, Asked
from riskapp.catalogue.importers.sheets.weights import USUAL, Weights
from riskapp.catalogue.importers.words import clean, shortened

_MARKUP = re.compile(
    r"</[a-z][a-z0-9]*\s*>|<(?:br|p|li|ul|ol|div|hr)\b[^<>]{0,200}>|&#?\w{2,8};", re.IGNORECASE
)
_VERSION = re.compile(r"\bv(?:ersion)?[ .:_-]{0,2}(\d{1,4}(?:\.\d{1,4}){0,3})\b", re.IGNORECASE)
_LICENCE = re.compile(
    r"©|\(c\) ?(?:19|20)\d\d|copyright|licen[cs]ed under|licen[cs]e:|lizenz:|lizenziert"
    r"|creative commons|\bcc[ -]by\b|\bcc0\b|apache[ -]2|mit licen[cs]e|public domain"
    r"|all rights reserved|alle rechte vorbehalten|gemeinfrei",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"([^?]+)\? ?\(([^()?]+?)\.?\)\.?")
_MOST_LICENCES = 3
LONGEST_SOURCE = 80
"""Of a title in front of the file's own ids."""

IDS = "ids of the file are kept behind its title among the mappings; riskapp numbers anew"
WEIGHTS = "weights, importance or severity of the file became 5, 3 and 1"
NO_WEIGHTS = "the file gives no weights; every question that can be scored has weight 3"
NO_REASON = "where the file gives no reason for a question, that is what the question says"


def build(
    workbook: Workbook, collected: Collected, naming: Naming, progress: Progress | None
) -> Imported:
    """Raises NotImportable where there are no questions, or too many."""
    language = language_of([*collected.spoken, *(one.text for one in collected.asked)])
    draft = Draft(naming, language, progress, notes=list(collected.notes))
    building = _Building(draft, workbook, collected)
    for asked in collected.asked:
        building.add(asked)
    return draft.finish(building.about())


class _Building:
    def __init__(self, draft: Draft, workbook: Workbook, collected: Collected) -> None:
        self.draft, self.workbook, self.collected = draft, workbook, collected
        weights = [one.texts["weight"] for one in collected.asked if "weight" in one.texts]
        self.weights = Weights(weights)
        self.weighed = bool(weights)
        self.sections: dict[tuple[str, str], int] = {}
        self.last: tuple[str, str] | None = None
        self.title = shortened(clean(self._title()), LONGEST_TITLE)
        self.source = shortened(self.title, LONGEST_SOURCE)

    def _title(self) -> str:
        titles = [text for text in self.collected.titles if len(text) <= LONGEST_TITLE]
        name = PurePath(self.workbook.name).stem
        found = self.draft.naming.title or self.workbook.title or next(iter(titles), name)
        return found if clean(found) else self.draft.naming.id

    def about(self) -> About:
        book, others = self.workbook, self.collected.others
        every = [*others, *self.collected.hidden]
        stated = [text for text in dict.fromkeys(every) if _LICENCE.search(text)]
        names = [book.name, book.title or "", book.author or "", *self.collected.titles]
        names += [sheet.name for sheet in book.sheets]
        version = next((found[1] for text in names if (found := _VERSION.search(text))), None)
        origin = [
            f"File {book.name}, sha256 {book.sha256}, {book.kind}",
            f"title “{book.title}”" if book.title else "",
            f"version {version}" if version else "",
            f"author {book.author}" if book.author else "",
        ]
        return About(
            title=self.title,
            origin=", ".join(one for one in origin if one) + ".",
            rights=rights(stated[:_MOST_LICENCES], names + others, "\n".join(every)),
        )

    def add(self, asked: Asked) -> None:
        where = asked.where
        answer = answer_of(asked, self.collected.usages.get(asked.sheet, Usage()))
        for problem in (*asked.notes, *answer.notes):
            self.draft.note(where, problem)
        for problem in answer.once:
            self.draft.once(problem)
        why, counts = self._reasons(asked)
        item = Item(
            key=f"{asked.sheet}!{asked.row}",
            where=where,
            section=self._section(asked),
            text=self._text(asked, answer),
            answer=answer.spec,
            why=why,
            counts=counts,
            weight=self._weight(asked) if answer.scored else None,
            evidence=self._evidence(asked),
            mappings=self._mappings(asked),
        )
        if not item.scored:
            item.unscore()
        self.draft.add(item)

    def _words(self, where: str, what: str, text: str) -> str:
        """Plain words; a tag that is only spoken of (“do you filter <script>?”) is kept."""
        if "<" in text and not _MARKUP.search(text):
            return self.draft.fitting(where, what, clean(text))
        found = self.draft.words(where, what, text)
        if _MARKUP.search(text):
            self.draft.note(where, f"{what} held HTML; only its words are taken")
        return found

    def _text(self, asked: Asked, answer: Answer) -> str:
        words = self._words(asked.where, "the text", asked.text)
        words = words.rstrip(" *") or words  # a star marks what must be answered
        bracket = _BRACKET.fullmatch(words)
        if bracket:  # “Is it so? (At least yearly.)” keeps its question mark, at the end
            return self.draft.question(asked.where, f"{bracket[1]} ({bracket[2]})?", None)
        spoken = self.draft.phrases
        addition = None
        if spoken is not None and answer.type in {"yes_no", "yes_partly_no", "maturity"}:
            addition = spoken.in_place
        elif spoken is not None and answer.type in {"choice", "multiple"}:
            addition = spoken.which
        return self.draft.question(asked.where, words, addition)

    def _reasons(self, asked: Asked) -> tuple[str | None, list[str]]:
        """Why a question is asked, and what counts: the file's guidance stands in for a reason."""
        why, guidance = (
            self._words(asked.where, f"the {name}", text) if _says(text) else ""
            for name, text in ((one, asked.texts.get(one, "")) for one in ("why", "guidance"))
        )
        if not why and not guidance:
            self.draft.once(NO_REASON)
        return why or guidance or None, [guidance] if why and guidance else []

    def _evidence(self, asked: Asked) -> str | None:
        text = asked.texts.get("evidence", "")
        return self._words(asked.where, "the evidence", text) if _says(text) else None

    def _section(self, asked: Asked) -> int:
        general = self.draft.spoken.general
        upper = clean(asked.section) or clean(asked.sheet) or general
        lower = clean(asked.subsection)
        place = upper.casefold(), lower.casefold()
        if place in self.sections and place != self.last:
            title = lower or upper
            problem = f"the section “{title}” stood before; its questions are put together"
            self.draft.note(asked.where, problem)
        elif place not in self.sections:
            self.draft.domain(place[0], upper)
            self.sections[place] = self.draft.section(lower or upper, None, place[0])
        self.last = place
        return self.sections[place]

    def _weight(self, asked: Asked) -> int | None:
        text = asked.texts.get("weight", "")
        self.draft.once(WEIGHTS if self.weighed else NO_WEIGHTS)
        found = self.weights.of(text) if text else USUAL
        if found is None:
            self.draft.note(asked.where, f"“{text[:60]}” is no weight that is known; 3 is taken")
            return USUAL
        if found == 0:
            self.draft.note(asked.where, f"has the weight {text[:60]}; not scored")
        return found or None

    def _mappings(self, asked: Asked) -> dict[str, list[str]]:
        found, notes = mapped(asked.mappings)
        for problem in notes:
            self.draft.note(asked.where, problem)
        if asked.id:
            self.draft.once(IDS)
            own = f"{self.source} {clean(asked.id)}"
            found["other"] = [own, *found.get("other", [])]
        return found


def _says(text: str) -> bool:
    """Whether there is more in a cell than a dash or a 0."""
    return any(map(str.isalpha, text))
