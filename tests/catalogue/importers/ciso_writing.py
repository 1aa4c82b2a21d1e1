"""Writes small CISO Assistant libraries."""

from typing import Any

from tests.catalogue.importers.files import Json, Read, imported
from tests.catalogue.importers.yaml_writing import yaml_of

NODE = "urn:acme:risk:req_node:demo"


def choice(label: str, **more: Any) -> Json:
    return {"value": label, **more}


def question(kind: str, said: str, *choices: Json, **more: Any) -> Json:
    return {"type": kind, "text": said, **({"choices": list(choices)} if choices else {}), **more}


def one_of(said: str, *choices: Json, **more: Any) -> Json:
    return question("unique_choice", said, *choices, **more)


def some_of(said: str, *choices: Json, **more: Any) -> Json:
    return question("multiple_choice", said, *choices, **more)


def node(ref: str, /, *questions: Json, **more: Any) -> Json:
    """A node of this ref_id; it is assessed unless `assessable` says otherwise.

    Its questions get the URNs …:question:1, …, and their choices …:choice:1, …
    """
    urn = f"{NODE}:{ref.lower()}"
    found: Json = {"urn": urn, "assessable": True, "depth": 1, "ref_id": ref, **more}
    for number, one in enumerate(questions, 1):
        named = f"{urn}:question:{number}"
        for at, each in enumerate(one.get("choices", ()), 1):
            each.setdefault("urn", f"{named}:choice:{at}")
        found.setdefault("questions", {})[named] = one
    return found


def title(ref: str, said: str, /, **more: Any) -> Json:
    """A node that is no requirement but a heading."""
    return node(ref, assessable=False, name=said, **more)


def below(parent: str, ref: str, /, *questions: Json, **more: Any) -> Json:
    """A node whose parent has this ref_id."""
    more = {"depth": 2, **more}
    return node(ref, *questions, parent_urn=f"{NODE}:{parent.lower()}", **more)


def depends(ref: str, /, *answers: int, number: int = 1, condition: str = "any") -> Json:
    """What a question depends on: these choices of a question of the node of this ref_id."""
    urn = f"{NODE}:{ref.lower()}:question:{number}"
    return {
        "question": urn,
        "answers": [f"{urn}:choice:{answer}" for answer in answers],
        "condition": condition,
    }


def values(
    *nodes: Json, framework: Json | None = None, objects: Json | None = None, **more: Any
) -> Json:
    """What stands in a library with these nodes."""
    made = {
        "urn": "urn:acme:risk:framework:demo",
        "ref_id": "DEMO",
        "name": "Demo framework",
        "requirement_nodes": list(nodes),
        **(framework or {}),
    }
    return {
        "urn": "urn:acme:risk:library:demo",
        "locale": "en",
        "ref_id": "DEMO",
        "name": "Demo library",
        "version": 3,
        "provider": "Acme",
        "packager": "acme",
        "objects": {"framework": made, **(objects or {})},
        **more,
    }


def library(*nodes: Json, **more: Any) -> str:
    return yaml_of(values(*nodes, **more))


def ciso(*nodes: Json, **more: Any) -> Read:
    return imported("ciso", library(*nodes, **more), "theirs.yaml")
