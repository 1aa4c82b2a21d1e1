"""Events of the audit trail as sentences: who, and what they did."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from riskapp.core import countries
from riskapp.web.words import OUTCOMES, written_date, written_size

Said = Mapping[str, Any]
"""What an event says (`body`), and under `file`, `link`, `person`, `engagement` and `name` what the
ids in it are called, as far as that is known and may be read."""

Words = str | Callable[[Said], str]


def predicate(event_type: str, said: Said) -> str:
    """What was done, to stand behind who did it: “accepted the answer to GDP-21”.

    An event of a kind that is not known here is told by its name.
    """
    words = _EVENTS.get(event_type)
    if words is None:
        return "did this: " + event_type.replace(":", ", ").replace("-", " ")
    return words.format_map(_Fields(said)) if isinstance(words, str) else words(_Fields(said))


def known(event_type: str) -> bool:
    return event_type in _EVENTS


def kind_of(event_type: str) -> str | None:
    """The kind of thing that an event is, as the filters name it."""
    return _KIND_OF.get(event_type) or _KIND_OF.get(event_type.partition(":")[0])


def types_of(kind: str) -> Collection[str]:
    """All types of event of a kind; none for what is no kind."""
    return [event_type for event_type in _EVENTS if kind_of(event_type) == kind]


class _Fields(dict[str, Any]):
    """What a sentence can name; what an event does not say is called something."""

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - a word, or nothing
        return _UNSAID.get(name, "something")


_UNSAID = {
    "question": "a question",
    "file": "a file",
    "link": "an address that was erased",
    "person": "somebody",
    "engagement": "an engagement",
    "name": "a name that was erased",
    "credit": "a part of its worth",
    "signature": "something",
    "tier": "no tier",
    "shown": "no number",
    "receipt": "unknown",
    "to": None,
    "from": None,
}


def _day(iso: object) -> str:
    return written_date(date.fromisoformat(str(iso))) if iso else "no day"


def _questions(said: Said) -> str:
    return ", ".join(said.get("questions") or ()) or "nothing"


def _drawn_up(said: Said) -> str:
    differs = "reason" in (said.get("private") or ()) or said.get("reason")
    return f"drew up the assessment, {'not ' if differs else ''}as proposed"


def _kept(said: Said) -> str:
    size = written_size(int(said.get("size", 0)))
    if said.get("replaces"):
        return f"replaced a file on {said['question']} by {said['file']} ({size})"
    return f"added {said['file']} ({size}) to {said['question']}"


def _file_changed(said: Said) -> str:
    """Level and days of a file, before and after."""
    before, after = said["from"] or {}, said["to"] or {}
    names = {"level": "level", "issued_on": "issued on", "valid_until": "valid until"}
    changes = [
        f"{words} {before.get(name) or 'no day'} to {after.get(name) or 'no day'}"
        for name, words in names.items()
        if before.get(name) != after.get(name)
    ]
    told = ", ".join(changes) or "who stands for its days"
    return f"changed {said['file']} on {said['question']}: {told}"


def _scored(said: Said) -> str:
    number = str(said["object"]).rpartition("/")[2]
    return f"brought about receipt {number}: {said['shown']}, {said['tier']}"


def _shared(said: Said) -> str:
    if said["to"] is None:
        return "took the score out of the vendor's sight"
    what = "tier and number" if said["to"] == "tier" else "tier, number and card"
    return f"showed the vendor {what} of receipt {said['receipt']}"


def _granted(said: Said) -> str:
    starts, until = said.get("starts"), _day(said.get("until"))
    begins = f"from {_day(starts)} " if starts else ""
    what = {True: ", files included", False: ", without files"}.get(said.get("evidence"), "")  # type: ignore[arg-type]  # None: not said
    return f"gave {said['person']} access {begins}until {until}{what}"


def _held(said: Said) -> str:
    return "a file" if said.get("evidence") else "everything of the vendor"


def _intake(said: Said) -> str:
    tier = f": inherent risk {said['tier']}" if "tier" in said else ""
    return f"answered the intake of {said['engagement']}{tier}"


def _adequacy(said: Said) -> str:
    coverage = said.get("coverage") or "somehow"
    told = "not covered by any decision" if coverage == "none" else f"covered, {coverage}"
    suspended = ", suspended" if said.get("suspended") else ""
    return f"overrode what counts of {_country(said)}: {told}{suspended}"


def _country(said: Said) -> str:
    code = str(said["object"])
    return countries.name(code) if countries.is_country(code) else code


def _retention(said: Said) -> str:
    before, after = (
        "no end" if days is None else f"{days} days" for days in (said["from"], said["to"])
    )
    return f"changed how long “{said['object']}” is kept, from {before} to {after}"


def _nth(said: Said) -> str:
    number = int(said.get("submission", 1))
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


# Each says what somebody did, and begins small: it stands behind the name of who did it.
_EVENTS: dict[str, Words] = {
    "assessment:draft": _drawn_up,
    "assessment:issued": "issued the assessment",
    "assessment:in-progress": "began to answer",
    "assessment:submitted": lambda said: f"submitted, for the {_nth(said)} time",
    "assessment:in-review": "began the review",
    "assessment:returned": lambda said: f"sent back to the vendor: {_questions(said)}",
    "assessment:decided": "closed the assessment with the decision",
    "assessment:cancelled": "cancelled the assessment",
    "assessment:extend": lambda said: (
        f"moved the due date from {_day(said['from'])} to {_day(said['to'])}"
    ),
    "assessment:share": _shared,
    "assessment:erase": "erased answers and receipts by the rule of {days} days",
    "assessment:read": "opened the assessment",
    "invitation:issue": "issued a link to {link}",
    "invitation:mail": "handed the mail with the link to the mail server, for {link}",
    "invitation:start": "opened the link and pressed Start",
    "invitation:revoke": "revoked the link of {link}",
    "invitation:erase": "erased what was kept of a link, by the rules of retention",
    "answer:save": "answered {question}, revision {revision}",
    "submission:add": lambda said: (
        f"was given the acknowledgement of submission {str(said['object']).rpartition('/')[2]}"
    ),
    "acknowledgement:read": "opened the acknowledgement",
    "evidence:keep": _kept,
    "evidence:remove": "took {file} off {question}",
    "evidence:use": "put {file}, which was there before, on {question}",
    "evidence:view": "looked at {file}",
    "evidence:download": "downloaded {file}",
    "evidence:damaged": "came upon {file}, damaged in the store",
    "evidence:mended": "found {file} whole again",
    "evidence:clean": "let {file} out of quarantine: the virus scanner found nothing",
    "evidence:infected": "shut {file} away: the virus scanner found {signature} in it",
    "evidence:refused": "sent a file for {question} that was refused: {signature} was found in it",
    "evidence:review": _file_changed,
    "evidence:erase": "erased {file}",
    "erasure:add": lambda said: (
        f"certified an erasure of {said.get('files', 0)} "
        f"{'file' if said.get('files') == 1 else 'files'}"
    ),
    "blob:delete": "deleted stored content that no record points to",
    "hold:place": lambda said: f"placed a legal hold on {_held(said)}",
    "hold:lift": lambda said: f"lifted the legal hold on {_held(said)}",
    "master-key:make": "made the master key {object}",
    "vendor-key:make": "made the vendor's key",
    "vendor-key:rewrap": "wrapped the vendor's key with another master key",
    "vendor-key:destroy": "destroyed the vendor's key",
    "key:destroy": "destroyed a key that no record belongs to",
    "signing-key:add": "took the signing key {object} into use",
    "receipt:add": _scored,
    "receipt:read": "opened a receipt",
    "review:accept": "accepted the answer to {question}",
    "review:reject": "rejected the answer to {question}",
    "review:ask-back": "marked {question} to be asked back",
    "review:approve-na": "approved that {question} does not apply",
    "review:refuse-na": "refused that {question} does not apply",
    "review:confirm": "confirmed the answer to {question}",
    "review:compensate": "credited a compensating control on {question} with {credit}",
    "review:evidence-reviewed": "took a file on {question} as reviewed",
    "review:evidence-independent": "took a file on {question} as independent",
    "review:evidence-rejected": "rejected a file on {question}",
    "review:undo": "undid an action on {question}",
    "decision:make": lambda said: (
        f"decided: {OUTCOMES.get(str(said.get('outcome')), 'decided').lower()}, "
        f"on receipt {said['receipt']}"
    ),
    "grant:give": _granted,
    "grant:revoke": "took access back from {person}",
    "request:ask": "asked for more to be shown",
    "request:answer": "answered what an auditor asked for",
    "population:read": "looked at the list of all vendors and engagements",
    "population:take": "took the list of all vendors and engagements",
    "pack:export": "made an evidence pack",
    "pack:read": "opened an evidence pack's page",
    "pack:take": "took an evidence pack away",
    "vendor:read": "opened what the register says of the vendor",
    "vendor:register": "registered the vendor as {name}",
    "vendor:edit": "corrected the vendor's details: {name}",
    "contact:add": "added a contact",
    "contact:remove": "removed a contact",
    "engagement:add": "registered the engagement {engagement}",
    "engagement:edit": "corrected the engagement {engagement}",
    "engagement:end": "ended the engagement {engagement}",
    "engagement:resume": "took up the engagement {engagement} again",
    "intake:save": _intake,
    "scheme:make": "made the scoring scheme {object}",
    "scheme:adopt": "adopted the scoring scheme {object}",
    "transfer-override:make": _adequacy,
    "transfer-override:withdraw": lambda said: f"withdrew the override of {_country(said)}",
    "questionnaire:import": "imported a questionnaire as a draft",
    "questionnaire:correct": "corrected a draft of a questionnaire",
    "questionnaire:discard": "discarded a draft of a questionnaire",
    "questionnaire:publish": "published the questionnaire {object}",
    "questionnaire:retire": "retired the questionnaire {object}",
    "questionnaire:reinstate": "took the questionnaire {object} back into use",
    "person:add": "let {person} in as {role}",
    "person:close": "closed the account of {person}",
    "person:open": "opened the account of {person} again",
    "person:reset-password": "reset the password of {person}",
    "person:change-password": "changed their own password",
    "person:erase": "erased who somebody was",
    "session:open": "signed in",
    "session:end": "signed out",
    "sessions:erase": "erased {sessions} old sessions by the rules of retention",
    "retention:set": _retention,
    "backup:restore": "restored the backup {object}",
}

KINDS = {
    "course": "Course of the assessment",
    "answers": "Answers",
    "evidence": "Evidence",
    "review": "Review",
    "score": "Score",
    "decision": "Decision",
    "links": "Links",
    "access": "Auditors and packs",
    "register": "Vendors and engagements",
    "keys": "Keys",
    "people": "People and sign-in",
    "rules": "Questionnaires, schemes, rules",
}
"""What can be asked for, in words."""

_KIND_OF = {
    "assessment": "course",
    "submission": "course",
    "answer": "answers",
    "evidence": "evidence",
    "erasure": "evidence",
    "blob": "evidence",
    "hold": "evidence",
    "review": "review",
    "evidence:review": "review",
    "receipt": "score",
    "assessment:share": "score",
    "decision": "decision",
    "invitation": "links",
    "grant": "access",
    "request": "access",
    "population": "access",
    "pack": "access",
    "assessment:read": "access",
    "receipt:read": "access",
    "vendor:read": "access",
    "acknowledgement": "access",
    "vendor": "register",
    "contact": "register",
    "engagement": "register",
    "intake": "register",
    "master-key": "keys",
    "vendor-key": "keys",
    "key": "keys",
    "signing-key": "keys",
    "person": "people",
    "session": "people",
    "sessions": "people",
    "scheme": "rules",
    "transfer-override": "rules",
    "questionnaire": "rules",
    "retention": "rules",
    "backup": "rules",
}
"""By the whole type, else by the object that it begins with."""
