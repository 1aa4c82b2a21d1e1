"""Signing keys: which there were, a new one, and one whose predecessor is lost."""

import click
from flask.cli import AppGroup

from riskapp.audit.errors import KeyUnknown
from riskapp.audit.keys import (
    ListedKey,
    adopt,
    chain_problems,
    in_use,
    listed_keys,
    our_keys,
    rotate,
)
from riskapp.audit.service import OPERATOR
from riskapp.cli.proofs import signing
from riskapp.core.db import reading
from riskapp.ports import Ports
from riskapp.web.ports import ports

FOUND = 3

signing_keys = AppGroup("signing-keys", help="The keys that this installation signs by.")


@signing_keys.command("list")
@click.pass_context
def list_keys(ctx: click.Context) -> None:
    """List the signing keys, the oldest first; never what is secret of them.

    Each line has the number, the fingerprint, `current`, `former` or `foreign`, since when (UTC),
    and `first`, `endorsed` or `adopted`, between tabs.
    """
    signer = ports().signer
    key = _settled()
    ours = our_keys(reading(), signer.held().raw_public_key)
    for one in listed_keys(reading()):
        standing = "foreign"
        if one in ours:
            standing = "current" if one.fingerprint == key else "former"
        click.echo("\t".join([str(one.number), one.fingerprint, standing, *_origin(one)]))
    found = chain_problems(reading(), signer)
    for problem in found:
        click.echo(problem, err=True)
    if found:
        ctx.exit(FOUND)


def _settled() -> str:
    """The fingerprint of the key in its place, once a rotation that broke off is finished."""
    signer = ports().signer
    try:
        return in_use(reading(), signer).fingerprint
    except KeyUnknown:
        return signer.fingerprint


def _origin(one: ListedKey) -> tuple[str, str]:
    how = "first" if one.acceptance is None else "adopted"
    return f"{one.since:%Y-%m-%dT%H:%M:%SZ}", how if one.endorsement is None else "endorsed"


@signing_keys.command("rotate")
def rotate_key() -> None:
    """Make a new signing key, which the present one endorses. Prints the new fingerprint.

    What was signed before stays valid. Processes on this machine notice; copy the file to others.
    """
    parts = ports()
    _told(parts, rotate(parts.signer, actor=OPERATOR, now=parts.clock.now()))


@signing_keys.command("adopt")
def adopt_key() -> None:
    """Sign by the key that lies in its place, though the one before did not endorse it.

    For when that one is lost, or an older backup was restored. Prints the fingerprint.
    """
    parts = ports()
    _told(parts, adopt(parts.signer, actor=OPERATOR, now=parts.clock.now()))


def _told(parts: Ports, key: ListedKey) -> None:
    click.echo(key.fingerprint)
    click.echo(
        f"Copy {parts.settings.signing_key_path} to its place offline and to every machine that "
        "serves, and publish the fingerprint as before.",
        err=True,
    )
    with signing():
        parts.log.checkpoint(parts.clock.now())  # the new key vouches for all there was until now
