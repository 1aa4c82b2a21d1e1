"""Every table, imported so that migrations and tests see the whole schema."""

from riskapp.accounts import models as accounts
from riskapp.answers import models as answers
from riskapp.assessments import models as assessments
from riskapp.audit import models as audit
from riskapp.core.db import Base
from riskapp.custody import models as custody
from riskapp.evidence import models as evidence
from riskapp.invites import models as invites
from riskapp.packs import models as packs
from riskapp.releases import models as releases
from riskapp.reviews import models as reviews
from riskapp.scoring import models as scoring
from riskapp.submissions import models as submissions
from riskapp.vendors import models as vendors

ROOMS = (
    accounts,
    answers,
    assessments,
    audit,
    custody,
    evidence,
    invites,
    packs,
    releases,
    reviews,
    scoring,
    submissions,
    vendors,
)
METADATA = Base.metadata

APPEND_ONLY = (
    "answer_revision",
    "assessment_erasure",
    "checkpoint",
    "decision",
    "erasure",
    "event",
    "intake",
    "log_entry",
    "log_node",
    "receipt",
    "scheme",
    "scheme_adoption",
    "score_plan",
    "signing_key",
    "stored_release",
    "submission",
    "transfer_override",
)
"""Tables whose rows never change; the migrations give each its triggers."""

ERASABLE = ("answer_revision", "receipt", "submission")
"""Of these, rows can be deleted once `assessment_erasure` says so of their assessment."""
