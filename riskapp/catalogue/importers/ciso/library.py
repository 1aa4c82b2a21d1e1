"""What stands in a CISO Assistant library: frameworks, their nodes, questions and choices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from riskapp.catalogue.importers import trees
from riskapp.catalogue.importers.common import Note, NotImportable
from riskapp.catalogue.importers.trees import text
from riskapp.catalogue.importers.words import clean
from riskapp.catalogue.lines import Node

_ABOUT = frozenset(
    {
        *("urn", "locale", "ref_id", "name", "description", "copyright", "version", "provider"),
        *("packager", "objects", "translations", "publication_date", "dependencies", "annotation"),
        *("convert_library_version", "default_locale", "labels"),
    }
)
_FRAMEWORK = frozenset(
    {
        *("urn", "ref_id", "name", "description", "annotation", "translations", "provider"),
        *("requirement_nodes", "implementation_groups_definition", "min_score", "max_score"),
        *("scores_definition", "locale"),
    }
)
_NODE = frozenset(
    {
        *("urn", "parent_urn", "assessable", "depth", "ref_id", "name", "description"),
        *("annotation", "typical_evidence", "implementation_groups", "questions", "question"),
        *("weight", "importance", "reference_controls", "threats", "translations", "order_id"),
        *("display_mode", "security_functions"),
    }
)
_QUESTION = frozenset(
    {
        *("urn", "ref_id", "type", "question_type", "text", "annotation", "choices"),
        *("question_choices", "depends_on", "weight", "required", "translations", "config"),
    }
)
_CHOICE = frozenset(
    {
        *("urn", "ref_id", "value", "add_score", "compute_result", "description", "color"),
        *("select_implementation_groups", "translations", "annotation"),
    }
)
_SILENT = frozenset({"color", "order_id", "config"})


@dataclass(frozen=True, slots=True)
class Choice:
    """`score` and `result` are add_score and compute_result as they are written."""

    urn: str
    label: str
    note: str
    score: str
    result: str
    groups: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Question:
    urn: str
    kind: str
    text: str
    note: str
    choices: tuple[Choice, ...]
    depends_on: Node | None
    weight: str
    required: bool
    node: Node

    @property
    def where(self) -> str:
        return f"line {self.node.line}"


@dataclass(slots=True)
class Requirement:
    """A requirement node; `path` are the nodes around it, the outermost first."""

    node: Node
    path: tuple["Requirement", ...]
    questions: tuple[Question, ...] = ()
    has_children: bool = False

    def text(self, key: str) -> str:
        return text(self.node, key)

    @property
    def assessable(self) -> bool:
        splash = text(self.node, "display_mode") == "splash"
        return trees.true(self.node, "assessable") and not splash

    @property
    def where(self) -> str:
        name = clean(self.text("ref_id") or self.text("urn").rpartition(":")[2])[:60]
        return f"line {self.node.line} ({name})" if name else f"line {self.node.line}"

    @property
    def groups(self) -> tuple[str, ...]:
        return _names(self.node, "implementation_groups")


@dataclass(slots=True)
class Framework:
    node: Node
    requirements: list[Requirement] = field(default_factory=list)


@dataclass(slots=True)
class Library:
    """`named` are the names of controls and threats by URN, in small letters."""

    root: Node
    frameworks: list[Framework]
    named: Mapping[str, str]
    notes: list[Note]


def library(root: Node) -> Library:
    """The library in a file's values. Raises NotImportable where it holds no framework."""
    if not trees.is_mapping(root):
        raise NotImportable("The file is no CISO Assistant library", "choose a library's YAML file")
    notes: list[Note] = []
    objects = root.value.get("objects") or root
    found = [*_frameworks(objects)]
    if not found:
        kinds = ", ".join(sorted(trees.mapped(root, "objects"))) or "nothing that is known"
        problem = f"The file holds no framework of CISO Assistant, but {clean(kinds)[:200]}"
        raise NotImportable(problem, "choose a library with a framework and requirement nodes")
    _leave(root, _ABOUT | {"framework", "frameworks", "requirement_nodes"}, "", notes)
    if objects is not root:
        known = frozenset({"framework", "frameworks", "reference_controls", "threats"})
        _leave(objects, known, "the library's part ", notes)
    frameworks = [_framework(one, notes) for one in found]
    return Library(root, frameworks, dict(_named(objects)), notes)


def _frameworks(objects: Node) -> Iterator[Node]:
    for key in ("framework", "frameworks"):
        yield from (one for one in trees.listed(objects, key) if trees.is_mapping(one))
    if trees.is_mapping(objects) and "requirement_nodes" in objects.value:
        yield objects


def _leave(node: Node, known: frozenset[str], what: str, notes: list[Note]) -> None:
    """Notes the keys that mean nothing here."""
    if not trees.is_mapping(node):
        return
    for key, child in node.value.items():
        if key not in known and child.value not in (None, [], {}, ""):
            problem = f"{what}“{clean(key)[:60]}” has no place in riskapp; left out"
            notes.append(Note(f"line {node.keys.get(key, node.line)}", problem))


