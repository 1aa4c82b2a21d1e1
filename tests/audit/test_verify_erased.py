"""All that can be erased lawfully is explained by the trail itself."""

import pytest

from riskapp.audit.service import OPERATOR
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading
from riskapp.custody.people import erase_person
from riskapp.custody.rules import RecordClass
from riskapp.packs.service import PackWish, prepare
from riskapp.vendors.service import end_engagement
from riskapp.web.packing import parts
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody.erasing import all_erased
from tests.custody.retaining import cancelled_draft, decided, erased, keep_for
from tests.small import app

__all__ = ["app"]


@pytest.mark.usefixtures("in_app")
def test_whatever_is_erased_lawfully_is_no_fault(cast: Cast, clock: StoppedClock) -> None:
    one = decided(cast)
    cancelled_draft(cast, cast.mallory)
    for maker in (cast.oskar, cast.audrey):
        name = "Audrey" if maker is cast.audrey else "Ina Igel"
        wish = PackWish(cast.vera.vendor_id, one.assessment_id, name, "Audit")
        prepare(parts(), wish, actor=maker.actor, now=clock.now())
    all_erased(cast.vera.vendor_id, cast.oskar)
    keep_for(30, *RecordClass, by=cast)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    ports().log.checkpoint(clock.now())
    clock.pass_by(days=3000)
    assert {kind for kind, _ in erased()} >= {"answers", "drafts", "links"}
    assert _look() > 0
    for gone in (cast.oskar, cast.audrey):
        before = _look()
        erase_person(gone.id, actor=OPERATOR, now=clock.now())
        assert _look() > before
    ports().log.checkpoint(clock.now())
    assert _look() > before


def _look() -> int:
    looked = Verification(db.engine, reading(), ports().signer)
    assert list(looked.findings()) == []
    return looked.erased
