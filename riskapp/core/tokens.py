"""Secrets that people carry (links, sessions): we keep only their hash."""

import hashlib
import secrets


def new_token() -> str:
    """43 URL-safe characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored and looked up.

    A plain SHA-256 suffices: the token has 256 random bits, so nobody can try them all, and an
    index look-up of the hash tells nothing about the token through timing.
    """
    return hashlib.sha256(token.encode()).hexdigest()
