"""Somebody is erased, also from what other rooms wrote down."""

from flask import Flask

from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.custody.people import erase_person
from riskapp.packs.queries import made as packs_made
from tests.accounts.test_erasing import everything
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.web import packs
from tests.web.auditor import PURPOSE, grant
from tests.web.desk import words


def test_packs_that_an_auditor_made_name_them_no_more(
    app: Flask, client: Client, cast: Cast
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    found = packs.decided(app, cast)
    with app.app_context():
        grant(cast, cast.vera, found)
    own = f"/auditor/assessments/{found}/pack"
    mine = packs.made(client.as_(cast.audrey).post(own, data={"then": "whole"}))
    theirs = packs.make(client.as_(cast.oskar), found)
    with app.app_context():
        assert "audrey" in everything().lower()
        erase_person(cast.audrey.id, actor=OPERATOR, now=NOW)
        assert "audrey" not in everything().lower()
        rows = {one.id: one for one in packs_made(reading(), cast.vera.vendor_id)}
    assert (rows[mine].recipient, rows[mine].purpose) == ("", PURPOSE)
    assert rows[theirs].recipient == packs.TERMS["recipient"]
    page = words(client.get(f"/desk/packs/{mine}"))
    assert "For whom Erased" in page
    assert client.get(f"/desk/packs/{mine}/download").status_code == 409
