"""The desk's forms. They only read what was typed; what is wrong with it, services say."""

from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, StringField


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Its CSRF field is not used: every POST is checked before a view is called."""

    class Meta:
        csrf = False


def several() -> SelectMultipleField:
    """Any number of values; the service knows which are offered."""
    return SelectMultipleField(choices=[], validate_choice=False)


class VendorForm(Form):
    name = StringField()
    country = StringField()


class ContactForm(Form):
    contact_name = StringField()
    contact_email = StringField()
    contact_role = StringField()


class GrantForm(Form):
    person = StringField()
    assessment = StringField()
    starts = DateField()
    until = DateField()
    evidence = StringField()
    purpose = StringField()


class RequestGrantForm(GrantForm):
    answer = StringField()


class AnswerForm(Form):
    answer = StringField()


class EngagementForm(Form):
    title = StringField()
    description = StringField()
    services = several()
    delivered_from = several()


class IssueForm(Form):
    due = DateField()
    email = StringField()
    reason = StringField()
    cycle = StringField()
    then = StringField()


class EmailForm(Form):
    email = StringField()
    replace = StringField()


class DueForm(Form):
    due = DateField()


class ReasonForm(Form):
    reason = StringField()


class ReviewForm(Form):
    action = StringField()
    note = StringField()
    compensation = StringField()
    back = StringField()
    show = StringField()


class EvidenceForm(Form):
    action = StringField()
    issued_on = DateField()
    valid_until = DateField()
    note = StringField()


class UndoForm(Form):
    note = StringField()


class DecisionForm(Form):
    outcome = StringField()
    reasons = StringField()
    conditions = StringField()


class PackForm(Form):
    recipient = StringField()
    purpose = StringField()
    until = DateField()
    sealed_to = StringField()
    without_files = StringField()
    reason = StringField()
    once = StringField()
    then = StringField()


class ShareForm(Form):
    shown = StringField()


class EraseForm(Form):
    name = StringField()
    reason = StringField()
    asked_by = StringField()
    email = StringField()
