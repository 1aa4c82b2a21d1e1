"""The baseline of re-scoring: the answers fetched as rows, weighed and summed by pandas."""

import pandas as pd
import sqlalchemy as sa

from riskapp.answers.models import Answer

SHARES = {"yes": 1.0, "partly": 0.5, "no": 0.0}
ROWS = sa.select(Answer.assessment_id, Answer.question_id, sa.cast(Answer.value, sa.Text))


def sums(connection: sa.Connection, weights: dict[str, int]) -> "pd.Series[float]":
    """The weighted mean of the answers by assessment: no evidence, no floors, no tiers."""
    rows = pd.read_sql(ROWS, connection)
    rows.columns = pd.Index(["assessment", "question", "value"])
    rows["weight"] = rows["question"].map(weights)
    rows["worth"] = rows["value"].str.strip('"').map(SHARES) * rows["weight"]
    total = rows.groupby("assessment")[["worth", "weight"]].sum()
    return total["worth"] / total["weight"]
