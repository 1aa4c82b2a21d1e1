"""What an officer wants of a pack, read from the form: the terms, and what is kept out of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import request

from riskapp.core.errors import FieldRefused
from riskapp.packs.choosing import OfferedSection
from riskapp.packs.narrowing import PEOPLE, Narrowing, Redaction, What
from riskapp.packs.sealing import PrivateKeyGiven, recipient
from riskapp.packs.service import PackWish, checked_purpose, checked_recipient
from riskapp.web.desk.common import day_or_none, text
from riskapp.web.desk.forms import PackForm

OUT, REASON = "out", "reason-"
"""The ticks of what is kept out, and what the field of a reason begins with; the tick follows."""
NAMES = f"names:{PEOPLE}"
TERMS = ("recipient", "purpose", "until", "sealed_to", OUT)
"""What the first page of the form asks; all else stands on the second one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that can be kept out. `tick` is its value in the form, `what` says it in words."""

    tick: str
    what: str

    @property
    def field(self) -> str:
        return REASON + self.tick

    @property
    def reason(self) -> str:
        """Its own, or the one that stands for all."""
        own: str = request.form.get(self.field, "").strip()
        return own or request.form.get("reason", "").strip()

    def redaction(self) -> Redaction:
        kind, _, which = self.tick.partition(":")
        kinds: dict[str, What] = {"answer": "answer", "file": "file", "names": "names"}
        return Redaction(kinds[kind], which, self.reason)


def offers(sections: Sequence[OfferedSection]) -> Iterator[Kept]:
    """All that can be kept out."""
    yield Kept(NAMES, "The names of people")
    for section in sections:
        for question in section.questions:
            yield Kept(f"answer:{question.id}", f"The answer to {question.id}")
            for file in question.files:
                yield Kept(f"file:{file.id}", f"The file “{file.name}” of {question.id}")


def kept_out(sections: Sequence[OfferedSection]) -> list[Kept]:
    """What is ticked, in the order of the page. Raises FieldRefused for what is not offered."""
    ticked = set(request.form.getlist(OUT))
    found = [one for one in offers(sections) if one.tick in ticked]
    if len(found) != len(ticked):
        raise FieldRefused(
            OUT, "Something that you ticked is not there any more. Look through the list again."
        )
    return found


def wish(
    form: PackForm, vendor_id: str, assessment_id: str | None, kept: Sequence[Kept]
) -> PackWish:
    """What the form says. Raises FieldRefused for a day or a key that is none."""
    key = text(form.sealed_to)
    return PackWish(
        vendor_id,
        assessment_id,
        text(form.recipient),
        text(form.purpose),
        day_or_none(form.until, "the last day of use"),
        Narrowing(
            evidence=text(form.without_files) != "yes",
            redactions=tuple(one.redaction() for one in kept),
        ),
        recipient(key).text if key.strip() else None,
    )


def wrong_terms(form: PackForm) -> dict[str, str]:
    """A message for each of the terms that is wrong, so that all are said at once."""
    found = {}
    checks: tuple[Callable[[], object], ...] = (
        lambda: checked_recipient(text(form.recipient)),
        lambda: checked_purpose(text(form.purpose)),
        lambda: day_or_none(form.until, "the last day of use"),
        lambda: not text(form.sealed_to).strip() or recipient(text(form.sealed_to)),
    )
    for check in checks:
        try:
            check()
        except FieldRefused as error:
            found[error.field] = error.message
            if isinstance(error, PrivateKeyGiven):
                form.sealed_to.data = ""
    return found


def missing_reasons(kept: Sequence[Kept]) -> dict[str, str]:
    """A message for each that is kept out without a reason."""
    return {
        one.field: f"Say why this is kept out: {one.what[:1].lower()}{one.what[1:]}."
        for one in kept
        if not one.reason
    }
