from riskapp.core.errors import Refusal


class LogBent(Refusal):
    """The log is not a continuation of what was signed before: nothing more is signed.

    `size` is that of the checkpoint which does not fit.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"The log does not continue the checkpoint of {size} events.")
        self.size = size


class KeyUnknown(Refusal):
    """The signing key is another one than the installation's newest, which did not endorse it."""

    def __init__(self, known: str, found: str) -> None:
        super().__init__(f"The signing key is {found}; the newest one that is known is {known}.")
        self.known = known
        self.found = found
