"""What files say of their licence, and whether their texts may be passed on."""

import pytest

from riskapp.catalogue.importers.rights import rights

UNKNOWN = "Unknown: ask whoever gave you the file."


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        (
            "Licensed under the Apache License, Version 2.0",
            "Licensed under the Apache License, Version 2.0",
        ),
        (
            "Copyright 2016 Acme Inc. Licensed under Apache License 2.0 …",
            "Apache-2.0. Copyright 2016 Acme Inc. Licensed under Apache License 2.0 ….",
        ),
        ("MIT", "MIT"),
        ("Acme", "Acme"),
    ],
)
def test_the_licence_is_told_in_the_words_of_the_file(said: str, licence: str) -> None:
    assert rights([said], [], "").licence == licence


def test_without_a_word_about_it_the_licence_is_unknown() -> None:
    found = rights([], ["A title"], "Is there a licence for your software?")
    assert found.licence == UNKNOWN
    assert found.restricted is not None
    assert "unknown" in found.restricted


@pytest.mark.parametrize(
    "said",
    [
        "Apache-2.0",
        "CC0 1.0 Universal",
        "CC BY 4.0",
        "CC-BY-SA-4.0",
        "MIT License",
        "This work is in the public domain.",
        "Open Government Licence v3.0",
        "EUPL-1.2",
        "Licence Ouverte / Open Licence (Etalab)",
        "GPLv3",
        "© Acme. All rights reserved. CC BY 4.0",
    ],
)
def test_open_licences_restrict_nothing(said: str) -> None:
    assert rights([said], [], "").restricted is None


@pytest.mark.parametrize(
    ("about", "owner"),
    [
        ("CAIQ v4.0.3", "Cloud Security Alliance"),
        ("Cloud Controls Matrix", "Cloud Security Alliance"),
        ("SIG Lite 2024", "Shared Assessments"),
        ("HECVAT 4", "EDUCAUSE"),
        ("ISO/IEC 27001:2022", "ISO/IEC"),
        ("Trust Services Criteria", "AICPA"),
        ("PCI DSS 4.0", "PCI Security Standards"),
        ("HITRUST CSF", "HITRUST"),
        ("COBIT 2019", "ISACA"),
    ],
)
def test_texts_with_a_known_owner_are_restricted_whatever_the_licence_says(
    about: str, owner: str
) -> None:
    restricted = rights(["CC BY 4.0"], [about], "").restricted
    assert restricted is not None
    assert owner in restricted


def test_questions_that_only_mention_an_owner_restrict_nothing() -> None:
    body = "Do you follow ISO/IEC 27001? Is your data confidential? Do you answer the CAIQ?"
    assert rights(["CC BY 4.0"], ["Our questions"], body).restricted is None


@pytest.mark.parametrize(
    "said", ["CC BY-NC 4.0", "CC BY-NC-ND", "CC-BY-ND-4.0", "NonCommercial only"]
)
def test_licences_that_forbid_changes_or_commerce_restrict(said: str) -> None:
    restricted = rights([said], [], "").restricted
    assert restricted is not None
    assert "forbids" in restricted


@pytest.mark.parametrize(
    ("about", "body", "words"),
    [
        ("TLP:AMBER+STRICT", "", "TLP:AMBER"),
        ("", "Marked TLP RED.", "TLP RED"),
        ("Acme, alle Rechte vorbehalten", "", "alle Rechte vorbehalten"),
        ("", "© Acme. All rights reserved.", "All rights reserved"),
        ("Strictly confidential", "", "Strictly confidential"),
        ("Nur für Acme. Vertraulich!", "", "Vertraulich"),
        ("Not for distribution", "", "Not for distribution"),
    ],
)
def test_marks_restrict(about: str, body: str, words: str) -> None:
    restricted = rights([], [about], body).restricted
    assert restricted is not None
    assert words in restricted


def test_a_mark_of_the_traffic_light_counts_more_than_a_licence() -> None:
    assert rights(["CC BY 4.0"], ["TLP:RED"], "").restricted is not None
    assert rights(["CC BY 4.0"], ["TLP:CLEAR"], "").restricted is None
