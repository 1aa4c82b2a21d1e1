"""Ids that stand in URLs: random, so that nobody can guess a neighbour's."""

import secrets


def new_id() -> str:
    """32 hexadecimal digits, 128 random bits. Also a valid name of a stored blob."""
    return secrets.token_hex(16)
