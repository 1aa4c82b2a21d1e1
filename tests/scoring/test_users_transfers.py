"""Files of the transfer impact assessment: what they move elsewhere, when they change."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from riskapp.audit.service import CLOCK
from riskapp.core.db import transaction
from riskapp.evidence.models import Evidence
from riskapp.scoring.build import TRANSFER_ASSESSMENT, build_basis
from riskapp.scoring.queries import basis
from riskapp.scoring.service import case_of
from riskapp.scoring.users import hold_users, score_users
from riskapp.web.ports import ports
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.mark.parametrize(
    "values",
    [
        {"erased_at": NOW},
        {"issued_on": date(2026, 10, 1)},
        {"issued_on": date(2026, 12, 10)},
    ],
)
def test_how_recent_it_is_follows_its_files_as_if_it_were_scored_whole(
    cast: Cast, clock: StoppedClock, values: dict[str, Any]
) -> None:
    _, invitation = stages.started(cast.vera, cast.oskar, only=("gdpr-processor",))
    stages.answer_all(invitation)
    clock.pass_by(days=20)
    file = stages.attach(invitation, TRANSFER_ASSESSMENT, issued_on=date(2026, 12, 5))
    stages.send_in(invitation)
    changed = [(file.evidence_id, file.version)]
    with transaction() as session:
        (row,) = hold_users(session, changed)
        before = basis(session, row.id)
        session.execute(sa.update(Evidence).values(**values))
        score_users(session, changed, cause="A change", actor=CLOCK, now=clock.now())
        after = basis(session, row.id)
        assert after == build_basis(case_of(session, ports().library, row))
    assert before is not None
    assert after is not None
    aged = [{item.ageing for item in one.items if item.ageing} for one in (before, after)]
    assert aged[0] != aged[1], "what is tested would else be nothing"
