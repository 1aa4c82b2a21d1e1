"""Settings that cannot be used stop the start, with words."""

import pytest

from riskapp.settings import Settings, SettingsRefused


@pytest.mark.parametrize("name", ["RISKAPP_SIGN_IN_LIMIT", "RISKAPP_LINK_LIMIT"])
def test_a_limit_that_nobody_can_count_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "3 per fortnight")
    with pytest.raises(SettingsRefused, match=f"{name}: .*10 per minute; 60 per hour"):
        Settings.from_environment()
    monkeypatch.setenv(name, "3 per day")
    Settings.from_environment()
