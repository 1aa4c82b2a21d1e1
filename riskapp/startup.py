"""What a process that serves does once, before the first request."""

import gc

import sqlalchemy as sa
from flask import Flask

from riskapp.core.db import db, reading
from riskapp.evidence.keys import opens_what_is_stored
from riskapp.evidence.queries import blob_known
from riskapp.evidence.removals import unlink_removed
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
        left = len(parts.blobs.sweep(lambda blob: blob_known(reading(), blob)))
        left += unlink_removed(parts.blobs)
        if left:
            log.info("left by a killed process, put in order", blobs=left)
