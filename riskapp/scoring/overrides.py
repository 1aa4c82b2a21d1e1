"""An administrator's own word on a country, in place of the table's: dated, with a reason."""

from sqlalchemy.orm import Session

from riskapp.scoring.adequacy import AdequacyTable, shipped


def table_now(session: Session) -> AdequacyTable:  # noqa: ARG001 - until overrides are read
    """The table of adequacy decisions as it counts now, overrides included. One statement."""
    return shipped()
