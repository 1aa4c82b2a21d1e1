from sqlalchemy.orm import Session

from riskapp.scoring.adopting import scheme_now
from riskapp.scoring.overrides import table_now
from riskapp.scoring.terms import Terms


def terms_now(session: Session) -> Terms:
    """What scores are computed under now. Two statements."""
    return Terms(scheme_now(session), table_now(session))
