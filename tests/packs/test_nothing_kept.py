"""What a pack told stays in no process: it could not be erased there."""

import gc
from collections.abc import Iterator

from flask import Flask

from riskapp.answers.service import Given
from riskapp.core.ids import new_id
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from tests import small, stages
from tests.cast import Cast
from tests.packs.stories import exported
from tests.small import app

__all__ = ["app"]


def texts(held: object) -> Iterator[bytes]:
    """Texts and bytes, also in what the collector does not follow as it can be in no cycle."""
    if isinstance(held, str):
        yield held.encode(errors="replace")
    elif isinstance(held, bytes):
        yield held
    elif not gc.is_tracked(held):
        for one in gc.get_referents(held):
            yield from texts(one)


def holding(text: str) -> list[type]:
    """What holds a text in memory that this one stands in, beside the text itself."""
    gc.unfreeze()  # else what was imported before the tests began is passed over
    gc.collect()
    sought = text.encode()
    found = [
        type(holder)
        for holder in gc.get_objects()
        for held in gc.get_referents(holder)
        for one in texts(held)
        if sought in one and sought != one
    ]
    gc.freeze()
    return found


def delivered(cast: Cast, answer: str) -> int:
    """Makes a pack that tells the answer, and takes it; how often it is told plainly in there."""
    invitation = small.submitted(cast, SML_12=Given(answer, None, ""))
    stages.confirm_empty(invitation, cast.oskar)
    by = stages.reviewer(cast.oskar)
    decide(invitation.assessment_id, Outcome.APPROVE, by, reasons="Sound throughout.")
    pack = exported(invitation.assessment_id, cast.oskar)
    return b"".join(pack.chunks).count(answer.encode())


def test_what_a_pack_told_is_in_no_memory_once_it_was_taken(app: Flask, cast: Cast) -> None:
    answer = new_id()
    with app.app_context():
        assert delivered(cast, answer) > 1
    assert holding(answer) == []
