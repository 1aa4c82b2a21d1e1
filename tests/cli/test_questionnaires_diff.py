"""`questionnaires diff`: what changed between two releases, and who would land in another tier."""

from pathlib import Path

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.audit.service import OPERATOR
from riskapp.releases.service import publish
from riskapp.web.ports import ports
from tests import small
from tests.cast import NOW, Cast
from tests.catalogue import writing
from tests.cli.runs import lines, refused, run
from tests.small import app

__all__ = ["app"]

DIFF = ("questionnaires", "diff", small.NAME)
HEAD = "small@2026.1 → small@2026.2"


def drafted(folder: Path, *, weight: int = 3, name: str = "draft.yaml", **more: object) -> Path:
    """A file with the small questionnaire, a new question in it, and one that weighs otherwise."""
    questions = [dict(one) for one in small.QUESTIONS]
    questions[3]["weight"] = weight
    new = writing.question("SML-20", weight=5, knockout={"level": "critical"})
    content = writing.release(*questions, new, **{"id": small.NAME, "release": "2026.2", **more})
    path = folder / name
    path.write_text(writing.written(content), encoding="utf-8")
    return path


ADDED = (
    "SML-20 added: “Is it so?” (answer: yes or no; domain access; weight 5; "
    "knock-out critical, below 0.5)"
)


def test_a_draft_is_compared_with_a_published_release(app: Flask, tmp_path: Path) -> None:
    said = lines(run(app, *DIFF, "2026.1", str(drafted(tmp_path, weight=1))))
    assert said == [
        HEAD,
        "Questions: 1 added, 1 reweighted.",
        "SML-04 reweighted: weight: 3 → 1",
        ADDED,
        "",
        "No assessment that was asked this questionnaire has a score yet.",
    ]


def test_published_releases_are_named_by_their_numbers_those_of_the_database_too(
    app: Flask, tmp_path: Path
) -> None:
    path = drafted(tmp_path)
    with app.app_context():
        publish(ports().library, path.read_text(), str(path), actor=OPERATOR, now=NOW)
    forth = lines(run(app, *DIFF, "2026.1", "2026.2"))
    assert forth[:3] == [HEAD, "Questions: 1 added.", ADDED]
    back = lines(run(app, *DIFF, "2026.2", "2026.1"))
    assert back[1] == "Questions: 1 removed."
    same = lines(run(app, *DIFF, "2026.1", "2026.1"))
    assert same[:2] == ["small@2026.1 → small@2026.1", "Nothing changed."]


def test_those_that_would_land_in_another_tier_stand_in_a_line_each_and_are_counted(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        well = small.submitted(cast).assessment_id
        badly = small.submitted(cast, SML_03=Given("no")).assessment_id
    path = str(drafted(tmp_path))
    *_, blank, moved, count = lines(run(app, *DIFF, "2026.1", path))
    assert blank == ""
    assert moved.split("\t") == [
        well,
        "Nordlicht Software GmbH",
        "Customer portal",
        "medium 23.4",
        "re-weighted medium 23.4",
        "asked anew high 58.2",
    ]
    assert count == (
        "1 of 2 assessments would land in another tier: 0 if re-weighted, 1 if asked anew."
    )
    every = lines(run(app, *DIFF, "2026.1", path, "--all"))
    assert {line.split("\t")[0] for line in every if "\t" in line} == {well, badly}
    assert every[-1] == count
    none = lines(run(app, *DIFF, "2026.1", "2026.1"))
    assert none[-1] == "None of 2 assessments would land in another tier."
    assert not any("\t" in line for line in none)


def test_scores_are_computed_for_the_day_that_is_asked_for(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        small.submitted(cast)
    path = str(drafted(tmp_path))
    now = lines(run(app, *DIFF, "2026.1", path, "--all"))
    today = lines(run(app, *DIFF, "2026.1", path, "--all", "--as-of", "2026-11-23"))
    assert now == today
    later = lines(run(app, *DIFF, "2026.1", path, "--all", "--as-of", "2028-11-23"))
    assert later[:3] == now[:3]
    assert later[-2] != now[-2]
    assert "Usage" in refused(app, *DIFF, "2026.1", path, "--as-of", "tomorrow", code=2)


def test_the_intake_moves_no_assessment(app: Flask) -> None:
    said = lines(run(app, "questionnaires", "diff", "intake", "2026.1", "2026.1"))
    assert (
        said[-1] == "An assessment keeps the intake that it was drawn up with: none would change."
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nothing", "2026.1", "2026.2"), "questionnaire: There is no questionnaire nothing here"),
        (("small", "2025.9", "2026.1"), "old: There is no release 2025.9 of small here"),
        (("small", "2026.1", "2026.9"), "new: There is no release 2026.9 of small here"),
        (("small", "2026.1", "gone.yaml"), "new: gone.yaml is no number of a release"),
        (("small", ".", "2026.1"), "old: . is no number of a release"),
    ],
)
def test_what_is_not_here_is_refused_with_what_is(
    app: Flask, words: tuple[str, ...], why: str
) -> None:
    said = refused(app, "questionnaires", "diff", *words)
    assert why in said
    assert ("2026.1" if "release 2" in why else "") in said


def test_a_file_of_another_questionnaire_is_refused(app: Flask, tmp_path: Path) -> None:
    path = drafted(tmp_path, id="larger")
    said = refused(app, *DIFF, "2026.1", str(path))
    assert f"new: {path} is a release of larger, not of small" in said
    assert run(app, "questionnaires", "diff", "larger", str(path), str(path)).exit_code == 0


def test_a_draft_with_faults_is_refused_with_every_fault_and_its_line(
    app: Flask, tmp_path: Path
) -> None:
    path = drafted(tmp_path, domains={name: {"weight": 1, "title": "A"} for name in ("a", "b")})
    said = refused(app, *DIFF, "2026.1", str(path))
    assert f"{path}:" in said
    assert "domains.a: has no scored question" in said
    assert "domains.b: has no scored question" in said
    path.write_text("id: small\nid: small\n", encoding="utf-8")
    assert f"{path}:2: " in refused(app, *DIFF, "2026.1", str(path))
    path.write_bytes(b"title: \xff\n")
    assert f"new: {path} is no UTF-8" in refused(app, *DIFF, "2026.1", str(path))


def test_without_a_database_it_is_refused(no_database: Flask, no_tables: Flask) -> None:
    for without in (no_database, no_tables):
        said = refused(without, "questionnaires", "diff", "iso-27001", "2026.1", "2026.1")
        assert "database" in said
