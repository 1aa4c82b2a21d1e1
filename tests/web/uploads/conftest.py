import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.uploads.posting import SECRET, Cast


@pytest.fixture
def cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Afterwards nothing in clear lies anywhere that the application could write."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    cast = Cast(tmp_path)
    yield cast
    assert list(scratch.iterdir()) == []
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET not in path.read_bytes()
