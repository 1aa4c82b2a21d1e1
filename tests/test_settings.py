"""Settings, and the secret that an installation makes for itself."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from riskapp.settings import Settings, SettingsRefused


def test_starts_at_once_agree_on_one_secret_that_nobody_else_can_read(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.cookie_key(), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_comes_from_a_file_and_one_that_cannot_be_read_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_text("from a file\n")
    monkeypatch.setenv("RISKAPP_SECRET_KEY_FILE", str(path))
    assert Settings.from_environment().cookie_key() == "from a file"
    path.unlink()
    with pytest.raises(SettingsRefused, match="RISKAPP_SECRET_KEY_FILE"):
        Settings.from_environment()


def test_a_value_that_cannot_be_used_stops_the_start_and_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RISKAPP_UPLOAD_LIMIT", "much")
    with pytest.raises(SettingsRefused, match="RISKAPP_UPLOAD_LIMIT"):
        Settings.from_environment()
