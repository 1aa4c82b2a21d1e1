"""What officer, vendor and auditor do in a browser, in the words of the pages."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from riskapp.catalogue.library import Library
from riskapp.catalogue.model import (
    Choice,
    Countries,
    Date,
    Maturity,
    Multiple,
    Question,
    Table,
    YesNo,
    YesPartlyNo,
)
from tests.cast import INTAKE, PASSWORD
from tests.journeys.conftest import today
from tests.stages import good_answer

CERTIFICATE = b"%PDF-1.7\n" + b"certificate of an accredited body\n" * 500 + b"%%EOF\n"


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def register(page: Page) -> None:
    """A vendor with a contact, and an engagement."""
    page.goto("/desk/vendors/new")
    page.get_by_label("Name", exact=True).fill("Windrose Coding sp. z o.o.")
    page.get_by_label("Country of its seat").select_option("PL")
    page.get_by_label("Name of the contact").fill("Vera Wrona")
    page.get_by_label("E-mail address").fill("vera@windrose.example")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("h1")).to_have_text("Windrose Coding sp. z o.o.")
    page.get_by_role("link", name="Register an engagement").first.click()
    page.get_by_label("What is bought, in short").fill("Development of the loan app")
    page.get_by_label("Description").fill("Two teams in Gdansk build and maintain it.")
    page.get_by_label("Development", exact=True).check()
    page.get_by_label("Country 1").select_option("PL")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("h1")).to_have_text("Intake: Development of the loan app")


def answer_intake(page: Page, library: Library) -> None:
    """On the page to which registering an engagement leads."""
    for question in library.current.intake.questions.values():
        give(page, question, INTAKE[question.id])
    page.get_by_role("button", name="Save and see the inherent risk").click()


def issue(page: Page) -> str:
    """Asks about security and data protection only, of all that is proposed; gives the link."""
    page.get_by_role("link", name="New assessment").first.click()
    security = page.get_by_role("region", name="Information security management")
    expect(security.get_by_label("As proposed: 30 questions")).to_be_checked()
    for name in ("Access and environments", "Intellectual property", "Service operation"):
        page.get_by_role("region", name=name).get_by_label("Not asked").check()
    page.get_by_role("button", name="Count again").click()
    expect(page.get_by_text("Together: 62 questions")).to_be_visible()
    page.get_by_label("Why your choice differs").fill("Operation is asked with the renewal.")
    page.get_by_label("Due").fill((today() + timedelta(days=20)).date().isoformat())
    page.get_by_label("Recipient").fill("vera@windrose.example")
    page.get_by_role("button", name="Issue").click()
    return page.get_by_label("Link for vera@windrose.example").input_value()


def give(page: Page, question: Question, value: Any) -> None:
    """Fills in one question."""
    at = f"q-{question.id}-"
    match question.answer:
        case YesNo() | YesPartlyNo() | Choice() | Maturity():
            page.check(f'input[name="{at}value"][value="{value}"]')
        case Multiple():
            for one in value:
                page.check(f'input[name="{at}value"][value="{one}"]')
        case Countries():
            page.locator(f'select[name="{at}value"]').first.select_option(value[0])
        case Table() if value == []:
            page.check(f'input[name="{at}nothing-to-list"]')
        case Table() as table:
            for column in table.columns:
                field = page.locator(f'[name="{at}row-1-{column.id}"]').first
                text = value[0].get(column.id, "")
                if column.type in {"country", "choice"}:
                    field.select_option(text)
                else:
                    field.fill(text)
        case Date():
            page.fill(f'[name="{at}value"]', (today() + timedelta(days=300)).date().isoformat())
        case _:
            page.fill(f'[name="{at}value"]', str(value))


def answer_sections(page: Page, library: Library, *, scripts: bool, badly: dict[str, Any]) -> int:
    """Answers every section from the list of sections; gives the number of questions answered."""
    questions = {
        name: question
        for release in library.current.releases
        for name, question in release.questions.items()
    }
    page.get_by_role("heading", level=1).wait_for()
    home, done = page.url, set[str]()
    for _ in range(40):
        page.goto(home)
        links = page.locator("main a[href*='/p/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        sections = [link for link in links if _is_section(link) and link not in done]
        if not sections:
            return _answered(page)
        page.goto(sections[0])
        done.add(sections[0])
        _answer_section(page, questions, scripts=scripts, badly=badly)
    raise AssertionError("the sections do not come to an end")


def _is_section(link: str) -> bool:
    return "/iso-27001/" in link or "/gdpr-processor/" in link


def _answer_section(
    page: Page, questions: dict[str, Question], *, scripts: bool, badly: dict[str, Any]
) -> None:
    """With scripts every answer saves itself; without, the button saves the section."""
    for _ in range(3):
        answered = 0
        for fieldset in page.locator("fieldset[data-question]:not([hidden])").all():
            name = fieldset.get_attribute("data-question") or ""
            if fieldset.locator(f'input[name="q-{name}-rev"]').input_value() != "0":
                continue
            give(page, questions[name], badly.get(name, good_answer(questions[name])))
            answered += 1
            if scripts:
                page.locator("h1").click()  # a text field saves when it is left
                expect(page.locator(f"#q-{name}-status")).to_contain_text("Saved")
        if not answered:
            return
        if not scripts:
            page.get_by_role("button", name="Save and stay here").click()
            page.wait_for_load_state()


def _answered(page: Page) -> int:
    text = page.get_by_text("questions answered").first.inner_text()
    done, _, rest = text.partition(" of ")
    assert done == rest.split()[0], text
    return int(done)


def attach(page: Page, name: str = "certificate.pdf") -> None:
    """On the page of one question's files."""
    page.get_by_label("Issued on").fill((today() - timedelta(days=30)).date().isoformat())
    page.get_by_role("textbox", name="Valid until").fill(
        (today() + timedelta(days=700)).date().isoformat()
    )
    file = {"name": name, "mimeType": "application/pdf", "buffer": CERTIFICATE}
    page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("heading", name="Attached", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    page.wait_for_load_state()


def send_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Vera Wrona")
    page.get_by_label("Your role").fill("Security lead")
    page.get_by_role("button", name="Send in").click()
    expect(page.locator("h1")).to_have_text("Your answers have arrived")


def review(page: Page, assessment: str, question: str, button: str, note: str = "") -> None:
    """One action on one answer, from its own page."""
    page.goto(f"{assessment}/questions/{question}")
    if note:
        page.locator("textarea[name=note]").fill(note)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("heading", name="What was done")).to_be_visible()


def shown_score(page: Page, assessment: str) -> float:
    page.goto(f"{assessment}/score")
    words = page.locator(".tier").first.inner_text().split()
    return float(words[-1])


def download(page: Page, to: Path) -> Path:
    """Takes the pack on whose page one is."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download", exact=True).click()
    waiting.value.save_as(to)
    return to
