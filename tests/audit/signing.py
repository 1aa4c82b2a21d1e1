"""Signing keys as tests of them have them."""

import pytest

from riskapp.audit.keys import ListedKey, chain_problems, known_keys, rotate
from riskapp.audit.service import OPERATOR
from riskapp.core.crypto.signing import FileSigner, Signer
from riskapp.core.db import reading
from tests.cast import NOW
from tests.conftest import Place


@pytest.fixture
def signer(place: Place) -> FileSigner:
    """As a process of its own has it."""
    return FileSigner(place.instance / "signing_key")


def rotated(signer: Signer) -> ListedKey:
    return rotate(signer, actor=OPERATOR, now=NOW)


def known(signer: Signer) -> list[bytes]:
    reading().rollback()
    return known_keys(reading(), signer.held().raw_public_key)


def problems(signer: Signer) -> str:
    reading().rollback()
    return "\n".join(chain_problems(reading(), signer))
