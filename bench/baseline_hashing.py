"""Reads the bodies of all events by the plain driver, and hashes each once."""

import hashlib
import sqlite3

import psycopg

QUERY = "SELECT body FROM event ORDER BY id"


def on_sqlite(file: str) -> int:
    connection, count = sqlite3.connect(file), 0
    for count, (body,) in enumerate(connection.execute(QUERY), 1):  # noqa: B007 - told below
        hashlib.sha256(body.encode()).digest()
    connection.close()
    return count


def on_postgresql(url: str) -> int:
    count = 0
    with psycopg.connect(url) as connection, connection.cursor("bodies") as cursor:
        cursor.itersize = 2000
        cursor.execute(QUERY)
        for count, (body,) in enumerate(cursor, 1):  # noqa: B007 - told below
            hashlib.sha256(body.encode()).digest()
    return count
