"""Responses of time-stamping authorities, as they come: DER, BER, damaged."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.tst import Refused, Stamped, answer, question
from tests.requirements import missing, openssl
from tests.tsa import Authority, authority

__all__ = ["authority"]

DATA = b"a checkpoint"
DIGEST = hashlib.sha256(DATA).digest()


@pytest.fixture(scope="module")
def response(authority: Authority) -> bytes:
    return authority.reply(question(DIGEST, 7))


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 2**62, 2**63 - 1])
def test_openssl_reads_a_question_and_answers_it(
    authority: Authority, tmp_path: Path, nonce: int
) -> None:
    asked = question(DIGEST, nonce)
    program = openssl() or missing("openssl")
    (tmp_path / "query").write_bytes(asked)
    told = subprocess.run(
        [program, "ts", "-query", "-in", tmp_path / "query", "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Hash Algorithm: sha256" in told
    assert int(re.findall(r"Nonce: 0x([0-9A-F]+)", told)[0], 16) == nonce
    assert "Certificate required: yes" in told
    assert answer(authority.reply(asked)) == Stamped(DIGEST, nonce)


def test_a_refusal_is_told_with_its_number(authority: Authority) -> None:
    with pytest.raises(Refused) as refused:
        answer(authority.reply(question(DIGEST, 7), "picky"))
    assert refused.value.status == 2


def test_another_kind_of_digest_is_none_of_ours(authority: Authority) -> None:
    asked = authority.query(DATA, "-sha512")
    assert answer(authority.reply(asked, "picky")).sha256 is None


def tlv(tag: int, content: bytes) -> bytes:
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    return bytes([tag, 0x83]) + len(content).to_bytes(3, "big") + content


def lengths(data: bytes, *, indefinite: bool) -> bytes:
    """The same values in BER: lengths longer than they need be, or left open; octets in parts."""
    found, at = b"", 0
    while at < len(data):
        tag, length, begin = data[at], data[at + 1], at + 2
        if length >= 128:
            more = length - 128
            length, begin = int.from_bytes(data[begin : begin + more], "big"), begin + more
        content = data[begin : begin + length]
        at = begin + length
        if tag & 0x20:
            inner = lengths(content, indefinite=indefinite)
            found += bytes([tag, 0x80]) + inner + bytes(2) if indefinite else tlv(tag, inner)
        elif tag == 0x04 and length > 60 and indefinite:
            found += b"\x24\x80" + tlv(4, content[:9]) + tlv(4, content[9:]) + bytes(2)
        else:
            found += tlv(tag, content)
    return found


@pytest.mark.parametrize("indefinite", [False, True])
def test_a_response_in_ber_says_the_same(response: bytes, indefinite: bool) -> None:
    other = lengths(response, indefinite=indefinite)
    assert other != response
    assert answer(other) == answer(response) == Stamped(DIGEST, 7)


@given(st.data())
def test_what_is_damaged_is_refused_or_read_and_breaks_nothing(
    response: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(response) - 1))
    changed = bytearray(response)
    changed[at] ^= data.draw(st.integers(1, 255))
    for one in (bytes(changed), response[:at], response + response[: at + 1]):
        try:
            found = answer(one)
        except ValueError:
            continue
        assert one == bytes(changed), "what is cut or goes on is refused"
        assert isinstance(found, Stamped)


@given(st.binary(max_size=300))
def test_what_is_no_response_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part of it is wrong
        answer(data)


@pytest.mark.parametrize("nested", [b"\x30\x80" * 30_000, b"\x30\x84\xff\xff\xff\xff", b"\x30"])
def test_hostile_forms_end_soon(nested: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        answer(nested)
