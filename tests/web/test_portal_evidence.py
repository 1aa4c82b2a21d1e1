"""Proof: attached with its dates, listed, replaced, removed; what is refused leaves nothing."""

import io
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import EnvironBuilder, run_wsgi_app

from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.evidence.opening import open_file
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.conftest import Client, Place, StoppedClock, dispose, make_app
from tests.stages import PDF, issued
from tests.web.portal import Respondent, count, form_of, said, start

PAGE = "evidence/ISM-01"
JSON = {"Accept": "application/json"}


@pytest.fixture
def vera(app: Flask, cast: Cast) -> Respondent:
    with app.app_context():
        return start(app, issued(cast.vera, cast.oskar).token)


def pdf(name: str = "certificate.pdf", content: bytes = PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def files(app: Flask) -> Sequence[EvidenceRow]:
    with app.app_context():
        of = reading().execute(text("SELECT assessment_id FROM invitation")).scalars().one()
        return of_assessment(reading(), of)


def blobs(app: Flask) -> list[str]:
    with app.app_context():
        return list(ports().blobs.names())


def nothing_kept(app: Flask) -> bool:
    folder = app.extensions["riskapp"].settings.instance / "evidence"
    left = [path for path in folder.rglob("*") if path.is_file()]
    return not left and count(app, "evidence") == count(app, "wrapped_key") == 0


def test_a_file_is_attached_and_listed_with_its_dates(app: Flask, vera: Respondent) -> None:
    reply = vera.attach("ISM-01", pdf("Zertifikat ü.pdf"), valid_until="2027-03-31")
    assert reply.status_code == 302
    words = said(vera.get(PAGE).text)
    assert "Received: Zertifikat ü.pdf" in words
    assert "issued 1 October 2026, valid until 31 March 2027" in words
    assert "Zertifikat ü.pdf" in vera.get("iso-27001/certification").text
    assert "Zertifikat ü.pdf" in vera.get("all").text
    (file,) = files(app)
    assert (file.issued_on, file.valid_until) == (date(2026, 10, 1), date(2027, 3, 31))
    with app.app_context():
        opened = open_file(
            file.evidence_id,
            1,
            assessment_id=_assessment(),
            blobs=ports().blobs,
            keyring=ports().keyring,
            actor=Actor("operator", None),
            now=ports().clock.now(),
        )
        assert b"".join(opened.pieces()) == PDF


def _assessment() -> str:
    return str(reading().execute(text("SELECT assessment_id FROM invitation")).scalars().one())


def test_a_file_can_be_replaced(app: Flask, vera: Respondent) -> None:
    vera.attach("ISM-01", pdf("old.pdf"))
    (old,) = files(app)
    page = vera.get(f"{PAGE}?replaces={old.use_id}")
    assert "Replace old.pdf" in said(page.text)
    assert form_of(page.text, f"{PAGE}?replaces={old.use_id}")
    vera.attach("ISM-01", pdf("new.pdf"), replaces=old.use_id)
    left_open = vera.get(f"{PAGE}?replaces={old.use_id}")  # in a tab, since before
    assert left_open.status_code == 409
    assert "was replaced or removed in the meantime" in left_open.text
    (new,) = files(app)
    assert (new.name, new.evidence_id, new.version) == ("new.pdf", old.evidence_id, 2)
    assert blobs(app) == [new.blob]


def test_a_file_can_be_removed(app: Flask, vera: Respondent) -> None:
    vera.attach("ISM-01", pdf())
    (file,) = files(app)
    assert vera.post(f"{PAGE}/{file.use_id}/remove").status_code == 302
    assert not files(app)
    assert not blobs(app)
    assert "Nothing is attached yet" in vera.get(PAGE).text
    assert vera.post(f"{PAGE}/{file.use_id}/remove").status_code == 404


def test_a_file_on_another_question_is_not_found_here(app: Flask, vera: Respondent) -> None:
    vera.attach("ISM-01", pdf())
    (file,) = files(app)
    assert vera.post(f"evidence/ISM-02/{file.use_id}/remove").status_code == 404
    assert vera.get(f"evidence/ISM-02?replaces={file.use_id}").status_code == 404
    assert vera.attach("ISM-04", pdf(), replaces=file.use_id).status_code == 404
    assert [one.use_id for one in files(app)] == [file.use_id]
    assert blobs(app) == [file.blob]
    assert vera.get(f"{PAGE}/{file.use_id}/remove").status_code in {404, 405}


@pytest.mark.parametrize(
    ("file", "fields", "words"),
    [
        (pdf("script.html"), {}, "Files of this type are not taken"),
        (pdf("picture.png"), {}, "The file is not what its name says (.png)"),
        (pdf("empty.pdf", b""), {}, "The file is empty"),
        (pdf("page.txt", b"<html>"), {}, "The file is a web page or drawing"),
        (pdf(), {"issued_on": ""}, "Enter the day on which the document was issued."),
        (pdf(), {"issued_on": "2026-02-30"}, "That is no day of the calendar."),
        (pdf(), {"issued_on": "2026-11-24"}, "The day of issue cannot lie in the future."),
        (pdf(), {"valid_until": "2026-09-30"}, "cannot lie before the day of issue"),
    ],
)
def test_what_is_refused_is_named_and_leaves_nothing(
    app: Flask,
    vera: Respondent,
    file: tuple[io.BytesIO, str],
    fields: dict[str, str],
    words: str,
) -> None:
    again = (io.BytesIO(file[0].getvalue()), file[1])
    reply = vera.attach("ISM-01", again, **fields)
    assert reply.status_code == 422
    assert words in said(reply.text)
    typed = form_of(reply.text, PAGE)
    assert typed["issued_on"] == [fields.get("issued_on", "2026-10-01")]
    assert nothing_kept(app)


def test_no_file_chosen_is_said(app: Flask, vera: Respondent) -> None:
    reply = vera.attach("ISM-01", (io.BytesIO(b""), ""))
    assert reply.status_code == 400
    assert "No file was sent" in reply.text
    assert vera.post(PAGE, {"issued_on": "2026-10-01"}).status_code == 400
    assert nothing_kept(app)


def test_too_large_a_file_is_refused(place: Place, clock: StoppedClock, cast: Cast) -> None:
    app = make_app(
        place.instance, place.url, clock=clock, upload_limit=2000, base_url="http://localhost"
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        vera = start(app, issued(cast.vera, cast.oskar).token)
    for size in (2001, 400_000):
        reply = vera.attach("ISM-01", pdf(content=PDF + b" " * size))
        assert reply.status_code == 413
        assert "The file is too large: at most 2 KiB are taken." in said(reply.text)
        assert nothing_kept(app)
    assert vera.attach("ISM-01", pdf(content=PDF.ljust(2000))).status_code == 302
    dispose(app)


def test_a_vendor_has_a_quota(place: Place, clock: StoppedClock, cast: Cast) -> None:
    app = make_app(
        place.instance, place.url, clock=clock, vendor_quota=100, base_url="http://localhost"
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        vera = start(app, issued(cast.vera, cast.oskar).token)
    assert vera.attach("ISM-01", pdf(content=PDF.ljust(60))).status_code == 302
    reply = vera.attach("ISM-01", pdf(content=PDF.ljust(60)))
    assert reply.status_code == 413
    assert "only 40 bytes are left" in said(reply.text)
    assert vera.attach("ISM-01", pdf(content=PDF[:40])).status_code == 302
    full = vera.attach("ISM-01", pdf())
    assert full.status_code == 413
    assert "100 bytes, and that is used up" in said(full.text)
    assert len(files(app)) == 2
    dispose(app)


def test_an_upload_that_broke_off_leaves_nothing(app: Flask, vera: Respondent) -> None:
    builder = EnvironBuilder(
        path=vera.base + PAGE,
        method="POST",
        data={"issued_on": "2026-10-01", "file": pdf(content=PDF * 1000)},
    )
    environ = builder.get_environ()
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body[: len(body) // 2])
    cookie = vera.client.get_cookie("riskapp_respondent", path=vera.base.rstrip("/"))
    assert cookie is not None
    environ["HTTP_COOKIE"] = f"riskapp_respondent={cookie.value}"
    page, status, _ = run_wsgi_app(app.wsgi_app, environ)
    assert status.startswith("400")
    assert "The upload broke off" in b"".join(page).decode()
    assert nothing_kept(app)


class Slow(io.BytesIO):
    """A body that takes an hour to come."""

    def __init__(self, content: bytes, clock: StoppedClock) -> None:
        super().__init__(content)
        self._clock = clock

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() == 0:
            self._clock.pass_by(hours=1)
        return super().read(size)


def test_a_file_is_kept_as_of_when_all_of_it_had_come(
    app: Flask, vera: Respondent, clock: StoppedClock
) -> None:
    form = EnvironBuilder(method="POST", data={"issued_on": "2026-10-01", "file": pdf()})
    environ = form.get_environ()
    begun = clock.time
    reply = vera.post(
        PAGE,
        input_stream=Slow(environ["wsgi.input"].read(), clock),
        content_type=environ["CONTENT_TYPE"],
        environ_overrides={"CONTENT_LENGTH": environ["CONTENT_LENGTH"]},
    )
    assert reply.status_code == 302
    (file,) = files(app)
    assert file.uploaded_at == file.added_at == begun + timedelta(hours=1)


def test_the_script_gets_an_address_or_an_error(app: Flask, vera: Respondent) -> None:
    good = {"issued_on": "2026-10-01", "file": pdf()}
    reply = vera.post(PAGE, good, content_type="multipart/form-data", headers=JSON)
    assert reply.json == {"href": vera.base + PAGE}
    bad = {"issued_on": "", "file": pdf()}
    refused = vera.post(PAGE, bad, content_type="multipart/form-data", headers=JSON)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "issued_on"
    assert len(files(app)) == 1


def test_an_upload_needs_the_forms_token(app: Flask, vera: Respondent) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    reply = vera.attach("ISM-01", pdf())
    assert reply.status_code == 400
    assert "This form is too old" in reply.text
    assert nothing_kept(app)
    token = form_of(vera.get(PAGE).text, PAGE)["csrf_token"][0]
    assert vera.attach("ISM-01", pdf(), csrf_token=token).status_code == 302


def test_a_save_needs_the_forms_token(app: Flask, vera: Respondent) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert vera.save("ISM-04", {"value": "yes", "rev": "0"}).status_code == 400
    assert vera.fill("iso-27001/governance", {"q-ISM-04-value": "yes"}).status_code == 302


def test_the_button_saves_the_section_and_leads_to_the_files(app: Flask, vera: Respondent) -> None:
    reply = vera.fill("iso-27001/governance", {"q-ISM-04-value": "yes"}, "evidence:ISM-04")
    assert reply.headers["Location"] == f"{vera.base}evidence/ISM-04"
    assert count(app, "answer") == 1


def test_two_vendors_files_never_meet(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        mallory = start(app, issued(cast.mallory, cast.oskar).token)
        other = start(app, issued(cast.vera, cast.oskar).token)
    mallory.attach("ISM-01", pdf("secret.pdf"))
    assert "secret.pdf" not in other.get(PAGE).text
    assert "secret.pdf" not in other.get("all").text
