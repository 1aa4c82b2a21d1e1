"""How a VSAQ file is laid out: its blocks as sections, its items in order, extensions put in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from riskapp.catalogue.importers import trees
from riskapp.catalogue.importers.common import Note, NotImportable
from riskapp.catalogue.importers.trees import text
from riskapp.catalogue.importers.vsaq import loose_json
from riskapp.catalogue.importers.words import plain
from riskapp.catalogue.lines import Node

LONGEST_HEADING = 80
"""A longer text of a block is no heading but says something."""


@dataclass(slots=True)
class Found:
    """An item that is no block. `conditions` are its own and those of the blocks around it.

    `heading` is the title of the block it stands in, where that block is no section.
    """

    node: Node
    kind: str
    section: int
    heading: str
    block: int
    conditions: tuple[str, ...]

    @property
    def id(self) -> str:
        return text(self.node, "id")

    @property
    def where(self) -> str:
        return place(self.node)


@dataclass(slots=True)
class Heading:
    """A section that is to be: `domain` is the title of the outermost block around it."""

    title: str
    domain: str


@dataclass(slots=True)
class Layout:
    title: str = ""
    header: str = ""
    version: str = ""
    sections: list[Heading] = field(default_factory=list)
    items: list[Found] = field(default_factory=list)
    blocks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The conditions of the blocks that have an id."""
    notes: list[Note] = field(default_factory=list)


def place(node: Node) -> str:
    name = text(node, "id")
    return f"line {node.line} ({name})" if name else f"line {node.line}"


def layout(content: str, extensions: Sequence[str] = ()) -> Layout:
    """What stands in a file, extended by others. Raises NotImportable where it is no VSAQ file."""
    loose = loose_json.read(content)
    found = Layout(header=loose.header)
    found.notes += [
        Note(f"line {line}", f"the comment “{words[:60]}” is left out")
        for line, words in loose.comments
    ]
    roots = _roots(loose.root)
    version = text(loose.root, "version")
    found.version = version
    parts = [loose_json.read(one).root for one in extensions]
    if trees.is_mapping(loose.root) and "extensions" in loose.root.value:
        parts.insert(0, loose.root)
    for part in parts:
        _extend(roots, part, version)
    _Walk(found).all(roots)
    return found


def _roots(root: Node) -> list[Node]:
    if isinstance(root.value, list):
        return list(root.value)
    if trees.is_mapping(root) and "questionnaire" in root.value:
        return trees.listed(root, "questionnaire")
    if trees.is_mapping(root) and "extensions" in root.value:
        problem = "The file is an extension of another questionnaire"
        raise NotImportable(problem, "import that questionnaire together with the extension")
    raise NotImportable("The file is no VSAQ questionnaire", "choose a file with “questionnaire”")


def _extend(roots: list[Node], part: Node, version: str) -> None:
    """Puts the items of an extension before or behind the items that they name."""
    if text(part, "version") != version:
        problem = f"The extension is for version {text(part, 'version') or 'unknown'}"
        raise NotImportable(problem, f"use one for version {version or 'unknown'}")
    namespace = text(part, "namespace")
    for item in trees.listed(part, "extensions"):
        before, after = text(item, "insertBefore"), text(item, "insertAfter")
        if bool(before) == bool(after):
            problem = f"The extension's item on line {item.line} names no place, or two"
            raise NotImportable(problem, "give it either insertBefore or insertAfter")
        if namespace:
            _rename(item, namespace)
        if not _inserted(roots, item, before or after, behind=bool(after)):
            problem = f"The extension names “{before or after}”, which the questionnaire has not"
            raise NotImportable(problem, "correct insertBefore or insertAfter")


def _rename(item: Node, namespace: str) -> None:
    """Puts the namespace before the ids of an item, of those in it and of its choices."""
    if not trees.is_mapping(item):
        return
    if text(item, "id"):
        item.value["id"] = Node(item.value["id"].line, f"{namespace}:{text(item, 'id')}")
    for choice in trees.listed(item, "choices"):
        if trees.is_mapping(choice):
            choice.value = {f"{namespace}:{key}": one for key, one in choice.value.items()}
    for child in trees.listed(item, "items"):
        _rename(child, namespace)


