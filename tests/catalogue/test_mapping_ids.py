"""Ids of frameworks are those that there are; what is none is told with the nearest that is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.check import check
from riskapp.catalogue.mapping_ids import FRAMEWORKS, nearest, trouble
from riskapp.catalogue.model import MAPPINGS
from tests.catalogue.writing import found, parsed, question

ANY_FRAMEWORK = st.sampled_from(sorted(FRAMEWORKS))


@pytest.mark.parametrize(
    ("framework", "written"),
    [
        ("iso27001", "A.5.1 A.5.37 A.6.1 A.6.8 A.7.1 A.7.14 A.8.1 A.8.34"),
        ("gdpr", "1 33 99 28(3) 28(3)(a) 28(3)(h) 28(10) 4(1) 4(26) 9(2)(j) 50(d) 44-49 12-22"),
        ("nis2", "1 46 20 21(2) 21(2)(a) 21(2)(j) 21(1) 23(4)(a) 20-23"),
        ("nis2_ir", "1 13 5.1.4.h 5.1.7.a 13.3 6.10.2.b"),
        ("dora", "1 64 28(5) 28(4)(a) 30(3)(f)(ii) 5-15"),
        ("mvsp", "1.1 1.8 2.1 2.8 3.1 3.5 4.1 4.4"),
        ("csf", "GV GV.SC GV.SC-01 GV.SC-10 PR.DS-11 RC.CO-04"),
        ("eba", "75(p)"),
        ("other", "anything at_all"),
    ],
)
def test_ids_that_there_are_pass(framework: str, written: str) -> None:
    for one in written.split():
        assert trouble(framework, one) is None, one


@pytest.mark.parametrize(
    ("framework", "written"),
    [("iso27001", f"cl. {clause}") for clause in ("4", "4.4", "6.1.3", "7.5.3", "9.3.3", "10.2")]
    + [("gdpr", f"28(3) {which} sub-paragraph") for which in ("first", "second", "last")],
)
def test_ids_with_a_space_pass(framework: str, written: str) -> None:
    assert trouble(framework, written) is None


@pytest.mark.parametrize(
    ("framework", "written", "near"),
    [
        ("iso27001", "A.5.38", "A.5.37"),
        ("iso27001", "A.5.0", "A.5.1"),
        ("iso27001", "A.6.9", "A.6.8"),
        ("iso27001", "A.7.15", "A.7.14"),
        ("iso27001", "A.8.35", "A.8.34"),
        ("iso27001", "A.9.1", "A.8.1"),  # of the edition of 2013
        ("iso27001", "A5.1", "A.5.1"),
        ("iso27001", "a.5.1", "A.5.1"),
        ("iso27001", "A.5.01", "A.5.1"),
        ("iso27001", "5.1", "cl. 5.1"),
        ("iso27001", "cl.5.1", "cl. 5.1"),
        ("iso27001", "Clause 9.2", "cl. 9.2"),
        ("iso27001", "cl. 3", "cl. 4"),
        ("iso27001", "cl. 6.1.4", "cl. 6.1.3"),
        ("iso27001", "cl. 11", "cl. 10"),
        ("gdpr", "0", "1"),
        ("gdpr", "100", "99"),
        ("gdpr", "28(11)", "28(10)"),
        ("gdpr", "28(3)(i)", "28(3)(h)"),
        ("gdpr", "28(3)(1)", "28(3)"),
        ("gdpr", "33(6)", "33(5)"),
        ("gdpr", "10(1)", "10"),
        ("gdpr", "33(1)(a)", "33(1)"),
        ("gdpr", "4(27)", "4(26)"),
        ("gdpr", "Art. 28(3)(a)", "28(3)(a)"),
        ("gdpr", "28.3.a", "28(3)(a)"),
        ("gdpr", "44-100", "44"),
        ("gdpr", "49-44", "44-49"),
        ("gdpr", "28(3) last subparagraph", "28(3)"),
        ("nis2", "21(2)(k)", "21(2)(j)"),
        ("nis2", "47", "46"),
        ("dora", "65", "64"),
        ("dora", "30.2", "30"),
        ("nis2_ir", "14.1", "13"),
        ("mvsp", "1.9", "1.8"),
        ("mvsp", "3.6", "3.5"),
        ("mvsp", "5.1", "4.1"),
        ("csf", "GV.SC-11", "GV.SC-10"),
        ("csf", "GV.SC-6", "GV.SC-06"),
        ("csf", "gv.sc-06", "GV.SC-06"),
        ("csf", "PR.DS-05", "PR.DS-02"),
    ],
)
def test_an_id_that_there_is_not_is_told_with_the_nearest(
    framework: str, written: str, near: str
) -> None:
    told = trouble(framework, written)

    assert told is not None
    problem, remedy = told
    assert problem == f"“{written}” is no id of {FRAMEWORKS[framework].name}"
    assert remedy.startswith(f"write {near} if that is meant")


def test_where_more_than_the_article_may_stand_the_remedy_shows_how() -> None:
    told = trouble("dora", "30 par. 2")

    assert told is not None
    assert told[1] == "write 30 if that is meant, or more of it as in 30(3)(f)(ii)"


def test_there_are_as_many_controls_as_in_the_standards() -> None:
    iso = [one for one in FRAMEWORKS["iso27001"].known if one.startswith("A.")]
    csf = [one for one in FRAMEWORKS["csf"].known if "-" in one]
    gdpr = [one for one in FRAMEWORKS["gdpr"].known if one.isdecimal()]

    assert (len(iso), len(FRAMEWORKS["mvsp"].known), len(csf), len(gdpr)) == (93, 25, 106, 99)


@settings(deadline=None)
@given(ANY_FRAMEWORK, st.text(max_size=30) | st.from_regex(r"[0-9A-Zacil(). -]{1,8}"))
def test_what_is_told_to_be_right_is_right(framework: str, written: str) -> None:
    told = trouble(framework, written)
    if told is not None:
        near = told[1].removeprefix("write ").partition(" if that is meant")[0]
        assert trouble(framework, near) is None


@settings(deadline=None)
@given(ANY_FRAMEWORK, st.data())
def test_every_known_id_is_nearest_to_itself(framework: str, data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(sorted(FRAMEWORKS[framework].known)))

    assert trouble(framework, one) is None
    assert nearest(one, FRAMEWORKS[framework].known) == one


def test_the_frameworks_are_those_of_the_format() -> None:
    assert set(FRAMEWORKS) | {"eba", "other"} == set(MAPPINGS)


def test_an_unknown_id_in_a_file_is_told_with_its_line() -> None:
    release = parsed(question("TST-01", mappings={"iso27001": ["A.5.1", "A.5.38"]}))

    [fault] = check(release)

    assert release.source.splitlines()[fault.line - 1].strip() == '"A.5.38"'
    assert str(fault) == (
        f"small/2026.1.yaml:{fault.line}: sections[0].questions[0].mappings.iso27001[1]: "
        "“A.5.38” is no id of ISO/IEC 27001:2022; write A.5.37 if that is meant"
    )


def test_an_id_that_stands_twice_is_found() -> None:
    assert found(question("TST-01", mappings={"gdpr": ["33", "32", "33"]})) == [
        "sections[0].questions[0].mappings.gdpr[2]: 33 stands twice"
    ]
