"""How words and values are written on pages: in the page's language, dates with their zone."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from flask import Flask
from markupsafe import Markup

from riskapp.catalogue.answers import number_in_words
from riskapp.core import countries
from riskapp.core.sentences import Sentence
from riskapp.evidence.damage import in_short as damage_in_short
from riskapp.evidence.rules import validity
from riskapp.web.languages import ENGLISH, current, translations
from riskapp.web.ports import ports

KIB = 1024

STATES = {
    "draft": "Draft",
    "issued": "Issued",
    "in-progress": "In progress",
    "submitted": "Submitted",
    "in-review": "In review",
    "returned": "Returned",
    "decided": "Decided",
    "cancelled": "Cancelled",
}
OUTCOMES = {
    "approve": "Approved",
    "approve-with-conditions": "Approved with conditions",
    "reject": "Rejected",
}
SERVICES = {
    "development": "Development",
    "infrastructure": "Infrastructure, data centre, cloud",
    "soc": "Security operations (SOC)",
    "helpdesk": "Helpdesk",
    "qa": "QA and testing",
    "staff-augmentation": "Staff augmentation",
    "saas": "Software as a service",
    "consulting": "Consulting",
}


def register(app: Flask) -> None:
    app.jinja_env.globals.update(_=_marked, ngettext=_counted, lang=lang)
    app.jinja_env.filters.update(
        say=say,
        within=within,
        date=written_date,
        time=written_time,
        size=written_size,
        damage_in_short=damage_in_short,
        validity=lambda day: validity(day, ports().clock.now().date()),
        country=lambda code: countries.name(code, current()),
        state=lambda state: STATES[state],
        outcome=lambda outcome: OUTCOMES[outcome],
        service=lambda service: SERVICES[service],
    )


def say(words: str, /, **values: object) -> str:
    """Our own words in the language of the page: a sentence, or a literal with its values.

    `make translations` finds literals by the name of this function. Words that are not ours come
    back as they are.
    """
    if isinstance(words, Sentence):
        template, values = _template(words), words.values
    else:
        template = translations(current()).gettext(words) if words else words
    return template.format(**_written(values)) if values else template


def _template(sentence: Sentence) -> str:
    known = translations(current())
    if sentence.many is None:
        return known.gettext(sentence.template)
    return known.ngettext(sentence.template, sentence.many, cast(int, sentence.values["count"]))


def _written(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: object) -> object:
    match value:
        case Sentence():
            return say(value)
        case date():
            return written_date(value)
        case Decimal():
            return number_in_words(value, current())
    return value


def _marked(words: str, /, **values: object) -> Markup:
    """The same for the literals of templates: their marks are kept, values are escaped."""
    template = Markup(translations(current()).gettext(words))  # noqa: S704 - a test holds the literals
    return template.format(**_written(values)) if values else template


def _counted(one: str, many: str, count: int, /, **values: object) -> Markup:
    template = Markup(translations(current()).ngettext(one, many, count))  # noqa: S704 - as above
    return template.format(count=count, **_written(values))


def lang(language: str) -> Markup:
    """The attribute for words in a language, where it is not the page's."""
    return Markup(' lang="{}"').format(language) if language not in {"", current()} else Markup()


def within(words: str, language: str) -> str:
    """Words in a language as they stand among those of the page."""
    attribute = lang(language)
    return Markup("<span{}>{}</span>").format(attribute, words) if attribute else words


def written_date(day: date | None) -> str:
    """3 November 2026; 3. November 2026."""
    if day is None:
        return ""
    language = current()
    if language == ENGLISH:
        return f"{day.day} {day:%B %Y}"
    from babel.dates import format_date  # noqa: PLC0415 - a start is not to wait for it

    return format_date(day, "long", language)


def written_time(moment: datetime | None) -> str:
    """3 November 2026, 14:05 UTC."""
    if moment is None:
        return ""
    return say("{day}, {time} UTC", day=moment.date(), time=f"{moment:%H:%M}")


def written_size(size: int) -> str:
    """1.4 MiB, 512 MiB; bytes are whole."""
    if size < KIB:
        return say("{size} bytes", size=size)
    amount, unit = size / KIB, "KiB"
    for larger in ("MiB", "GiB"):
        if amount < KIB:
            break
        amount, unit = amount / KIB, larger
    return f"{number_in_words(f'{amount:.1f}'.removesuffix('.0'), current())} {unit}"