def _inserted(items: list[Node], new: Node, target: str, *, behind: bool) -> bool:
    for index, item in enumerate(items):
        if not trees.is_mapping(item):
            continue
        if text(item, "id") == target:
            items.insert(index + behind, new)
            return True
        inner = item.value.get("items")
        if (
            inner is not None
            and isinstance(inner.value, list)
            and _inserted(inner.value, new, target, behind=behind)
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Around:
    """What the blocks around an item say of it; without a section, blocks become sections."""

    section: int | None
    domain: str
    heading: str
    conditions: tuple[str, ...]


class _Walk:
    """Goes through the blocks. One that holds but blocks is no section; the blocks in it are."""

    def __init__(self, found: Layout) -> None:
        self.found = found
        self.blocks = 0

    def all(self, roots: list[Node]) -> None:
        around = _Around(None, "", "", ())
        if len(roots) == 1 and _is_block(roots[0]):
            root = roots[0]
            self.found.title = _title(root)
            if any(_is_block(child) for child in trees.listed(root, "items")):
                conditions = self._enter(root, ())
                roots = [] if conditions is None else trees.listed(root, "items")
                around = _Around(None, "", "", conditions or ())
        self._inside(roots, around)

    def _enter(self, block: Node, around: tuple[str, ...]) -> tuple[str, ...] | None:
        """The conditions inside a block; None where vendors never see it."""
        hidden = _hidden(block)
        if hidden:
            problem = f"the block “{_title(block)}” {hidden}; it is left out with all that is in it"
            self._note(block, problem)
            return None
        if text(block, "type") != "block":
            self._note(block, f"is of the unknown type “{text(block, 'type')}”; read as a block")
        own = text(block, "cond").strip()
        conditions = (*around, own) if own else around
        name = text(block, "id")
        if name:
            self.found.blocks.setdefault(name, conditions)
        return conditions

    def _note(self, item: Node, problem: str) -> None:
        self.found.notes.append(Note(place(item), problem))

    def _inside(self, items: list[Node], around: _Around) -> None:
        self.blocks += 1
        block = self.blocks
        between: int | None = None  # a section for what stands between blocks that are sections
        for item in items:
            if not trees.is_mapping(item):
                self._note(item, "is no item; left out")
            elif _is_block(item):
                self._block(item, around)
                between = None
            elif _hidden(item):
                self._note(item, f"{_hidden(item)}; it is left out")
            else:
                section = around.section if around.section is not None else between
                if section is None and text(item, "type") != "info":
                    section = between = self._opened(around.domain, around.domain)
                self._item(item, around, section, block)

    def _opened(self, title: str, domain: str) -> int:
        title = title or self.found.title
        self.found.sections.append(Heading(title, domain or title))
        return len(self.found.sections) - 1

    def _block(self, block: Node, around: _Around) -> None:
        conditions = self._enter(block, around.conditions)
        if conditions is None:
            return
        children, title = trees.listed(block, "items"), _title(block)
        domain = around.domain or title
        section, heading = around.section, ""
        if section is not None:
            heading = title or around.heading
        elif not _only_blocks(children):
            section = self._opened(title, domain)
        self._inside(children, _Around(section, domain, heading, conditions))

    def _item(self, item: Node, around: _Around, section: int | None, block: int) -> None:
        """Without a section an info stands before the next one."""
        own = text(item, "cond").strip()
        conditions = (*around.conditions, own) if own else around.conditions
        at = len(self.found.sections) if section is None else section
        kind = text(item, "type")
        self.found.items.append(Found(item, kind, at, around.heading, block, conditions))


def _is_block(item: Node) -> bool:
    if not trees.is_mapping(item):
        return False
    return text(item, "type") == "block" or ("items" in item.value and "choices" not in item.value)


def _only_blocks(items: list[Node]) -> bool:
    others = [item for item in items if not _is_block(item)]
    infos = all(trees.is_mapping(item) and text(item, "type") == "info" for item in others)
    return infos and len(items) - len(others) > 1


def _title(block: Node) -> str:
    return plain(text(block, "text"))


def _hidden(item: Node) -> str:
    """Why an item is not for vendors; nothing where it is."""
    if text(item, "auth") == "admin":
        return "is for reviewers only (auth: admin)"
    if text(item, "className") == "vsaq-invisible":
        return "is never shown (className: vsaq-invisible)"
    return ""
