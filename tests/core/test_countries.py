"""The countries that can be chosen, and what they are called."""

import pytest

from riskapp.core.countries import all_countries, is_country, name


def test_there_are_the_249_assigned_codes_and_each_once() -> None:
    codes = [code for code, _ in all_countries()]

    assert len(codes) == len(set(codes)) == 249


@pytest.mark.parametrize("code", ["EU", "UN", "EZ", "ZZ", "XA", "XB", "QO", "XK", "UK", "EL"])
def test_groups_reserved_and_made_up_codes_are_no_countries(code: str) -> None:
    assert not is_country(code)


@pytest.mark.parametrize("code", ["de", "DEU", "276", "", "D"])
def test_a_code_is_two_capitals(code: str) -> None:
    assert not is_country(code)


@pytest.mark.parametrize("code", ["DE", "GB", "SJ", "BQ", "SX", "AX", "TW", "PS"])
def test_countries_and_territories_are_known(code: str) -> None:
    assert is_country(code)


def test_a_country_is_named_in_the_language_asked_for() -> None:
    assert (name("DE"), name("DE", "de"), name("DE", "pt-BR")) == (
        "Germany",
        "Deutschland",
        "Alemanha",
    )


def test_what_is_no_country_has_no_name() -> None:
    with pytest.raises(KeyError):
        name("XK")


def test_accents_do_not_change_the_order() -> None:
    names = [words for _, words in all_countries()]

    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert names.index("Curaçao") < names.index("Cyprus")
