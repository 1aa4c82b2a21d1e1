"""What the importers of files share: a questionnaire that grows question by question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from riskapp.catalogue import check_branching, check_questions
from riskapp.catalogue.importers.branching import settle, written
from riskapp.catalogue.importers.common import (
    MOST_QUESTIONS,
    Imported,
    Naming,
    Note,
    NotImportable,
    Progress,
    question_ids,
    write,
)
from riskapp.catalogue.importers.items import Item
from riskapp.catalogue.importers.phrases import Phrases, asked, phrases_of
from riskapp.catalogue.importers.rights import Rights
from riskapp.catalogue.importers.words import (
    LONGEST,
    clean,
    closed,
    has_unseen,
    plain,
    shortened,
    slug,
)
from riskapp.catalogue.model import Contents, Release

WHOLE = "the whole file"
"""Where a note stands that is true of every question."""

LONGEST_TITLE = 200
_LINE = re.compile(r"line ([0-9]{1,9})\b")
_ROUNDS = 20
_STEP = 100


def share(progress: Progress | None, first: int, last: int) -> Progress | None:
    """Tells a part of the work as so many of a hundred, from `first` to `last`."""
    if progress is None:
        return None
    return lambda done, total: progress(first + (last - first) * done // max(total, 1), 100)


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a questionnaire as a whole."""

    title: str
    origin: str
    rights: Rights
    summary: str = ""


@dataclass(slots=True)
class _Part:
    """A section; `domain` is the key of the scoring domain of its questions."""

    title: str
    intro: str | None
    domain: str


@dataclass(slots=True)
class Draft:
    """Collects sections and questions, and everything that is not taken over as it stands."""

    naming: Naming
    language: str
    progress: Progress | None = None
    notes: list[Note] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    domains: dict[str, str] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    @property
    def phrases(self) -> Phrases | None:
        return phrases_of(self.language)

    @property
    def spoken(self) -> Phrases:
        """The phrases of the language, or English ones where there are none."""
        found = self.phrases
        if found is None:
            self.once(f"riskapp has no sentences of its own in the language {self.language}; "
                      "what it adds to the texts is English")  # fmt: skip
            found = phrases_of("en")
        assert found is not None  # noqa: S101 - there are English phrases
        return found

    def note(self, where: str, problem: str) -> None:
        self.notes.append(Note(where, problem))

    def once(self, problem: str) -> None:
        """A note that stands for all questions, however often it is made."""
        if problem not in self.said:
            self.said.add(problem)
            self.notes.append(Note(WHOLE, problem))

    def words(self, where: str, what: str, text: str, most: int = LONGEST) -> str:
        """A text of the file as plain words; `what` names it in notes: “the text”, “the tip”."""
        if has_unseen(text):
            self.note(where, f"{what} held signs that nobody sees; they are left out")
        return self.fitting(where, what, plain(text), most)

    def fitting(self, where: str, what: str, words: str, most: int = LONGEST) -> str:
        """Words that are not too long, cut at the end of a sentence."""
        if len(words) > most:
            self.note(where, f"{what} had more than {most} characters; the rest is left out")
        return shortened(words, most)

    def question(self, where: str, words: str, addition: str | None) -> str:
        """Words as a question; see `phrases.asked`."""
        text = asked(words, addition, self.phrases)
        if text != words:
            added = addition if addition and text.endswith(addition) else text[-1:]
            self.once(f"texts that are no questions are put as questions by “{added}” at their end")
        if len(words) + len(addition or "") + 3 > LONGEST:
            self.note(where, f"the text had more than {LONGEST} characters; the rest is left out")
        return text

    def domain(self, key: str, title: str) -> None:
        self.domains.setdefault(key, clean(title)[:LONGEST_TITLE])

    def section(self, title: str, intro: str | None, domain: str) -> int:
        """Begins a section; returns what items name it by."""
        self.parts.append(_Part(shortened(title, LONGEST_TITLE), intro or None, domain))
        return len(self.parts) - 1

    def add(self, item: Item) -> None:
        """Takes a question. Raises NotImportable where there are too many."""
        self.items.append(item)
        if len(self.items) > MOST_QUESTIONS:
            problem = f"The file has more than {MOST_QUESTIONS} questions"
            raise NotImportable(problem, "split it and import the parts")

    def told(self, done: int, total: int) -> None:
        """Tells the progress, now and then."""
        if self.progress is not None and (done % _STEP == 0 or done == total):
            self.progress(done, total)

    def finish(self, about: About) -> Imported:
        """The file. Raises NotImportable where it holds no question."""
        self.items.sort(key=lambda item: item.section)  # conditions look back in this order
        items, notes = settle(self.items)
        self.notes += notes
        self.notes.sort(key=_place)
        if not items:
            raise NotImportable("The file holds no question", "choose the file of a questionnaire")
        contents = _Writing(self, items, about).contents()
        text = self._checked(contents, items)
        return Imported(text, len(items), tuple(self.notes))

    def _checked(self, contents: dict[str, Any], items: Sequence[Item]) -> str:
        """The file's text, once the catalogue's check finds nothing in it."""
        for _ in range(_ROUNDS):
            release = _release(contents)
            found = [
                *check_questions.findings(release),
                *check_branching.findings(release),
            ]
            if not found:
                return write(contents)
            for path, problem, _ in found:
                self._mended(contents, items, path, problem)
        raise NotImportable("The file makes no questionnaire", "report it to whoever runs riskapp")

    def _mended(
        self,
        contents: dict[str, Any],
        items: Sequence[Item],
        path: Sequence[int | str],
        problem: str,
    ) -> None:
        """Takes away what the check found, a net under everything that was foreseen."""
        if path[:1] == ("domains",):
            contents["domains"].pop(path[1], None)
            return
        at = [one for one in path if isinstance(one, int)][:2]
        if len(at) != 2:  # noqa: PLR2004 - section and question
            return
        question = contents["sections"][at[0]]["questions"][at[1]]
        before = sum(len(one["questions"]) for one in contents["sections"][: at[0]])
        what = str(path[4]) if len(path) > 4 else ""  # noqa: PLR2004 - what of the question
        if what in {"asked_when", "gate", "findings", "mappings"}:
            if question.pop(what, None) is not None:
                more = "; asked more often than in its source" if what == "asked_when" else ""
                self.note(items[before + at[1]].where, f"{what} {problem}; left out{more}")
        elif question.pop("weight", None) is not None:
            question.pop("domain", None)
            for option in question["answer"].get("options", ()):
                option.pop("credit", None)
            self.note(items[before + at[1]].where, f"{what} {problem}; the question is not scored")


