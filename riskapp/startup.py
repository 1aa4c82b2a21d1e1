"""What a process that serves does once, before the first request."""

import gc

import sqlalchemy as sa
from flask import Flask

from riskapp.core.db import db, forget_deleted, reading
from riskapp.evidence.keys import opens_what_is_stored
from riskapp.evidence.leftovers import put_in_order
from riskapp.logs import log
from riskapp.web.ports import ports


class KeyringForeign(SystemExit):
    """The keyring does not open what is stored: serving on would add files to a second one."""


def make_ready(app: Flask) -> None:
    """Settles or clears what a killed process left, and tries the keyring on a stored key.

    Raises KeyringForeign, StoreUnavailable, OperationalError: a start that would lose something
    is no start. Before the first migration there is nothing to do.
    """
    gc.freeze()  # what was imported stays: looking through it for garbage would slow requests
    with app.app_context():
        if not sa.inspect(db.engine).has_table("wrapped_key"):
            return
        parts = ports()
        if not opens_what_is_stored(reading(), parts.keyring):
            raise KeyringForeign(
                f"The keyring {parts.settings.keyring_path} does not open the keys in the "
                "database: restore the keyring that belongs to it from your backup."
            )
        left = put_in_order(parts.blobs)
        if left:
            forget_deleted()  # an erasure may have been killed before SQLite's log was emptied
            log.info("left by a killed process, put in order", blobs=left)
