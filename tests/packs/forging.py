"""A false log and false signatures, as somebody with a key of their own makes them."""

import base64
import hashlib
import json
import secrets
from pathlib import Path

from riskapp.core.crypto.signing import Key
from tests.packs.stories import Unpacked


def leaf(event: object) -> bytes:
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(b"\x00" + body.encode()).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962's MTH, as it is defined."""
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return hashlib.sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962's PATH, as it is defined."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*path(index, leaves[:half]), root(leaves[half:])]
    return [*path(index - half, leaves[half:]), root(leaves[:half])]


def split(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half


def note(origin: str, size: int, top: bytes, key: Key) -> str:
    text = f"{origin}\n{size}\n{base64.b64encode(top).decode()}\n"
    name = hashlib.sha256(origin.encode() + b"\n\x01" + key.raw_public_key).digest()[:4]
    signed = base64.b64encode(name + key.sign_raw(text.encode())).decode()
    return f"{text}\n\u2014 {origin} {signed}\n"


def forge_log(bag: Unpacked, key: Key) -> None:
    """A log of the events as they stand here, invented ones between them, by the key."""
    origin, size, _ = (bag / "audit/checkpoint").read_text().split("\n")[:3]
    events = {
        one["number"]: one["event"]
        for one in map(json.loads, (bag / "audit/events.jsonl").read_bytes().splitlines())
    }
    leaves = [
        leaf(events[number]) if number in events else secrets.token_bytes(32)
        for number in range(int(size))
    ]
    top = root(leaves)
    signed = note(origin, int(size), top, key)
    (bag / "audit/checkpoint").write_text(signed)
    for number in events:
        hashes = "".join(base64.b64encode(one).decode() + "\n" for one in path(number, leaves))
        proof = f"c2sp.org/tlog-proof@v1\nindex {number}\n{hashes}\n{signed}"
        (bag / f"audit/proofs/{number}.tlog-proof").write_text(proof)
    before = bag.json("data/assessment.json")["pack"]["checkpoint"]["root"]
    after = base64.b64encode(top).decode()
    for name in ("data/assessment.json", "bag-info.txt"):
        replaced(bag / name, before, after)
    encoded = base64.b64encode(b"\x01" + key.raw_public_key).decode()
    named = hashlib.sha256(origin.encode() + b"\n\x01" + key.raw_public_key).digest()[:4].hex()
    (bag / "keys/log.vkey").write_text(f"{origin}+{named}+{encoded}\n")
    line = f'riskapp namespaces="riskapp-pack" {key.public_key}\n'
    (bag / "keys/allowed_signers").write_text(line)


def replaced(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