def _place(note: Note) -> tuple[int, int]:
    """What is true of the whole file first, then by line; other places keep their order."""
    line = _LINE.match(note.where)
    return (note.where != WHOLE, int(line[1]) if line else 0)


def _release(contents: dict[str, Any]) -> Release:
    try:
        read = Contents.model_validate(_without_none(contents))
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in detail["loc"])
        problem = f"The file makes no questionnaire: {place}: {detail['msg']}"
        raise NotImportable(
            problem, "give it another id, release or prefix, or report it"
        ) from error
    fields = {name: getattr(read, name) for name in Contents.model_fields}
    return Release(**fields, source="", where="")


def _without_none(value: Any) -> Any:  # noqa: ANN401 - nested plain values
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list) else value


class _Writing:
    """From items to the contents of a file."""

    def __init__(self, draft: Draft, items: Sequence[Item], about: About) -> None:
        self.draft = draft
        self.items = items
        self.about = about
        self.by_key = {item.key: item for item in items}
        title = draft.naming.title or about.title or draft.naming.id
        self.title = shortened(clean(title), LONGEST_TITLE)
        numbered = question_ids(draft.naming.prefix, len(items))
        self.ids = dict(zip(self.by_key, numbered, strict=True))
        taken: set[str] = set()
        self.domains = {
            key: slug(title, taken, f"part-{number}")
            for number, (key, title) in enumerate(draft.domains.items(), 1)
        }

    def contents(self) -> dict[str, Any]:
        draft, about = self.draft, self.about
        used = {draft.parts[item.section].domain for item in self.items if item.scored}
        return {
            "id": draft.naming.id,
            "release": draft.naming.release,
            "language": draft.language,
            "title": self.title,
            "summary": about.summary or draft.spoken.summary,
            "audience": "vendor",
            "licence": shortened(clean(about.rights.licence), LONGEST),
            "origin": shortened(clean(about.origin), LONGEST),
            "restricted": about.rights.restricted,
            "domains": {
                name: {"weight": 1, "title": draft.domains[key] or self.title}
                for key, name in self.domains.items()
                if key in used
            },
            "sections": self._sections(),
        }

    def _sections(self) -> list[dict[str, Any]]:
        taken: set[str] = set()
        sections: dict[int, dict[str, Any]] = {}
        for done, item in enumerate(self.items, 1):
            part = self.draft.parts[item.section]
            if item.section not in sections:
                name = slug(part.title, taken, f"part-{item.section + 1}")
                title = part.title or self.title  # of questions that stand outside every part
                head: dict[str, Any] = {"id": name, "title": title, "intro": part.intro}
                sections[item.section] = {**head, "questions": []}
            sections[item.section]["questions"].append(self._question(item))
            self.draft.told(done, len(self.items))
        return list(sections.values())

    def _question(self, item: Item) -> dict[str, Any]:
        domain = self.domains[self.draft.parts[item.section].domain]
        condition = written(item.asked, self.by_key, self.ids) if item.asked else None
        counts = " ".join(closed(one) for one in item.counts)
        return {
            "id": self.ids[item.key],
            "domain": domain if item.scored else None,
            "text": item.text,
            "why": item.why or self.draft.spoken.no_reason,
            "counts": self.draft.fitting(item.where, "the guidance", counts) or None,
            "answer": item.answer,
            "weight": item.weight,
            "evidence": item.evidence or None,
            "gate": True if item.gate else None,
            "asked_when": condition,
            "mappings": item.mappings or None,
            "required": None if item.required else False,
            "findings": item.findings or None,
        }
