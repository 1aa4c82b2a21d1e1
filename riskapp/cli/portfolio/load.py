"""The demo's whole past, told in order."""

from riskapp.cli.portfolio import (
    audit,
    data_centre,
    helpdesk,
    nights,
    payroll,
    soc,
    software_house,
    testing,
)
from riskapp.cli.portfolio.diary import tell
from riskapp.cli.portfolio.plot import Stage
from riskapp.invites.service import Issued

STORIES = (
    software_house.story,
    testing.story,
    soc.story,
    helpdesk.story,
    data_centre.story,
    payroll.story,
    nights.story,
    audit.story,
)


def load(stage: Stage) -> Issued:
    """Gives the last link that was sent: nobody has opened it."""
    tell(story(stage) for story in STORIES)
    return stage.links[-1]
