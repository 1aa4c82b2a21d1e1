"""Sentences that can be said in another language, without knowing which.

The rooms below the web word what they refuse in English, as a `Sentence`: text for whoever takes it
so (the command line, the officers' pages), template and values for the web, which says it in the
language of the page.
"""

from typing import Self


class Sentence(str):
    """English words with the template and the values that they are made of.

    Values may be sentences themselves, days and numbers: each is written as the language does it.
    Without values the template is no pattern: its braces stand for themselves. `make translations`
    finds templates by the name of this class, and of `counted`: they stand in the call.
    """

    __slots__ = ("many", "template", "values")
    template: str
    many: str | None
    """The template for every number but one, where it depends on the value `count`."""
    values: dict[str, object]

    def __new__(cls, template: str, many: str | None = None, /, **values: object) -> Self:
        chosen = template if many is None or values["count"] == 1 else many
        self = super().__new__(cls, chosen.format(**values) if values else chosen)
        self.template, self.many, self.values = template, many, values
        return self

    def of(self, **values: object) -> "Sentence":
        """The pattern that this is, with its values."""
        return Sentence(self.template, self.many, **values)


def counted(one: str, many: str, /, count: int, **values: object) -> Sentence:
    """A sentence about one thing or about `count` things."""
    return Sentence(one, many, count=count, **values)
