"""Events of the audit trail as sentences."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from riskapp.web.words import OUTCOMES, written_date, written_size

Body = Mapping[str, Any]


def event_in_words(event_type: str, body: Body) -> str:
    """What happened. An event of a kind that is not known here is told by its name."""
    told = _EVENTS.get(event_type)
    if told is None:
        return event_type.replace(":", ", ").replace("-", " ").capitalize()
    return told if isinstance(told, str) else told(body)


def _about(words: str) -> Callable[[Body], str]:
    return lambda body: words.format(body.get("question", "a question"))


def _day(iso: object) -> str:
    return written_date(date.fromisoformat(str(iso)))


def _kept(body: Body) -> str:
    size = written_size(int(body.get("size", 0)))
    told = f"replaced by another ({size})" if body.get("replaces") else f"added ({size})"
    return f"A file was {told} on {body.get('question', 'a question')}"


def _returned(body: Body) -> str:
    return f"Sent back to the vendor: {', '.join(body.get('questions', []))}"


def _decided(body: Body) -> str:
    outcome = OUTCOMES.get(str(body.get("outcome")), "decided").lower()
    return f"The decision: {outcome}, on receipt {body.get('receipt')}"


def _scored(body: Body) -> str:
    return f"Scored {body.get('shown')}, {body.get('tier')}; a new receipt was kept"


def _shared(body: Body) -> str:
    if body.get("to") is None:
        return "The score is not shown to the vendor any more"
    what = "tier and number" if body["to"] == "tier" else "tier, number and card"
    return f"The vendor was shown {what} of receipt {body.get('receipt')}"


_EVENTS: dict[str, str | Callable[[Body], str]] = {
    "assessment:draft": "The assessment was drawn up",
    "assessment:issued": "The assessment was issued",
    "assessment:in-progress": "The vendor began to answer",
    "assessment:submitted": lambda body: f"Submitted, for the {_nth(body)} time",
    "assessment:in-review": "The review began",
    "assessment:returned": _returned,
    "assessment:decided": "The assessment was closed with the decision",
    "assessment:cancelled": lambda body: f"Cancelled: {body.get('reason', '')}",
    "assessment:extend": lambda body: (
        f"The due date moved from {_day(body['from'])} to {_day(body['to'])}"
    ),
    "assessment:share": _shared,
    "invitation:issue": "A link was issued",
    "invitation:mail": "The mail server took the mail with the link",
    "invitation:start": "The link was opened and Start was pressed",
    "invitation:revoke": "A link was revoked",
    "answer:save": lambda body: f"{body['question']} was answered, revision {body['revision']}",
    "evidence:keep": _kept,
    "evidence:remove": _about("A file was taken off {}"),
    "evidence:use": _about("A file that was sent before was put on {}"),
    "evidence:view": "A file was looked at",
    "evidence:download": "A file was downloaded",
    "evidence:damaged": "A file was found damaged in the store",
    "blob:delete": "Stored content that no record points to was deleted",
    "key:destroy": "A key that no record belongs to was destroyed",
    "evidence:mended": "A damaged file was found whole again",
    "evidence:clean": "A file left quarantine: the virus scanner found nothing",
    "evidence:infected": "The virus scanner found something in a file; it stays shut",
    "evidence:refused": _about("An infected file was refused on {}"),
    "evidence:erase": "A file was erased",
    "erasure:add": "An erasure was certified",
    "master-key:make": "A master key was made",
    "vendor-key:make": "The vendor's key was made",
    "vendor-key:rewrap": "The vendor's key was wrapped with a new master key",
    "vendor-key:destroy": "The vendor's key was destroyed",
    "hold:place": "A legal hold was placed",
    "hold:lift": "A legal hold was lifted",
    "assessment:erase": lambda body: (
        f"Answers and receipts were erased by the rule of {body['days']} days"
    ),
    "invitation:erase": "What was kept of a link was erased by the rules of retention",
    "evidence:review": "A file's level or dates were changed",
    "submission:add": "The submission was acknowledged",
    "receipt:add": _scored,
    "review:accept": _about("{} was accepted"),
    "review:reject": _about("{} was rejected"),
    "review:ask-back": _about("{} was marked to be asked back"),
    "review:approve-na": _about("{} was approved as not applicable"),
    "review:refuse-na": _about("{} was refused as not applicable"),
    "review:confirm": _about("{} was confirmed"),
    "review:compensate": _about("A compensating control was credited on {}"),
    "review:evidence-reviewed": _about("A file on {} was marked as reviewed"),
    "review:evidence-independent": _about("A file on {} was marked as independent"),
    "review:evidence-rejected": _about("A file on {} was rejected"),
    "review:undo": _about("An action on {} was undone"),
    "decision:make": _decided,
    "grant:give": lambda body: f"An auditor was given access until {_day(body['until'])}",
    "grant:revoke": "An auditor's access was taken back",
    "pack:export": "An evidence pack was taken away",
}


def _nth(body: Body) -> str:
    number = int(body.get("submission", 1))
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
