"""The list of all vendors, engagements and assessments as of a day, signed: to take samples from.

The signature is over the table alone, so that it can be checked by `ssh-keygen` and then be opened
by whatever opens tables. Every row says the day, for a file's name is not signed.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, TextIOWrapper
from typing import Any
from zipfile import ZipFile, ZipInfo

from sqlalchemy.orm import Session

from riskapp.audit.log import Log, Signed
from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.signing import Key, Signer
from riskapp.core.db import db, transaction
from riskapp.core.errors import FieldRefused
from riskapp.packs.archive import MODE
from riskapp.packs.shipped.verify import harmless
from riskapp.packs.steady import changes_list, signing_key, steady
from riskapp.reviews.as_of import PopulationRow, population_as_of

NAMESPACE = "riskapp-population"
PRINCIPAL = "riskapp"
TABLE, SIGNATURE, SIGNERS, CHECKPOINT, README = (
    "population.csv",
    "population.csv.sig",
    "allowed_signers",
    "checkpoint",
    "README.txt",
)
COMMAND = (
    f"ssh-keygen -Y verify -f {SIGNERS} -I {PRINCIPAL} -n {NAMESPACE} -s {SIGNATURE} < {TABLE}"
)
COLUMNS = (
    "as_of",
    "vendor_id",
    "vendor",
    "country",
    "engagement_id",
    "engagement",
    "engagement_ended",
    "inherent_tier",
    "assessment_id",
    "cycle",
    "state",
    "tier",
    "score",
    "decision",
    "decided_at",
)
AT_ONCE = 500
"""So many vendors are read in one statement."""

_WORDS = """\
The vendors of {organisation}, as of the end of {day} (UTC)

{table} has one line for each assessment; an engagement that was never assessed has a line without
one, and so has a vendor of which nothing is bought. {rows} lines below the head of the table. What
begins as a formula would is preceded by an apostrophe. Names, countries and titles are those of the
day on which the list was made: corrections of them are not replayed.

Whether the table is as it was made, and by whom:

  {command}

must print

  Good "{namespace}" signature for {principal} with ED25519 key {fingerprint}

That proves something only if you got this fingerprint another way than with these files: it stands
on the page /trust of the installation, and your contact can read it out.

SHA-256 of {table}: {sha256}

`{checkpoint}` is what the record of all events was signed as when the list was made: {size} events,
at {at}. Keep it: against it can be shown later that nothing of what the list rests on was changed.
That the list was taken is an event too, and names the digest above.
"""


@dataclass(frozen=True, slots=True)
class Population:
    """A ZIP on its way out: `size` bytes come in `chunks`. `sha256` is the table's."""

    filename: str
    chunks: Iterator[bytes]
    size: int
    sha256: str


def take_population(
    day: date,
    *,
    signer: Signer,
    log: Log,
    organisation: str,
    actor: Actor,
    now: datetime,
    grant_id: str | None = None,
) -> Population:
    """The signed list as of the end of a day, as an event; no transaction stays open.

    The checkpoint covers all that the table rests on. With the same one and the same day the bytes
    are the same. Raises FieldRefused, StillChanging, CheckpointOfOther, and what signing the log
    raises.
    """
    checked(day, now.date())

    def read(at: Signed) -> tuple[Signed, Key, tuple[bytes, int]]:
        return at, signing_key(signer, at), _table(day)

    signed, key, (table, rows) = steady(log, now, read, *changes_list())
    sha256 = hashlib.sha256(table).hexdigest()
    said: dict[str, Any] = {
        "day": day.isoformat(),
        "rows": rows,
        "sha256": sha256,
        "log_size": signed.tree.size,
    }
    if grant_id is not None:
        said["grant"] = grant_id
    with transaction() as session:
        record(session, "population:take", About(sha256), actor=actor, now=now, **said)
    readme = _WORDS.format(
        organisation=organisation,
        day=day.isoformat(),
        rows=rows,
        table=TABLE,
        command=COMMAND,
        namespace=NAMESPACE,
        principal=PRINCIPAL,
        fingerprint=key.fingerprint,
        sha256=sha256,
        checkpoint=CHECKPOINT,
        size=signed.tree.size,
        at=f"{signed.at:%Y-%m-%d %H:%M:%S} UTC",
    )
    files = (
        (README, readme.encode()),
        (TABLE, table),
        (SIGNATURE, key.sign(NAMESPACE, table).encode()),
        (SIGNERS, f'{PRINCIPAL} namespaces="{NAMESPACE}" {key.public_key}\n'.encode()),
        (CHECKPOINT, signed.note.encode()),
    )
    name = f"population-{day.isoformat()}"
    whole = _zipped(name, files, signed)
    return Population(f"{name}.zip", iter((whole,)), len(whole), sha256)


def checked(day: date, today: date) -> date:
    """The day itself. Raises FieldRefused for one that is not over, nor today."""
    if day > today:
        raise FieldRefused("day", "Choose today or an earlier day: nobody knows a later one.")
    return day


def _zipped(folder: str, files: Sequence[tuple[str, bytes]], signed: Signed) -> bytes:
    """The files in a folder of a ZIP, stored as they are; the checkpoint's time is theirs."""
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, data in files:
            member = ZipInfo(f"{folder}/{name}", signed.at.timetuple()[:6])
            member.external_attr = MODE << 16
            archive.writestr(member, data)
    return made.getvalue()


def _table(day: date) -> tuple[bytes, int]:
    """The table, and how many lines it has below its head."""
    made, count = BytesIO(), 0
    with TextIOWrapper(made, "utf-8-sig", newline="", write_through=True) as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        with _one_moment() as session:
            for some in _pages(session, day):
                writer.writerows(_cells(day, row) for row in some)
                count += len(some)
        text.flush()
        return made.getvalue(), count


@contextmanager
def _one_moment() -> Iterator[Session]:
    """A session in which all statements see the database as it was for the first of them."""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with Session(connection) as session:
            yield session


def _pages(session: Session, day: date) -> Iterator[Sequence[PopulationRow]]:
    after = None
    while rows := population_as_of(session, day, after=after, limit=AT_ONCE):
        yield rows
        after = rows[-1].place


def _cells(day: date, row: PopulationRow) -> list[str]:
    cells = (
        day.isoformat(),
        row.vendor_id,
        row.vendor_name,
        row.country,
        row.engagement_id,
        row.engagement_title,
        "yes" if row.ended else "" if row.engagement_id is None else "no",
        row.inherent_tier,
        row.assessment_id,
        row.cycle,
        row.state,
        row.tier,
        row.shown,
        row.outcome,
        None if row.decided_at is None else row.decided_at.isoformat(),
    )
    return [harmless(cell) for cell in cells]
