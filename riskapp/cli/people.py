"""People who sign in."""

import sys

import click
from flask.cli import AppGroup

from riskapp.accounts.permissions import Role
from riskapp.accounts.queries import person_with
from riskapp.accounts.service import LastAdministrator, add_person
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.custody.people import erase_person
from riskapp.web.ports import ports

ROLES = {"officer": Role.OFFICER, "auditor": Role.AUDITOR, "admin": Role.ADMINISTRATOR}

people = AppGroup("people", help="People who sign in.")


@people.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What the person is.")
@click.option("--name", default="", help="As pages show it; without it, from the address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Let somebody in.

    Prints a random password, once, unless --password-stdin gives one.
    """
    password = _typed() if password_stdin else None
    person = add_person(
        email=email,
        name=name,
        role=ROLES[role],
        actor=OPERATOR,
        now=ports().clock.now(),
        password=password,
    )
    click.echo(f"{person.email} can sign in as {ROLES[role]}.")
    if password is None:
        click.echo(f"Password, shown only now: {person.password}")


@people.command("erase")
@click.argument("email")
def erase(email: str) -> None:
    """Erase somebody: name, address, password, sessions, and who it was that did things.

    Cannot be undone. The trail stays valid, and says "somebody who was erased".
    """
    found = person_with(reading(), email)
    if found is None:
        raise FieldRefused("email", "Nobody signs in with this address.")
    try:
        erase_person(found.id, actor=OPERATOR, now=ports().clock.now())
    except LastAdministrator:
        raise FieldRefused(
            "email",
            "This is the last administrator whose account is open. Add or open another one first.",
        ) from None
    click.echo(f"Erased. What this person did stays in the record, under {found.id}.")


def _typed() -> str:
    """The first line of standard input, without its end. Raises FieldRefused."""
    try:
        line = sys.stdin.buffer.readline().decode()
    except UnicodeDecodeError as error:
        raise FieldRefused("password", "It is no UTF-8 text. Give it as UTF-8.") from error
    return line.rstrip("\r\n")
