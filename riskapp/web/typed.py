"""What was typed into a question's fields, taken as an answer."""

from riskapp.answers.service import Given
from riskapp.catalogue.answers import VALUE, read_form
from riskapp.catalogue.model import Question
from riskapp.core.errors import FieldRefused
from riskapp.core.sentences import Sentence
from riskapp.web.questions import Fields, first, form_name


def error_field(question: Question, name: str) -> str:
    """The field that an error stands at; the tick "does not apply" has no place of its own."""
    return form_name(question.id, VALUE if name == "na" else name)


def given_in(question: Question, fields: Fields) -> Given:
    """What a question's fields say. Raises AnswerRefused, FieldRefused."""
    comment, reason = first(fields, "comment"), first(fields, "na-reason")
    if "na" in fields:
        return Given(None, reason, comment)
    value = read_form(question, fields)
    if value is None and reason.strip():
        untold = Sentence("Tick “Does not apply to us” as well, or empty this reason and answer.")
        raise FieldRefused("na-reason", untold)
    return Given(value, None, comment)
