from riskapp.core.errors import Refusal


class LogBent(Refusal):
    """The log is not a continuation of what was signed before: nothing more is signed.

    `size` is that of the checkpoint which does not fit; None where hashes are missing that others
    rest on, or are none.
    """

    def __init__(self, size: int | None) -> None:
        super().__init__(
            "Of the log, hashes are missing that others rest on."
            if size is None
            else f"The log does not continue the checkpoint of {size} events."
        )
        self.size = size


class LookBroken(Refusal):
    """Verifying ended before its end: one of its processes was killed."""

    def __init__(self) -> None:
        super().__init__(
            "Not everything was looked at: a process of the verifier was killed, perhaps for want "
            "of memory. Run it again."
        )


class KeyUnknown(Refusal):
    """The signing key is another one than the installation's newest, which did not endorse it."""

    def __init__(self, known: str, found: str) -> None:
        super().__init__(
            f"The signing key in its place is {found}, but the newest one of this installation is "
            f"{known}, so that nothing is signed. Put that key back: it lies in your copies, or "
            "on the machine where keys were rotated. Only if it is lost, or an older backup was "
            "restored: `flask riskapp signing-keys adopt` takes the one that is there, and "
            "everybody who knows the fingerprint has to be told the new one. If neither fits, "
            "somebody wrote to the database."
        )
        self.known = known
        self.found = found


class KeysUnreadable(Refusal):
    """The list of keys holds something that no key has."""

    def __init__(self) -> None:
        super().__init__(
            "The list of signing keys cannot be read: somebody wrote to the database. Restore it "
            "from a backup."
        )


class KeyInUse(Refusal):
    """The key that was to be adopted is the installation's newest already."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(f"The key {fingerprint} is in use already; nothing was changed.")
        self.fingerprint = fingerprint


class KeyUsedBefore(Refusal):
    """A former key cannot come back: what it signed would be of two times."""

    def __init__(self, fingerprint: str, number: int) -> None:
        super().__init__(
            f"The key {fingerprint} was in use before, as key {number}, and cannot come back. Move "
            "its file away, so that a new key is made, and run this again."
        )
        self.fingerprint = fingerprint
        self.number = number
