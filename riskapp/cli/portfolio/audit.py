"""Harbour Bank's auditor: a vendor, one assessment, the list of all, and what was asked beside."""

from dataclasses import replace

from riskapp.assessments.grants import Wish, grant_access
from riskapp.assessments.queries import AssessmentRow, assessments
from riskapp.assessments.requests import ask, grant_request
from riskapp.assessments.rules import State
from riskapp.audit.service import Actor
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Stage
from riskapp.core.db import reading

OUTSOURCED = "Yearly audit of outsourced development."
SAMPLE = "Sample of this quarter: services with access to production."


def story(stage: Stage) -> Steps:
    """Told late on the last working day, when all that is asked for is there."""
    at, auditor = stage.diary.at, stage.staff.auditor
    officer = Actor("person", stage.staff.officer)
    starts = at(1, "16:00").date()

    yield at(1, "16:00")
    app, tested = _first("Wierzba", State.DECIDED), _first("Neem Tree", State.DECIDED)
    whole = Wish(
        auditor,
        app.vendor_id,
        None,
        starts,
        stage.diary.ahead(60),
        evidence=True,
        purpose=OUTSOURCED,
    )
    grant_access(whole, actor=officer, now=at(1, "16:00"))
    one = replace(
        whole, vendor_id=tested.vendor_id, assessment_id=tested.id, evidence=False, purpose=SAMPLE
    )

    yield at(1, "16:10")
    asked = ask(
        auditor,
        "For the sample of this quarter I would like to take vendors from the list of all.",
        vendor_id=None,
        assessment_id=None,
        now=at(1, "16:10"),
    )
    yield at(1, "16:25")
    until = stage.diary.ahead(30)
    everything = replace(whole, vendor_id=None, until=until, evidence=False, purpose=SAMPLE)
    words = "Here is the list, for thirty days. Ask for what you choose from it."
    grant_request(asked.id, everything, words, actor=officer, now=at(1, "16:25"))
    grant_access(one, actor=officer, now=at(1, "16:30"))

    yield at(1, "16:45")
    ask(
        auditor,
        "Drawn from the list: please let me read it, with the files of its certificates.",
        vendor_id=_first("Tuletorn").vendor_id,
        assessment_id=None,
        now=at(1, "16:45"),
    )


def _first(vendor: str, state: State | None = None) -> AssessmentRow:
    """The newest assessment of a vendor in a state."""
    return next(
        row
        for row in assessments(reading(), limit=None)
        if row.vendor_name.startswith(vendor) and state in {None, row.state}
    )
