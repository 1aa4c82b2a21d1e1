"""Imports CISO Assistant's libraries: YAML with frameworks, requirement nodes, questions."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from riskapp.catalogue.importers import markdown, trees, yaml_tree
from riskapp.catalogue.importers.ciso.library import (
    Framework,
    Library,
    Requirement,
    languages,
    library,
)
from riskapp.catalogue.importers.ciso.questions import Asked, Questions
from riskapp.catalogue.importers.common import Imported, Naming, Progress
from riskapp.catalogue.importers.decoding import decoded
from riskapp.catalogue.importers.draft import About, Draft, share
from riskapp.catalogue.importers.formulas import (
    ALWAYS,
    NEVER,
    Formula,
    Test,
    Unsayable,
    both,
    either,
)
from riskapp.catalogue.importers.phrases import language_named, language_of
from riskapp.catalogue.importers.rights import rights
from riskapp.catalogue.importers.trees import text
from riskapp.catalogue.importers.words import clean, shortened
from riskapp.catalogue.lines import Node

_READ = 80
"""Percent of the work that reading the YAML is."""

_LONGEST_HEADING = 80


def read(data: bytes, name: str, naming: Naming, progress: Progress | None = None) -> Imported:
    """The questionnaire that the frameworks of a library make. Raises NotImportable."""
    content = decoded(data)
    found = library(yaml_tree.read(content, share(progress, 0, _READ)))
    draft = Draft(naming, _language(found), share(progress, _READ, 100), notes=list(found.notes))
    for number, framework in enumerate(found.frameworks):
        _Reading(draft, found, framework, str(number)).all()
    _translated(draft, found)
    return draft.finish(_about(found, content, data, name))


def _language(found: Library) -> str:
    named = language_named(text(found.root, "locale") or text(found.frameworks[0].node, "locale"))
    nodes = (one for framework in found.frameworks for one in framework.requirements)
    return named or language_of(one.text("description") for one in nodes)


def _translated(draft: Draft, found: Library) -> None:
    others = sorted(languages(found.root) - {draft.language})
    if others:
        draft.once(f"translations into {', '.join(others)[:200]} stand in the file; "
                   f"only {draft.language} is imported")  # fmt: skip


def _about(found: Library, content: str, data: bytes, name: str) -> About:
    root, first = found.root, found.frameworks[0].node
    title = markdown.inline(text(root, "name") or text(first, "name"))
    by = ", ".join(clean(one) for one in (text(root, "provider"), text(root, "packager")) if one)
    parts = [
        f"{name}: CISO Assistant library “{shortened(title, 200)}”",
        f"version {clean(text(root, 'version'))[:40]}" if text(root, "version") else "",
        f"by {by[:200]}" if by else "",
        clean(text(root, "urn"))[:200],
    ]
    sha256 = hashlib.sha256(data).hexdigest()
    origin = f"{', '.join(filter(None, parts))}; SHA-256 of the file {sha256}"
    description = text(root, "description") or text(first, "description")
    heading = [title, text(root, "ref_id"), text(root, "provider"), description]
    said = rights([text(root, "copyright")], heading, content)
    return About(title, origin, said, shortened(markdown.words(description), 600))


class _Reading:
    """One framework: its sections, its questions, and what their conditions mean."""

    def __init__(self, draft: Draft, found: Library, framework: Framework, name: str) -> None:
        self.draft = draft
        self.framework = framework
        self.name = name
        self.sections: dict[tuple[int, int], int] = {}
        self.questions = Questions(draft, framework, found.named)

    def all(self) -> None:
        for requirement in self.framework.requirements:
            if requirement.text("display_mode") == "splash":
                self.draft.note(requirement.where, "is a page without questions; left out")
            elif requirement.assessable or requirement.questions:
                heading, reason = self._around(requirement)
                self.questions.take(requirement, self._section(requirement), heading, reason)
        self._conditions()

    def _section(self, requirement: Requirement) -> int:
        """The section of the two outermost nodes around a requirement, or of itself."""
        path = requirement.path or ((requirement,) if requirement.has_children else ())
        around = [one for one in path[:2] if one is path[0] or not one.assessable]
        key = (id(around[0]) if around else 0, id(around[1]) if len(around) > 1 else 0)
        if key not in self.sections:
            self.sections[key] = self._opened(around)
        return self.sections[key]

    def _opened(self, around: Sequence[Requirement]) -> int:
        if not around:
            title = markdown.inline(text(self.framework.node, "name")) or self.draft.spoken.general
            self.draft.domain(self.name, title)
            return self.draft.section(title, None, self.name)
        titles = [_title(one) for one in around]
        domain = f"{self.name}/{id(around[0])}"
        self.draft.domain(domain, titles[0])
        inner = around[-1]
        words = markdown.words(inner.text("description"))
        intro = self.draft.fitting(inner.where, "the introduction", words)
        named = intro if not inner.assessable and inner.text("name") else None
        return self.draft.section(": ".join(titles), named, domain)

    def _around(self, requirement: Requirement) -> tuple[str, str]:
        """What a node deeper in the file says of the requirement: a heading, or a reason."""
        begun = _begun(requirement)
        before = requirement.path[2 : len(requirement.path) - len(begun)]
        deeper = [one for one in before if not one.assessable]
        heading = " ".join(_said(one) for one in begun)
        if not deeper:
            return heading, ""
        inner = deeper[-1]
        name = markdown.inline(inner.text("name"))
        if name and len(name) <= _LONGEST_HEADING and not begun:
            return name, markdown.words(inner.text("description"))
        parts = clean(inner.text("ref_id")), name, _said(inner)
        return heading, ": ".join(dict.fromkeys(part for part in parts if part))

    def _conditions(self) -> None:
        by_urn = {asked.source.urn: asked for asked in self.questions.asked}
        groups = self._groups()
        for item, requirement in self.questions.bare:
            item.wanted, item.condition = self._of_groups(requirement, groups)
        for asked in self.questions.asked:
            shown, said = self._of_groups(asked.requirement, groups)
            own, words = self._depends(asked, by_urn)
            asked.item.wanted = both(shown, own)
            asked.item.condition = " and ".join(filter(None, (said, words)))
        self._noted(groups)

    def _groups(self) -> dict[str, Formula]:
        """The implementation groups that answers select, each with those answers."""
        found: dict[str, list[Formula]] = {}
        for asked in self.questions.asked:
            for choice in asked.source.choices:
                option = asked.options.get(choice.urn)
                for group in choice.groups if option else ():
                    test = Test(asked.item.key, frozenset({str(option)}))
                    found.setdefault(group, []).append(test)
        defined = trees.listed(self.framework.node, "implementation_groups_definition")
        usual = {text(one, "ref_id") for one in defined if trees.true(one, "default_selected")}
        return {group: either(*parts) for group, parts in found.items() if group not in usual}

    def _of_groups(
        self, requirement: Requirement, groups: dict[str, Formula]
    ) -> tuple[Formula, str]:
        """A requirement is asked where answers select its groups, if nothing else can."""
        own = requirement.groups
        if not own or any(group not in groups for group in own):
            return ALWAYS, ""
        return either(*(groups[group] for group in own)), f"group {', '.join(own)[:100]}"

    def _noted(self, groups: dict[str, Formula]) -> None:
        """Groups that a person would choose: riskapp asks for all of them."""
        carried = Counter(group for one in self.framework.requirements for group in set(one.groups))
        names = {
            text(one, "ref_id"): clean(text(one, "name"))
            for one in trees.listed(self.framework.node, "implementation_groups_definition")
        }
        for group, count in carried.items():
            if group not in groups:
                name = f" “{names[group][:80]}”" if names.get(group) else ""
                problem = f"the implementation group {group[:40]}{name} of {count} nodes"
                self.draft.note(
                    "implementation groups", f"{problem} stands in the mappings; all are asked"
                )

    def _depends(self, asked: Asked, by_urn: dict[str, Asked]) -> tuple[Formula, str]:
        node = asked.source.depends_on
        if node is None or node.value is None:
            return ALWAYS, ""
        urn = text(node, "question").lower()
        answers = [trees.said(one) for one in trees.listed(node, "answers")]
        condition = text(node, "condition") or "any"
        ends = (one.rpartition(":")[2] for one in answers)
        words = clean(f"{urn} is {condition} of {', '.join(ends)}")
        parent = by_urn.get(urn) or _by_end(urn, asked, by_urn)
        if parent is None:
            return Unsayable(f"names “{clean(urn)[:80]}”, which is no question here"), words[:200]
        return self._test(parent, answers, condition, node), words[:200]

    def _test(self, parent: Asked, answers: Iterable[str], condition: str, node: Node) -> Formula:
        found = []
        for answer in answers:
            option = _option(parent, answer)
            if option is not None:
                found.append(option)
                continue
            problem = f"waits for “{clean(answer)[:80]}”, which is no answer to that question"
            self.draft.note(f"line {node.line}", problem)
            if condition == "all":
                return Unsayable("waits for an answer that there is not")
        if not found:
            return Unsayable("waits for no answer that there is")
        key = parent.item.key
        if condition == "any":
            return Test(key, frozenset(found))
        if condition != "all":
            return Unsayable(f"has the unknown condition “{clean(condition)[:40]}”")
        if parent.item.answer["type"] == "multiple":
            return both(*(Test(key, frozenset({one})) for one in found))
        return Test(key, frozenset(found)) if len(set(found)) == 1 else NEVER


def _title(requirement: Requirement) -> str:
    name = markdown.inline(requirement.text("name"))
    if name:
        return name
    return (
        shortened(_said(requirement).rstrip(" :"), 100) or clean(requirement.text("ref_id")) or "…"
    )


def _begun(requirement: Requirement) -> list[Requirement]:
    """The nodes right around a requirement that begin its sentence: their words end in a colon."""
    found: list[Requirement] = []
    for one in reversed(requirement.path):
        if one.assessable or one.text("name").strip() or not _said(one).endswith(":"):
            break
        found.insert(0, one)
    return found


def _said(requirement: Requirement) -> str:
    return markdown.words(requirement.text("description") or requirement.text("name"))


def _by_end(end: str, asked: Asked, by_urn: dict[str, Asked]) -> Asked | None:
    """A question of the same requirement whose URN ends so: files by hand name it in short."""
    if ":" in end:
        return None
    for urn, other in by_urn.items():
        same = other.requirement is asked.requirement and other is not asked
        if same and urn.rpartition(":")[2] == end:
            return other
    return None


def _option(parent: Asked, answer: str) -> str | None:
    """The option that an answer means: by URN, by the end of one, by its words."""
    said = answer.strip().lower()
    if said in parent.options:
        return parent.options[said]
    for urn, option in parent.options.items():
        if urn.rpartition(":")[2] == said:
            return option
    for choice in parent.source.choices:
        if choice.label.strip().lower() == said:
            return parent.options.get(choice.urn)
    return None
