"""The basis that is kept with every score."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.scoring.basis import Basis
from riskapp.scoring.models import Plan, StoredBasis
from riskapp.scoring.packing import Packed, pack


def keep(session: Session, assessment_id: str, basis: Basis, outcome: str) -> None:
    """Keeps a basis and what came of it in place of the one before, in the caller's transaction."""
    packed = pack(basis)
    _keep_plan(session, packed)
    session.merge(
        StoredBasis(
            assessment_id=assessment_id,
            plan=packed.plan,
            factors=packed.factors,
            items=packed.items,
            files=packed.files,
            transfers=packed.transfers,
            rest=packed.rest,
            outcome=outcome,
        )
    )
    session.flush()


def _keep_plan(session: Session, packed: Packed) -> None:
    if session.get(Plan, packed.plan) is not None:
        return
    try:
        with session.begin_nested():
            session.add(Plan(sha256=packed.plan, document=packed.document))
    except IntegrityError:
        # Scored for the first time by two people at once on PostgreSQL: the other one kept it.
        if session.get(Plan, packed.plan) is None:
            raise
