"""Which answers the vendor can change. Pure."""

from datetime import datetime

from riskapp.assessments.rules import State


def open_to_vendor(
    state: State,
    *,
    asked_back: bool,
    given: bool,
    saved_at: datetime | None,
    returned_at: datetime | None,
) -> bool:
    """While it is in progress, every answer; after a return what was asked back, and what came up.

    What another answer brought up after the return was not `given` before it: it had no answer,
    or only one that was taken back, and stays open when it is answered now.
    """
    if state is State.IN_PROGRESS:
        return True
    if state is not State.RETURNED:
        return False
    since = saved_at is not None and returned_at is not None and saved_at > returned_at
    return asked_back or not given or since
