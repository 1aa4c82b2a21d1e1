"""Settings, and the secret that an installation makes for itself."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from riskapp import create_app
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


@pytest.mark.parametrize(
    "written",
    ["bucket", "https://bucket", "s3://", "s3:///prefix", "s3://a_b", "s3://b/../c", "s3://b?c=d"],
)
def test_a_blob_url_without_a_bucket_stops_the_start_and_is_named(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("RISKAPP_BLOB_URL", written)
    with pytest.raises(SettingsRefused, match=r"RISKAPP_BLOB_URL: .*s3://bucket"):
        Settings.from_environment()


@pytest.mark.parametrize("written", ["127.0.0.1:9000", "s3.example.org", "ftp://s3.example.org"])
def test_a_blob_endpoint_that_is_no_address_stops_the_start_and_is_named(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("RISKAPP_BLOB_ENDPOINT", written)
    with pytest.raises(SettingsRefused, match=r"RISKAPP_BLOB_ENDPOINT: .*https://"):
        Settings.from_environment()


def test_a_blob_key_without_its_secret_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKAPP_BLOB_KEY", "key")
    with pytest.raises(SettingsRefused, match="RISKAPP_BLOB_SECRET"):
        Settings.from_environment()


@pytest.mark.parametrize("written", ["s3://bucket", "s3://bucket/", "s3://my.bucket-1/evidence/x"])
def test_a_bucket_and_a_prefix_are_taken(written: str) -> None:
    assert Settings.model_validate({"blob_url": written}).blob_url == written


@pytest.mark.parametrize("address", ["localhost", "clamd.ctl", "localhost:clamd"])
def test_an_address_of_a_virus_scanner_that_is_none_stops_the_start(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(SettingsRefused, match="RISKAPP_CLAMD: write it like"):
        create_app(Settings(instance=tmp_path, clamd=address))


@pytest.mark.parametrize(
    "address", ["https://risk.example.com/a+b", "https://risk.example.com/a b"]
)
def test_an_address_that_cannot_name_a_log_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsRefused, match="RISKAPP_BASE_URL"):
        create_app(Settings(instance=tmp_path, base_url=address))
