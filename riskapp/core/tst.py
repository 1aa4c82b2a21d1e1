"""What a time-stamping authority is asked, and what its answer says (RFC 3161). Pure.

Read by ourselves, leniently: authorities answer in BER as often as in DER, and OpenSSL's own puts
certificates in another order than DER demands. Who relies on a time stamp verifies its signature
with `openssl ts -verify`; here it is only made sure that it belongs to the question.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_SHA256 = bytes.fromhex("608648016503040201")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_BOOLEAN, _INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x01, 0x02, 0x04, 0x05, 0x06, 0x30
_EXPLICIT, _CONSTRUCTED, _END = 0xA0, 0x20, b"\0\0"
_DEEPEST = 16
_GRANTED = (0, 1)
"""Granted as asked, and granted with modifications, of which the nonce and the digest tell."""


class Refused(ValueError):  # noqa: N818 - what the authority did
    """The authority answered that it gives no time stamp; `status` is its number for why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Stamped:
    """What a response vouches for. `sha256` is None where it is over another kind of digest."""

    sha256: bytes | None
    nonce: int | None


def question(sha256: bytes, nonce: int) -> bytes:
    """The query (DER) for a time stamp over a digest, with the authority's certificates in it."""
    algorithm = _tlv(_SEQUENCE, _tlv(_OID, _SHA256) + _tlv(_NULL, b""))
    imprint = _tlv(_SEQUENCE, algorithm + _tlv(_OCTETS, sha256))
    certificates = _tlv(_BOOLEAN, b"\xff")
    return _tlv(_SEQUENCE, _integer(1) + imprint + _integer(nonce) + certificates)


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _tlv(tag: int, content: bytes) -> bytes:
    """Nothing that is asked has more than 127 bytes."""
    return bytes([tag, len(content)]) + content


def answer(response: bytes) -> Stamped:
    """What a response says. Raises Refused, and ValueError for what is none."""
    try:
        return _stamped(response)
    except (IndexError, StopIteration, RecursionError):
        raise ValueError("not a response of RFC 3161") from None


def _stamped(response: bytes) -> Stamped:
    whole = _children(response)
    if len(whole) != 1:
        raise ValueError("bytes behind the response")
    status, *token = _children(_content(whole[0], _SEQUENCE))
    number = int.from_bytes(_content(_children(_content(status, _SEQUENCE))[0], _INTEGER), "big")
    if number not in _GRANTED:
        raise Refused(number)
    signed = _children(_inside(token[0], _SIGNED_DATA))
    wrapped = _children(_content(signed[0], _SEQUENCE))
    octets = _children(_inside(wrapped[2], _TST_INFO))
    return _told(b"".join(_octets(octets[0])))


def _told(info: bytes) -> Stamped:
    """Of TSTInfo: version, policy, imprint, serial number, time; then what may be missing."""
    fields = _children(_content(_children(info)[0], _SEQUENCE))
    algorithm, digest = _children(_content(fields[2], _SEQUENCE))
    kind = _content(_children(_content(algorithm, _SEQUENCE))[0], _OID)
    nonces = [content for tag, content in fields[5:] if tag == _INTEGER]
    return Stamped(
        sha256=_content(digest, _OCTETS) if kind == _SHA256 else None,
        nonce=int.from_bytes(nonces[0], "big", signed=True) if nonces else None,
    )


_Element = tuple[int, bytes]
"""A tag, and the content behind it."""


def _content(element: _Element, wanted: int) -> bytes:
    tag, content = element
    if tag != wanted:
        raise ValueError(f"tag {tag:#04x} in place of {wanted:#04x}")
    return content


def _inside(element: _Element, kind: bytes) -> bytes:
    """The content of a SEQUENCE that says what it holds, and holds it behind a tag."""
    name, held = _children(_content(element, _SEQUENCE))
    if _content(name, _OID) != kind:
        raise ValueError("another kind of content")
    return _content(held, _EXPLICIT)


def _octets(element: _Element) -> Iterator[bytes]:
    """The parts of an OCTET STRING, which BER may have cut into several."""
    tag, content = element
    if tag == _OCTETS | _CONSTRUCTED:
        for part in _children(content):
            yield from _octets(part)
    else:
        yield _content(element, _OCTETS)


def _children(content: bytes) -> list[_Element]:
    found, at = list[_Element](), 0
    while at < len(content):
        tag, begin, end, at = _bounds(content, at, _DEEPEST)
        found.append((tag, content[begin:end]))
    return found


def _bounds(data: bytes, at: int, deepest: int) -> tuple[int, int, int, int]:
    """Of the element that begins at `at`: its tag, where its content is, where the next begins."""
    tag, length = data[at], data[at + 1]
    begin = at + 2
    if length == 0x80 and tag & _CONSTRUCTED and deepest:  # noqa: PLR2004 - "until an end is met"
        end = begin
        while data[end : end + 2] != _END:
            *_, end = _bounds(data, end, deepest - 1)
        return tag, begin, end, end + 2
    if length >= 0x80:  # noqa: PLR2004 - the length itself has so many bytes
        more = length & 0x7F
        if not 1 <= more <= 4:  # noqa: PLR2004 - what is read has 64 KiB at the most
            raise ValueError("a length that cannot be")
        length, begin = int.from_bytes(data[begin : begin + more], "big"), begin + more
    end = begin + length
    if end > len(data):
        raise ValueError("cut short")
    return tag, begin, end, end
