"""An administrator erases somebody, after a page that says what goes and what stays."""

import pytest

from tests.cast import Cast
from tests.conftest import Client
from tests.web.test_admin import text_of


def test_the_page_says_what_goes_and_what_stays_and_erases_nothing(
    client: Client, cast: Cast
) -> None:
    listed = client.as_(cast.ada).get("/admin/people").get_data(as_text=True)
    assert f'href="/admin/people/{cast.olga.id}/erase"' in listed
    words = text_of(client.get(f"/admin/people/{cast.olga.id}/erase"))
    assert "Erase Olga?" in words
    assert "olga@example.com" in words
    assert "reasons, review notes, requests and decisions" in words
    assert "It cannot be undone." in words
    assert "Olga olga@example.com" in text_of(client.get("/admin/people"))


def test_somebody_who_was_erased_is_listed_no_more(client: Client, cast: Cast) -> None:
    client.as_(cast.ada)
    done = client.post(f"/admin/people/{cast.olga.id}/erase", follow_redirects=True)
    assert "The person is erased." in text_of(done)
    assert "lga" not in text_of(done)
    assert "erased:" not in done.get_data(as_text=True)
    assert client.get(f"/admin/people/{cast.olga.id}/erase").status_code == 404
    for verb in ("erase", "open", "close", "reset"):
        assert client.post(f"/admin/people/{cast.olga.id}/{verb}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_erases_themselves(client: Client, cast: Cast, method: str) -> None:
    path = f"/admin/people/{cast.ada.id}/erase"
    response = client.as_(cast.ada).open(path, method=method, follow_redirects=True)
    assert "Nobody erases themselves." in text_of(response)
    assert "Ada ada@example.com" in text_of(response)


def test_the_page_of_somebody_who_is_not_there_is_not_found(client: Client, cast: Cast) -> None:
    assert client.as_(cast.ada).get(f"/admin/people/{'0' * 32}/erase").status_code == 404
