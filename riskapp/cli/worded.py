"""Refusals in words: every verb says on stderr what is wrong and the way out, without a traceback.

Exit 1 for a refusal; usage errors are click's, exit 2.
"""

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError

from riskapp.assessments.errors import AnswersErased, IntakeMissing, WrongState
from riskapp.audit.notes import NoteInvalid
from riskapp.catalogue.errors import Faulty
from riskapp.catalogue.importers.common import NotImportable
from riskapp.core.crypto.keyring import MasterKeyMissing, UnwrapFailed
from riskapp.core.crypto.sealed import SealBroken
from riskapp.core.crypto.signing import SigningKeyUnreadable
from riskapp.core.db import DatabaseUnavailable, db
from riskapp.core.errors import FieldRefused, NotFound, Refusal
from riskapp.core.storage.port import BlobMissing, StoreUnavailable
from riskapp.packs.errors import EvidenceDiffers
from riskapp.releases.errors import NotPublishable, StandingUnchanged
from riskapp.vendors.errors import EngagementEnded
from riskapp.web.ports import ports

UNAVAILABLE = (
    "The database does not answer; nothing was changed. Check RISKAPP_DATABASE_URL (without it, "
    "the instance folder), and that the database server runs."
)
NOT_MIGRATED = "The database does not have the tables of this version. Run `flask db upgrade`."

UNFIT = (
    BlobMissing,
    EvidenceDiffers,
    Faulty,
    MasterKeyMissing,
    NoteInvalid,
    SealBroken,
    SigningKeyUnreadable,
    StoreUnavailable,
    UnwrapFailed,
)
"""What an operator has to mend before the verb can work; each says in words what it is."""


class WordedGroup(AppGroup):
    """The group at the top: what any verb below it refuses ends here, in words.

    The app's context is entered here and not by the verb, so that wording can look into settings.
    """

    def invoke(self, ctx: click.Context) -> object:
        with ctx.ensure_object(ScriptInfo).load_app().app_context():
            return self._invoke(ctx)

    def _invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (DatabaseUnavailable, DBAPIError) as error:
            raise click.ClickException(database_words(error)) from error
        except (Refusal, *UNFIT) as error:
            raise click.ClickException(words(error)) from error
        except UnicodeEncodeError as error:
            raise click.ClickException(
                "What was given holds characters that are no UTF-8. Type them anew."
            ) from error


def words(error: Exception) -> str:
    """What is wrong, which field it is about, and what to do."""
    match error:
        case FieldRefused(field=field, message=message):
            return f"{field}: {message}"
        case WrongState(state=state, wanted=wanted):
            return f"The assessment is {state}, where {wanted} is not possible."
        case AnswersErased(at=at):
            return (
                f"assessment: its answers and receipts were erased on {at.date().isoformat()}, as "
                "the rules of retention say. The decision and the trail stay: see its page."
            )
        case NotFound():
            return "There is no such thing here. Check the id."
        case StoreUnavailable():
            return f"The evidence store failed ({error.__cause__}). Nothing was written."
    return _of_engagements(error) or _of_questionnaires(error) or str(error) or type(error).__name__


def _of_engagements(error: Exception) -> str:
    """Why no assessment is drawn up for one; empty for other errors."""
    match error:
        case IntakeMissing(engagement_id=engagement_id):
            return (
                f"engagement: the intake of {engagement_id} is not answered, so that nobody knows "
                f"what to ask. Answer it at {address(f'/desk/engagements/{engagement_id}/intake')}."
            )
        case EngagementEnded(engagement_id=engagement_id):
            page = address(f"/desk/engagements/{engagement_id}")
            return (
                f"engagement: {engagement_id} has ended, and no new assessment is drawn up for it. "
                f"If it goes on after all, say so at {page}."
            )
    return ""


def _of_questionnaires(error: Exception) -> str:
    """What bringing and publishing questionnaires refuses; empty for other errors."""
    match error:
        case NotImportable(problem=problem, remedy=remedy):
            return f"{problem}; {remedy}. Nothing was imported."
        case NotPublishable(faults=faults):
            return "\n".join(["Not published:", *(one_line(str(one)) for one in faults)])
        case StandingUnchanged():
            return (
                "The release stands so already; nothing was changed. `questionnaires list` shows "
                "which are offered and which are retired."
            )
    return ""


def one_line(text: str) -> str:
    """For lines that other tools read: whatever a file says, it begins no line of its own."""
    return " ".join(text.split())


def database_words(error: Exception) -> str:
    """Tells a database that does not answer from one without (or with older) tables.

    Raises the error itself where the database is as it should be: then the fault is ours.
    """
    wanted = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    try:
        with db.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError:
        return UNAVAILABLE
    if found != wanted:
        return NOT_MIGRATED
    if isinstance(error, DatabaseUnavailable):
        return UNAVAILABLE
    raise error


def address(path: str) -> str:
    """Where people find a page of this installation."""
    return ports().settings.base_url.rstrip("/") + path


def invitation_link(token: str) -> str:
    return address(f"/i/{token}")
