"""Refusals: a service that will not do a thing raises one of these; views and CLI word them."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """The parent of every typed refusal. Subclasses carry the data that a message needs."""


class NotFound(Refusal):
    """There is no such thing, or the person may not know that there is."""


class FieldRefused(Refusal):
    """Input that cannot be taken: names the field, the problem and the way out."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
