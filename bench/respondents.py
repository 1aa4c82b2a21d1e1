"""Respondents' browsers: the requests by which `answers.js` saves one answer after another."""

import re
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from bench.house import Respondent
from bench.wire import Wire
from riskapp.assessments.queries import assessment, releases
from riskapp.catalogue.model import Choice, Maturity, Question, Text, YesNo, YesPartlyNo
from riskapp.catalogue.visible import asked
from riskapp.core.db import reading
from riskapp.web.ports import ports
from tests.stages import good_answer

_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
_COOKIE = re.compile(rb"set-cookie: (riskapp_form=[^;]+)", re.IGNORECASE)


def simple_questions(who: Respondent) -> list[tuple[Question, Any]]:
    """Questions asked from the start whose form has one value, with an answer to each."""
    row = assessment(reading(), who.assessment_id)
    assert row is not None
    sent = releases(reading(), ports().library, row.id)
    return [
        (question, good_answer(question))
        for release in sent
        for question in asked(release, row.facts, {})
        if isinstance(question.answer, YesNo | YesPartlyNo | Choice | Maturity | Text)
    ]


@dataclass
class Browser:
    """A respondent's browser on one keep-alive connection; knows each answer's revision."""

    who: Respondent
    questions: list[tuple[Question, Any]]
    wire: Wire
    origin: str
    head: bytes = b""
    token: str = ""
    cookies: str = ""
    saves: int = 0

    def copy(self) -> Self:
        """The same browser before its first save."""
        return replace(self, saves=0)

    def open(self) -> None:
        """Loads the first section, and keeps its session cookie and CSRF token."""
        for release in ports().library.current.releases:
            if self.questions[0][0].id in release.questions:
                place = f"{release.id}/{release.sections[0].id}"
        cookie = f"riskapp_respondent={self.who.session}"
        page = self.wire.ask(
            f"GET /p/{self.who.invitation_id}/{place} HTTP/1.1\r\n"
            f"Host: {self.origin.removeprefix('http://')}\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        form, token = _COOKIE.search(page.head), _TOKEN.search(page.body)
        assert page.status == 200
        assert form
        assert token
        self.token = token[1].decode()
        self.cookies = f"{cookie}; {form[1].decode()}"
        referer = f"{self.origin}/p/{self.who.invitation_id}/{place}"
        self.head = (
            f"Host: {self.origin.removeprefix('http://')}\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
            "Accept: application/json\r\nAccept-Language: en-GB,en;q=0.5\r\n"
            "Accept-Encoding: gzip, deflate\r\n"
            "Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n"
            f"Origin: {self.origin}\r\nReferer: {referer}\r\n"
            "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: {self.cookies}\r\n"
        ).encode()

    def next_save(self) -> bytes:
        """The next save: every question in turn, each time with another comment."""
        number, at = divmod(self.saves, len(self.questions))
        question, value = self.questions[at]
        prefix = f"q-{question.id}-"
        body = urlencode(
            {
                "csrf_token": self.token,
                f"{prefix}rev": number,
                f"{prefix}value": value,
                f"{prefix}na-reason": "",
                f"{prefix}comment": comment(number + 1),
            }
        ).encode()
        self.saves += 1
        return (
            f"POST /p/{self.who.invitation_id}/answers/{question.id} HTTP/1.1\r\n".encode()
            + self.head
            + b"Content-Length: %d\r\n\r\n" % len(body)
            + body
        )


def comment(revision: int) -> str:
    return f"As revised for the {revision}. time, after a word with a colleague."
