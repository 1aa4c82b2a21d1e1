"""Somebody who can write whatever they like to the database, and knows how the log is made.

What they compute is computed here anew; they have no signing key but their own.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from riskapp.core.db import db
from riskapp.tables import METADATA

TABLES = ("event", "event_private", "log_entry", "log_node", "checkpoint", "signing_key")
Rows = list[dict[str, Any]]


@dataclass
class State:
    """All that is kept of the trail, to be changed at will."""

    event: Rows
    event_private: Rows
    log_entry: Rows
    log_node: Rows
    checkpoint: Rows
    signing_key: Rows

    def by_number(self) -> Rows:
        """The events that have numbers, in their order."""
        known = {row["id"]: row for row in self.event}
        return [known[row["event_id"]] for row in sorted(self.log_entry, key=number)]

    def redo(self, events: Rows) -> None:
        """Numbers these events anew, and makes everything that follows from them."""
        leaves = [leaf(row["body"]) for row in events]
        self.log_entry = [
            {"number": at, "event_id": row["id"], "leaf": one.hex()}
            for at, (row, one) in enumerate(zip(events, leaves, strict=True))
        ]
        self.log_node = [
            {"level": 8, "position": at, "hash": root(leaves[at << 8 : (at + 1) << 8]).hex()}
            for at in range(len(leaves) >> 8)
        ]

    def forged(self, at: datetime, **said: Any) -> dict[str, Any]:
        """An event like any other, of the highest id."""
        body = {
            "v": 1,
            "type": "decision:make",
            "at": at.isoformat(),
            "actor": "person",
            "object": "forged",
            "vendor": None,
            "assessment": None,
            "private": {},
            **said,
        }
        row = {
            "id": max(row["id"] for row in self.event) + 1,
            "at": at,
            "type": body["type"],
            "object_id": body["object"],
            "actor_kind": body["actor"],
            "vendor_id": None,
            "assessment_id": None,
            "body": written(body),
            "xid": 0,
        }
        self.event.append(row)
        return row

    def sign_all(self) -> None:
        """Every checkpoint anew, and the list of keys, by a key of their own."""
        key = Ed25519PrivateKey.generate()
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        leaves = [leaf(row["body"]) for row in self.by_number()]
        for row in self.checkpoint:
            origin = row["note"].split("\n")[0]
            row["note"] = note(origin, leaves[: row["size"]], key)
        blob = ssh(b"ssh-ed25519") + ssh(raw)
        print_ = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        self.signing_key[-1]["public_key"] = f"ssh-ed25519 {base64.b64encode(blob).decode()}"
        self.signing_key[-1]["fingerprint"] = f"SHA256:{print_}"


def number(row: dict[str, Any]) -> int:
    found: int = row["number"]
    return found


def written(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaf(body: str) -> bytes:
    return hashlib.sha256(b"\0" + body.encode()).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962's definition, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def note(origin: str, leaves: list[bytes], key: Ed25519PrivateKey) -> str:
    """A checkpoint as C2SP's signed-note and tlog-checkpoint have it."""
    text = f"{origin}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    name = hashlib.sha256(origin.encode() + b"\n\1" + raw).digest()[:4]
    signature = base64.b64encode(name + key.sign(text.encode())).decode()
    return f"{text}\n— {origin} {signature}\n"


def ssh(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def salted(value: str) -> tuple[str, str]:
    """A fresh salt, and the commitment to a value under it."""
    salt = secrets.token_bytes(32)
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in salt) + b"\x36" * 32 + value.encode()).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in salt) + b"\x5c" * 32 + inner).hexdigest()
    return salt.hex(), outer


def state() -> State:
    """In the order of the keys, which a database does not have by itself."""
    tables = [METADATA.tables[name] for name in TABLES]
    queries = [sa.select(one).order_by(*one.primary_key) for one in tables]
    with db.engine.connect() as connection:
        return State(*([dict(row._mapping) for row in connection.execute(one)] for one in queries))


def put(wanted: State) -> None:
    """Writes everything as the attacker wants it, whatever the triggers say."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for trigger in connection.execute(sa.text(query)).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in TABLES:
            table = METADATA.tables[name]
            connection.execute(sa.delete(table))
            rows = getattr(wanted, name)
            if rows:
                connection.execute(sa.insert(table), rows)


@contextmanager
def attack() -> Iterator[State]:
    """The trail as it is; what is made of it inside is in the database until the block's end.

    Inside, call `put` when it is as wanted. Behind, all is as it was.
    """
    before, mine = state(), state()
    try:
        yield mine
    finally:
        put(before)
