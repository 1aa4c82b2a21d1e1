"""What a process that serves does once, before the first request."""

import gc

import sqlalchemy as sa
from flask import Flask

from riskapp.audit.errors import KeysUnreadable, KeyUnknown
from riskapp.audit.keys import enrol
from riskapp.core.crypto.signing import SigningKeyUnreadable
from riskapp.core.db import db, forget_deleted, reading
from riskapp.evidence.keys import opens_what_is_stored
from riskapp.evidence.leftovers import put_in_order
from riskapp.logs import log
from riskapp.web.ports import ports


class KeyringForeign(SystemExit):
    """The keyring does not open what is stored: serving on would add files to a second one."""


class SigningKeyForeign(SystemExit):
    """The signing key is not the one that this installation signs by, which nobody could trust."""


def make_ready(app: Flask) -> None:
    """Settles or clears what a killed process left, and tries keyring and signing key.

    The first start notes which key signs. Raises KeyringForeign, SigningKeyForeign,
    StoreUnavailable, OperationalError: a start that would lose something is no start. Before the
    migrations there is nothing to do.
    """
    gc.freeze()  # what was imported stays: looking through it for garbage would slow requests
    with app.app_context():
        if not sa.inspect(db.engine).has_table("signing_key"):
            return
        parts = ports()
        if not opens_what_is_stored(reading(), parts.keyring):
            raise KeyringForeign(
                f"The keyring {parts.settings.keyring_path} does not open the keys in the "
                "database: restore the keyring that belongs to it from your backup."
            )
        try:
            enrol(parts.signer, parts.clock.now())
        except (KeysUnreadable, KeyUnknown, SigningKeyUnreadable) as error:
            raise SigningKeyForeign(str(error)) from error
        left = put_in_order(parts.blobs)
        if left:
            forget_deleted()  # an erasure may have been killed before SQLite's log was emptied
            log.info("left by a killed process, put in order", blobs=left)
