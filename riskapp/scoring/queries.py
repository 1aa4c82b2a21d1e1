import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.scoring.basis import Basis
from riskapp.scoring.models import Plan, StoredBasis, StoredReceipt
from riskapp.scoring.packing import unpack
from riskapp.scoring.reading import read_receipt
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.sheet import Sheet


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    number: int
    submission: int
    as_of: date
    cause: str
    sha256: str
    tier: str
    shown: str
    scheme: str
    moved: list[dict[str, Any]]
    """What moved it since the receipt before; see `moves`."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """A stored receipt, read back and recomputed: what pages explain."""

    row: ReceiptRow
    document: str
    sheet: Sheet
    result: Result


_ROW = (
    StoredReceipt.number,
    StoredReceipt.submission,
    StoredReceipt.as_of,
    StoredReceipt.cause,
    StoredReceipt.sha256,
    StoredReceipt.tier,
    StoredReceipt.shown,
    StoredReceipt.scheme,
    StoredReceipt.moved,
    StoredReceipt.created_at,
)


def receipts(session: Session, assessment_id: str, limit: int = 200) -> Sequence[ReceiptRow]:
    """The receipts of an assessment, newest first."""
    rows = session.execute(
        select(*_ROW)
        .where(StoredReceipt.assessment_id == assessment_id)
        .order_by(StoredReceipt.number.desc())
        .limit(limit)
    )
    return [ReceiptRow(*row) for row in rows]


def receipt_documents(session: Session, assessment_id: str) -> Sequence[tuple[int, str]]:
    """Number and text of every receipt, oldest first."""
    rows = session.execute(
        select(StoredReceipt.number, StoredReceipt.document)
        .where(StoredReceipt.assessment_id == assessment_id)
        .order_by(StoredReceipt.number)
    )
    return [(row[0], row[1]) for row in rows]


def score(session: Session, assessment_id: str, number: int | None = None) -> Score | None:
    """One receipt (None: the newest) with everything it explains; None where there is none."""
    query = select(*_ROW, StoredReceipt.document).where(
        StoredReceipt.assessment_id == assessment_id
    )
    if number is None:
        query = query.order_by(StoredReceipt.number.desc()).limit(1)
    else:
        query = query.where(StoredReceipt.number == number)
    row = session.execute(query).first()
    if row is None:
        return None
    document: dict[str, Any] = json.loads(row[-1])
    sheet, _ = read_receipt(document)
    return Score(ReceiptRow(*row[:-1]), row[-1], sheet, evaluate(sheet))


def basis(session: Session, assessment_id: str) -> Basis | None:
    """What the newest score of an assessment rests on; None where there is none."""
    row = session.execute(
        select(StoredBasis, Plan.document)
        .join(Plan, Plan.sha256 == StoredBasis.plan)
        .where(StoredBasis.assessment_id == assessment_id)
    ).first()
    return None if row is None else unpack(row[1], row[0])
