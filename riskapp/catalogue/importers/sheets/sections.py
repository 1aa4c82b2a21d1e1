"""Follows the headings down a sheet: those in rows of their own, and those in columns."""

import re


def heads(upper: str, lower: str) -> bool:
    """Whether an id is the heading of another: 5 of 5.1, A&A of A&A-01.1; never 1 of 10."""
    upper = upper.rstrip(". ")
    rest = lower.removeprefix(upper)
    return bool(upper) and rest != lower and re.match(r"[.\-_ /]\w", rest) is not None


class Sections:
    """Which section the next question belongs to."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []
        self._columns = {"section": "", "subsection": ""}
        self._after_row = self._replaced = False

    def row(self, text: str, name: str = "") -> str:
        """A heading in a row of its own, and its id if it has one; returns all that now hold.

        Without ids, a heading right below another is within it, and one that follows questions
        takes the place of the last.
        """
        one = name, text.replace("\n", " ")
        if name:
            self._rows = [above for above in self._rows if heads(above[0], name)] + [one]
        elif self._after_row:
            # Two that follow one another begin anew: the first of them was no lower one.
            self._rows = [*(self._rows[-1:] if self._replaced else self._rows), one]
        else:
            self._rows = [*(self._rows[:-1] if len(self._rows) > 1 else []), one]
        self._replaced = not name and not self._after_row and len(self._rows) > 1
        self._after_row = True
        return ": ".join(title for _, title in self._rows)

    def column(self, field: str, text: str) -> None:
        """What a column of sections says in a row; a lower one ends with the upper one."""
        if text:
            if field == "section" and text != self._columns[field]:
                self._columns["subsection"] = ""
            self._columns[field] = text.replace("\n", " ")

    def question(self) -> tuple[str, str]:
        """Section and subsection of a question that stands here; empty where there are none."""
        self._after_row = False
        upper, lower = self._columns["section"], self._columns["subsection"]
        titles = [title for _, title in self._rows]
        if not upper and titles:
            return titles[0], lower or ": ".join(titles[1:])
        same = [title for title in titles if title.casefold() != upper.casefold()]
        return upper, lower or ": ".join(same)
