"""A vendor's respondent in a browser without JavaScript: opens the link, fills forms, presses."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from sqlalchemy import text

from riskapp.answers.queries import answers
from riskapp.core.db import Base, reading
from tests.conftest import Client

XHTML = "{http://www.w3.org/1999/xhtml}"
Fields = dict[str, list[str]]


def form_of(page: str, action_ends: str = "") -> Fields:
    """The fields that a browser would send with the first form whose action ends so."""
    main = html5lib.parse(page).find(f".//{XHTML}main")
    assert main is not None
    for form in main.iter(f"{XHTML}form"):
        if form.get("action", "").endswith(action_ends):
            return _fields(form)
    raise AssertionError(f"no form leads to {action_ends}")


def _fields(form: Element) -> Fields:
    found: Fields = {}
    for element in form.iter():
        name, kind = element.get("name"), element.get("type", "")
        if name is None or kind in {"submit", "file"}:
            continue
        match element.tag.removeprefix(XHTML):
            case "input" if kind not in {"radio", "checkbox"} or "checked" in element.attrib:
                found.setdefault(name, []).append(element.get("value", ""))
            case "textarea":
                found.setdefault(name, []).append("".join(element.itertext()))
            case "select":
                options = list(element.iter(f"{XHTML}option"))
                chosen = [one for one in options if "selected" in one.attrib] or options[:1]
                found.setdefault(name, []).append(chosen[0].get("value", ""))
    return found


def changed(fields: Fields, changes: dict[str, Any]) -> Fields:
    """With other values; None takes a field away."""
    known = {name: value for name, value in fields.items() if name not in changes}
    for name, value in changes.items():
        if value is not None:
            known[name] = value if isinstance(value, list) else [value]
    return known


def said(page: str) -> str:
    """The words of a page without its marks, on one line."""
    body = html5lib.parse(page).find(f"{XHTML}body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


@dataclass
class Respondent:
    """Somebody with a link, in one browser."""

    client: Client
    base: str

    def get(self, path: str = "") -> Any:
        return self.client.get(self.base + path)

    def post(self, path: str, data: Any = None, **how: Any) -> Any:
        return self.client.post(self.base + path, data=data, **how)

    def fill(self, path: str, changes: dict[str, Any], press: str = "stay") -> Any:
        """Loads a section, changes some fields and presses a button."""
        fields = form_of(self.get(path).text, path)
        return self.post(path, changed(fields, {**changes, "next": press}))

    def save(self, question: str, changes: dict[str, Any]) -> Any:
        """What the page's script sends for one question."""
        data = {f"q-{question}-{name}": value for name, value in changes.items()}
        headers = {"Accept": "application/json"}
        return self.post(f"answers/{question}", data, headers=headers)

    def attach(self, question: str, file: Any, *, replaces: str = "", **fields: str) -> Any:
        data = {"issued_on": "2026-10-01", **fields, "file": file}
        instead = f"?replaces={replaces}" if replaces else ""
        there = f"evidence/{question}{instead}"
        return self.post(there, data, content_type="multipart/form-data")


def start(app: Flask, token: str) -> Respondent:
    """Presses Start in a browser of its own."""
    client = app.test_client()
    assert isinstance(client, Client)
    begun = client.post(f"/i/{token}")
    assert begun.status_code == 302
    return Respondent(client, begun.headers["Location"])


def count(app: Flask, table: str) -> int:
    with app.app_context():
        rows = reading().execute(text(f"SELECT count(*) FROM {table}"))
        return int(rows.scalar() or 0)


def everywhere(app: Flask) -> dict[str, int]:
    """How many rows there are in every table."""
    with app.app_context():
        return {table.name: count(app, table.name) for table in Base.metadata.sorted_tables}


def stored(app: Flask, question: str) -> Any:
    with app.app_context():
        of = reading().execute(text("SELECT DISTINCT assessment_id FROM answer")).scalars().one()
        return answers(reading(), of)[question]
