"""Passwords: argon2id, at least 12 characters, none that attackers try first."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from riskapp.core.errors import FieldRefused

SHORTEST = 12
LONGEST = 200
WEAK_BELOW = 3  # zxcvbn's 0..4: below 3 is guessed in fewer than 10^8 tries

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when the account does not exist, so that the answer takes as long as when it does."""
    return _hasher.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes as long when there is no account."""
    nobody = _nobody()  # made at the first sign-in, whoever it is for, and not at every start
    try:
        _hasher.verify(stored or nobody, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def new_password() -> str:
    """Twenty random characters, for an account that somebody else sets up."""
    return secrets.token_urlsafe(15)


def refuse_weak(password: str, *, about: list[str]) -> None:
    """Raises FieldRefused for a password that is short, common, or made of the person's own data.

    `about` holds the e-mail address and the name.
    """
    if len(password) < SHORTEST:
        raise FieldRefused(
            "password", f"Use at least {SHORTEST} characters. Several words are easy to remember."
        )
    if len(password) > LONGEST:
        raise FieldRefused("password", f"Use at most {LONGEST} characters.")
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists cost start-up time

    if zxcvbn(password[:72], user_inputs=about)["score"] < WEAK_BELOW:
        raise FieldRefused(
            "password",
            "This password is among those that are guessed first. Add a few unrelated words.",
        )
