"""What a process that serves does by itself: every night the portfolio is scored again."""

from riskapp.audit.service import CLOCK
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Stage
from riskapp.scoring.rescoring import rescore


def story(stage: Stage) -> Steps:
    for days_ago in range(40, 0, -1):
        at = stage.diary.at(days_ago, "2:00")
        yield at
        rescore(cause="Time passed", actor=CLOCK, now=at)
