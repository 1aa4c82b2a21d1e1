"""`flask riskapp <noun> <verb>`: kept stable, for other tools call it. See docs/cli.md."""

from riskapp.cli.assessments import assessments
from riskapp.cli.audit import audit
from riskapp.cli.backup import backup
from riskapp.cli.demo import demo
from riskapp.cli.evidence import evidence
from riskapp.cli.keys import keys
from riskapp.cli.packs import packs
from riskapp.cli.people import people
from riskapp.cli.questionnaires import questionnaires
from riskapp.cli.retention import retention
from riskapp.cli.score import score
from riskapp.cli.signing import signing_keys
from riskapp.cli.worded import WordedGroup

riskapp = WordedGroup("riskapp", help="Runs and inspects a riskapp installation.")
for command in (
    assessments,
    audit,
    backup,
    demo,
    evidence,
    keys,
    packs,
    people,
    questionnaires,
    retention,
    score,
    signing_keys,
):
    riskapp.add_command(command)