def _named(objects: Node) -> Iterator[tuple[str, str]]:
    for key in ("reference_controls", "threats"):
        for one in trees.listed(objects, key):
            name = clean(text(one, "name") or text(one, "ref_id"))
            if text(one, "urn") and name:
                yield text(one, "urn").lower(), name


def _framework(node: Node, notes: list[Note]) -> Framework:
    _leave(node, _FRAMEWORK | _ABOUT, "of the framework ", notes)
    found = Framework(node)
    by_urn: dict[str, Requirement] = {}
    last: dict[int, Requirement] = {}
    for one in trees.listed(node, "requirement_nodes"):
        if not trees.is_mapping(one):
            notes.append(Note(f"line {one.line}", "is no requirement node; left out"))
            continue
        parent = _parent(one, by_urn, last, notes)
        path = (*parent.path, parent) if parent is not None else ()
        requirement = Requirement(one, path)
        if parent is not None:
            parent.has_children = True
        urn = text(one, "urn").lower()
        if urn and urn in by_urn:
            notes.append(Note(requirement.where, "its URN stands twice; both are kept"))
        elif urn:
            by_urn[urn] = requirement
        last = {depth: kept for depth, kept in last.items() if depth < _depth(one)}
        last[_depth(one)] = requirement
        _leave(one, _NODE, "", notes)
        requirement.questions = tuple(_questions(one, urn, notes))
        found.requirements.append(requirement)
    return found


def _depth(node: Node) -> int:
    said = text(node, "depth")
    return min(int(said), 99) if said.isascii() and said.isdecimal() else 1


def _parent(
    node: Node,
    by_urn: Mapping[str, Requirement],
    last: Mapping[int, Requirement],
    notes: list[Note],
) -> Requirement | None:
    named = text(node, "parent_urn").lower()
    parent = by_urn.get(named) if named else None
    if parent is None and named:
        problem = f"names the parent “{clean(named)[:80]}”, which does not stand before it"
        notes.append(Note(f"line {node.line}", f"{problem}; it stands by its depth"))
    if parent is None:
        depths = [depth for depth in last if depth < _depth(node)]
        parent = last[max(depths)] if depths else None
    if parent is not None and len(parent.path) >= trees.DEEPEST:
        raise NotImportable("The nodes are nested too deeply", "correct their parent_urn")
    return parent


def _questions(node: Node, urn: str, notes: list[Note]) -> Iterator[Question]:
    """The questions of a node, in the form of today or in that of 2024 (“question:”)."""
    for name, one in trees.mapped(node, "questions").items():
        if trees.is_mapping(one):
            yield _question(one, name, one, notes)
    if not trees.mapped(node, "questions"):
        for number, one in enumerate(trees.listed(node, "questions"), 1):
            if trees.is_mapping(one):
                yield _question(one, text(one, "urn") or f"{urn}:question:{number}", one, notes)
            else:
                notes.append(Note(f"line {one.line}", "is no question; left out"))
    for shared in trees.listed(node, "question"):
        for number, one in enumerate(trees.listed(shared, "questions"), 1):
            yield _question(one, text(one, "urn") or f"{urn}:question:{number}", shared, notes)


def _question(node: Node, urn: str, kind: Node, notes: list[Note]) -> Question:
    _leave(node, _QUESTION | _SILENT, "of the question ", notes)
    choices = trees.listed(kind, "choices") or trees.listed(kind, "question_choices")
    required = text(node, "required").lower() != "false"
    return Question(
        urn=urn.lower(),
        kind=text(kind, "type") or text(kind, "question_type"),
        text=text(node, "text") or trees.said(node),
        note=text(node, "annotation"),
        choices=tuple(_choice(one, urn, number, notes) for number, one in enumerate(choices, 1)),
        depends_on=node.value.get("depends_on") if trees.is_mapping(node) else None,
        weight=text(node, "weight"),
        required=required,
        node=node,
    )


def _choice(node: Node, question: str, number: int, notes: list[Note]) -> Choice:
    _leave(node, _CHOICE | _SILENT, "of the choice ", notes)
    return Choice(
        urn=(text(node, "urn") or f"{question}:choice:{number}").lower(),
        label=text(node, "value") or trees.said(node) or text(node, "annotation"),
        note=text(node, "description"),
        score=text(node, "add_score"),
        result=text(node, "compute_result"),
        groups=_names(node, "select_implementation_groups"),
        line=node.line,
    )


def _names(node: Node, key: str) -> tuple[str, ...]:
    """The names in a list, or in a text with commas between them."""
    said = [trees.said(one) for one in trees.listed(node, key)]
    return tuple(name.strip() for one in said for name in one.split(",") if name.strip())


def languages(node: Node) -> frozenset[str]:
    """The languages into which anything is translated."""
    if not isinstance(node.value, dict | list):
        return frozenset()
    children = node.value.values() if isinstance(node.value, dict) else node.value
    found = frozenset(clean(name)[:20] for name in trees.mapped(node, "translations"))
    return found.union(*(languages(child) for child in children))
