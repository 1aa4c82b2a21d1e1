import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from riskapp.core.crypto.signing import Key
from riskapp.core.db import reading
from riskapp.packs.queries import pack
from riskapp.web.ports import ports
from tests.conftest import StoppedClock, Template, dispose, make_app
from tests.packs.stories import Unpacked, prepared, streamed, tell, unpack


@dataclass(frozen=True)
class Delivered:
    """A pack as somebody received it, and the installation that it came from."""

    assessment_id: str
    filename: str
    data: bytes
    instance: Path
    url: str
    left_at: datetime
    key: Key


@pytest.fixture(scope="session")
def delivered(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """One pack for all tests that only look at it; exported last, and once."""
    instance = tmp_path_factory.mktemp("delivered") / "instance"
    shutil.copytree(template.instance, instance)
    url = template.database.copy(template.url, instance)
    clock = StoppedClock()
    app = make_app(instance, url, clock=clock)
    try:
        with app.app_context():
            assessment_id = tell(template.cast, clock)
            made = prepared(assessment_id, template.cast.oskar)
            data = b"".join(streamed(made.id, template.cast.oskar).chunks)
            row = pack(reading(), made.id)
            assert row is not None
            key = ports().signer.held()
    finally:
        dispose(app)
    yield Delivered(assessment_id, row.filename, data, instance, url, clock.time, key)
    template.database.drop(url)


@pytest.fixture
def told(
    delivered: Delivered, template: Template, clock: StoppedClock, tmp_path: Path
) -> Iterator[str]:
    """The id of a decided assessment inside its own app, a copy of where `delivered` came from."""
    instance = tmp_path / "told"
    shutil.copytree(delivered.instance, instance)
    url = template.database.copy(delivered.url, instance)
    clock.time = delivered.left_at
    app = make_app(instance, url, clock=clock)
    try:
        with app.app_context():
            yield delivered.assessment_id
    finally:
        dispose(app)
        template.database.drop(url)


@pytest.fixture
def zipped(delivered: Delivered, tmp_path: Path) -> Path:
    path = tmp_path / delivered.filename
    path.write_bytes(delivered.data)
    return path


@pytest.fixture
def bag(delivered: Delivered, tmp_path: Path) -> Unpacked:
    return unpack(delivered.data, tmp_path / "unpacked")
