"""Uploads of foreign questionnaires, and what became of them."""

import io
from typing import Any

from flask import Flask

from riskapp.core.db import reading
from riskapp.releases.queries import WaitingDraft, draft, drafts
from tests import foreign
from tests.conftest import Client
from tests.web.desk import words
from tests.web.portal import form_of

IMPORT = "/questionnaires/import"


def send(client: Client, form: str = "vsaq", content: bytes | None = None, **more: Any) -> Any:
    name, usual = foreign.FILES[form]
    data = {"from": form, **more}
    data["file"] = (io.BytesIO(usual if content is None else content), more.pop("name", name))
    data.pop("name", None)
    return client.post(IMPORT, data=data, content_type="multipart/form-data")


def sent(client: Client, *how: Any, **more: Any) -> str:
    """The address of the draft that an upload becomes."""
    response = send(client, *how, **more)
    assert response.status_code == 303, words(response)[:500]
    return str(response.headers["Location"])


def waiting(app: Flask) -> list[WaitingDraft]:
    with app.app_context():
        return list(drafts(reading()))


def source_of(app: Flask, here: str) -> str:
    with app.app_context():
        found = draft(reading(), here.rpartition("/")[2])
    assert found is not None
    return found.source


def seen(client: Client, here: str) -> str:
    """The mark of a draft, as its page carries it."""
    return str(form_of(client.get(here).text, "/publish")["seen"][0])
