"""The database or the store is gone: 503, nothing half-written; back again, nobody restarts."""

import resource
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from riskapp.answers.models import AnswerRevision
from riskapp.core.db import reading
from riskapp.evidence.models import Evidence
from tests import stages
from tests.requirements import postgres_url
from tests.serving import Served
from tests.soak.conftest import House, Link
from tests.soak.invariants import check_house
from tests.soak.respondent import HEAD, QUESTION, Reply, Respondent, in_pieces

MEBIBYTE = 1024 * 1024
CONTENT = HEAD + bytes(3 * MEBIBYTE)
ANSWERED = "GDP-05"
LOG_SIZE = 64 * 1024
"""Bytes that the server's own log stays below: it is a file, too"""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]
on_sqlite = pytest.mark.parametrize("template", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("template", ["postgresql"], indirect=True)


@contextmanager
def database_gone(house: House) -> Iterator[None]:
    """The database takes no connections and throws out those that it has."""
    name = sa.make_url(house.place.url).database
    engine = sa.create_engine(
        postgres_url() or "", isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    throw_out = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    )
    with engine.connect() as admin:
        admin.exec_driver_sql(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        admin.execute(throw_out, {"name": name})
        yield
        admin.exec_driver_sql(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')


@contextmanager
def files_limited(served: Served, size: int) -> Iterator[None]:
    """No file of the server grows beyond `size` bytes: what a full disk is to it."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in served.processes}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    yield
    for pid, limits in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def folder_gone(folder: Path) -> Iterator[None]:
    """As when the disk with the evidence is not mounted."""
    away = folder.with_name(folder.name + "-away")
    folder.rename(away)
    yield
    away.rename(folder)


def upload(vera: Respondent) -> Reply:
    return vera.upload(QUESTION, in_pieces(CONTENT), len(CONTENT))


def refused(reply: Reply) -> None:
    assert reply.status == 503, reply.text
    assert "Nothing was half-saved" in reply.text


def count(house: House, link: Link) -> tuple[int, int]:
    """Revisions and files, after a look at the whole house."""
    with house.inside():
        check_house()
        of = AnswerRevision.assessment_id == link.invitation.assessment_id
        revisions = reading().scalar(select(func.count()).select_from(AnswerRevision).where(of))
        files = reading().scalar(select(func.count()).select_from(Evidence))
        return revisions or 0, files or 0


def wal(house: House) -> Path:
    return house.place.instance / "riskapp.sqlite-wal"


def store_gone(house: House, served: Served, how: str) -> AbstractContextManager[None]:
    if how == "full":
        return files_limited(served, 2 * MEBIBYTE)
    return folder_gone(house.place.instance / "evidence" / how)


@on_postgresql
def test_without_its_database_the_app_says_so_and_goes_on_when_it_is_back(house: House) -> None:
    served, link = house.served(), house.link(stages.answer_all)
    vera = link.opened(served)
    before = count(house, link)
    with database_gone(house):
        refused(vera.get("/"))
        refused(vera.save(ANSWERED, "Lost", 1))
        refused(vera.submit())
        refused(upload(vera))
    assert count(house, link) == before
    assert vera.save(ANSWERED, "Kept", 1).status == 200
    assert upload(vera).status == 302
    assert vera.submit().status == 302
    assert count(house, link) == (before[0] + 1, 1)


@on_postgresql
def test_a_database_that_goes_while_a_file_arrives_leaves_no_blob(house: House) -> None:
    served, link = house.served(), house.link()
    vera = link.opened(served)
    before = count(house, link)

    head, tail = vera.around()
    connection = vera.begin_upload(len(head) + len(CONTENT) + len(tail))
    connection.send(head + CONTENT[:MEBIBYTE])
    house.begins_a_blob()
    with database_gone(house):
        connection.send(CONTENT[MEBIBYTE:] + tail)
        refused(vera.reply(connection))
    connection.close()
    assert count(house, link) == before


@on_sqlite
@pytest.mark.parametrize("how", ["full", "incoming"])
def test_without_its_store_the_app_says_so_and_goes_on_when_it_is_back(
    house: House, how: str
) -> None:
    served, link = house.served(), house.link()
    vera = link.opened(served)
    before = count(house, link)
    with store_gone(house, served, how):
        refused(upload(vera))
        assert vera.save(ANSWERED, "Needs no store", 0).status == 200
    assert count(house, link) == (before[0] + 1, 0)
    assert upload(vera).status == 302
    assert count(house, link) == (before[0] + 1, 1)


@on_sqlite
def test_a_database_that_cannot_grow_refuses_and_goes_on_when_it_can(house: House) -> None:
    served, link = house.served(), house.link(stages.answer_all)
    vera = link.opened(served)
    before = count(house, link)
    assert wal(house).stat().st_size > LOG_SIZE
    with files_limited(served, LOG_SIZE):
        refused(vera.save(ANSWERED, "Lost", 1))
        refused(vera.submit())
    assert count(house, link) == before
    assert vera.save(ANSWERED, "Kept", 1).status == 200
    assert vera.submit().status == 302
    assert count(house, link) == (before[0] + 1, 0)
