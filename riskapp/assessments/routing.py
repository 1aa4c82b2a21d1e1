"""Which questions an engagement calls for, and why: the proposal that officers start from. Pure.

Whole questionnaires, or domains of them; in a low or medium risk only what matters most in them.
What the facts rule out and what another questionnaire asks already is left out, and what a chosen
question depends on is put in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskapp.catalogue.conditions import questions_named
from riskapp.catalogue.model import Countries, Question, Release, Section, Table, Text
from riskapp.catalogue.visible import applicable

MINIMUM = "mvsp"
SECURITY = "iso-27001"
ACCESS = "access-control"
CONTINUITY = "exit-continuity"
DATA_PROTECTION = "gdpr-processor"
OPERATIONS = "operations"
ORDER = (MINIMUM, SECURITY, ACCESS, CONTINUITY, DATA_PROTECTION, OPERATIONS)

WEIGHTIEST = 5
LEAST = 1
FIRST_OF_DATA_PROTECTION = frozenset(
    f"GDP-{number:02}" for number in (1, 2, 3, 4, 13, 18, 29, 30, 31, 32, 33)
)
ASKED_BY_DATA_PROTECTION = frozenset({"MVS-16", "MVS-17"})
"""Places of data and breach notice, which the data-protection questions ask in more detail."""

_PEOPLE_WHO_DEVELOP: dict[str, Collection[str] | None] = {
    ACCESS: None,
    CONTINUITY: None,
    OPERATIONS: ("contract", "supply-chain", "service-governance", "operations"),
}
_RUN = ("contract", "supply-chain", "service-levels", "service-governance", "operations")

BRINGS: Mapping[str, Mapping[str, Collection[str] | None]] = {
    "development": _PEOPLE_WHO_DEVELOP,
    "staff-augmentation": _PEOPLE_WHO_DEVELOP,
    "qa": {
        ACCESS: ("environments",),
        OPERATIONS: ("contract", "supply-chain", "service-governance", "operations"),
    },
    "infrastructure": {
        ACCESS: ("access", "environments"),
        CONTINUITY: ("exit", "continuity"),
        OPERATIONS: _RUN,
    },
    "soc": {ACCESS: ("access",), OPERATIONS: _RUN},
    "helpdesk": {ACCESS: ("access",), OPERATIONS: _RUN},
    "saas": {
        CONTINUITY: ("escrow", "exit", "continuity"),
        OPERATIONS: ("contract", "supply-chain", "service-levels"),
    },
    "consulting": {
        CONTINUITY: ("ip-confidentiality",),
        OPERATIONS: ("contract", "supply-chain"),
    },
}
"""What each kind of service brings: of each questionnaire these domains; None: all of them."""

_SERVICES = {"qa": "testing", "saas": "software as a service", "soc": "security monitoring"}
"""What services are called in a sentence, where their id is not a word."""

MINUTES_EACH = 1
MINUTES_TO_WRITE = 4
MINUTES_TO_ATTACH = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """A questionnaire that is called for, and why. No release: it is not here.

    `questions` are asked where the whole proposal is; `called` are those and what another
    questionnaire of the proposal asks as well.
    """

    questionnaire: str
    release: Release | None
    why: str
    questions: Sequence[str]
    called: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Pick:
    """Which questions of a questionnaire one reason calls for: all of them unless it says less."""

    domains: Collection[str] | None = None
    weighty: bool = False
    least: bool = True
    only: Collection[str] | None = None
    without: Collection[str] = ()

    def of(self, section: Section) -> set[str]:
        """An unscored question has no domain or weight, and comes with the others around it."""
        if self.only is not None:
            return {one.id for one in section.questions if one.id in self.only}
        scored = [one for one in section.questions if one.scored]
        found = {one.id for one in scored if self._wants(one)}
        if found or (not scored and self.domains is None):
            unscored = {one.id for one in section.questions if not one.scored}
            found |= set() if self.weighty else unscored
        return found

    def _wants(self, question: Question) -> bool:
        in_domain = self.domains is None or question.domain in self.domains
        heavy = question.weight == WEIGHTIEST or question.knockout is not None
        light = question.weight == LEAST
        return (
            in_domain
            and (heavy or not self.weighty)
            and (self.least or not light)
            and question.id not in self.without
        )


@dataclass(slots=True)
class _Wanted:
    """What is called for of one questionnaire, and for which reasons."""

    picks: list[_Pick] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


class _Calls:
    """Collects what the facts call for."""

    def __init__(self) -> None:
        self.wanted: dict[str, _Wanted] = {}

    def call(self, name: str, why: str, pick: _Pick = _Pick()) -> None:
        one = self.wanted.setdefault(name, _Wanted())
        one.picks.append(pick)
        one.why += [] if why in one.why else [why]


def proposal(facts: Mapping[str, Any], offered: Mapping[str, Release]) -> list[Proposal]:
    """What these facts call for, of the release of each questionnaire that is offered."""
    wanted = _called_for(facts)
    releases = [offered[name] for name in ORDER if name in wanted and name in offered]
    chosen = {
        release.id: {
            question
            for pick in wanted[release.id].picks
            for section in release.sections
            for question in pick.of(section)
        }
        for release in releases
    }
    asked = asked_of(releases, chosen, facts)
    return [
        Proposal(
            name,
            offered.get(name),
            " ".join(wanted[name].why),
            asked.get(name, ()),
            chosen.get(name, ()),
        )
        for name in ORDER
        if name in wanted and (name in asked or name not in offered)
    ]


def _called_for(facts: Mapping[str, Any]) -> dict[str, _Wanted]:
    calls = _Calls()
    if facts["inherent"] == "low":
        _call_minimum(calls, personal=facts["personal_data"] == "yes")
    else:
        _call_by_tier(calls, facts)
    if facts["regulated"] == "dora-critical":
        for name in (OPERATIONS, CONTINUITY):
            calls.call(name, "It supports a critical or important function under DORA.")
    return calls.wanted


def _call_minimum(calls: _Calls, *, personal: bool) -> None:
    why = "Inherent risk is low: the short minimum is enough."
    if not personal:
        calls.call(MINIMUM, why)
        return
    calls.call(
        MINIMUM,
        f"{why} Its lesser questions make room for those on personal data.",
        _Pick(least=False, without=ASKED_BY_DATA_PROTECTION),
    )
    calls.call(
        DATA_PROTECTION,
        "Personal data is, or may be, touched: the contract, breaches, and where the data goes.",
        _Pick(only=FIRST_OF_DATA_PROTECTION),
    )


def _call_by_tier(calls: _Calls, facts: Mapping[str, Any]) -> None:
    tier = facts["inherent"]
    calls.call(SECURITY, f"Inherent risk is {tier}.")
    if tier in {"high", "critical"}:
        calls.call(ACCESS, f"Inherent risk is {tier}.")
    if facts["personal_data"] == "yes":
        calls.call(DATA_PROTECTION, "Personal data is, or may be, touched.")
    for service in facts["services"]:
        for name, domains in BRINGS.get(service, {}).items():
            why = f"The service includes {_SERVICES.get(service, service.replace('-', ' '))}."
            if tier == "medium":
                why += " At medium risk: what weighs most, and the knock-outs."
            calls.call(name, why, _Pick(domains, weighty=tier == "medium"))


def asked_of(
    releases: Sequence[Release], chosen: Mapping[str, Collection[str]], facts: Mapping[str, Any]
) -> dict[str, list[str]]:
    """The questions that are really asked, by questionnaire, in the order of its release.

    `chosen` are ids by questionnaire. What a chosen question depends on is added; what the facts
    rule out, and what another of the releases asks as well (`same_as`), is left out. A
    questionnaire of which nothing is left is not in it.
    """
    applying = {
        release.id: {question.id for question in applicable(release, facts)} for release in releases
    }
    wanted = {name: applying[name].intersection(chosen[name]) for name in applying}
    every = {name for release in releases for name in _with_parents(release, wanted[release.id])}
    found = {}
    for release in releases:
        shared = {one.id for one in release.questions.values() if one.same_as in every}
        needed = _with_parents(release, wanted[release.id] - shared) & applying[release.id] - shared
        if needed:
            found[release.id] = [name for name in release.questions if name in needed]
    return found


def _with_parents(release: Release, chosen: Collection[str]) -> set[str]:
    """With every question that one of these needs: to be asked, to fail, to be looked up."""
    found: set[str] = set()
    waiting = set(chosen)
    while waiting:
        question = release.questions.get(waiting.pop())
        if question is None or question.id in found:
            continue
        found.add(question.id)
        waiting |= question.asked_on
        if question.knockout is not None and question.knockout.when is not None:
            waiting |= questions_named(question.knockout.when)
        if question.transfers_via is not None:
            waiting.add(question.transfers_via)
    return found


def minutes(questions: Iterable[Question]) -> int:
    """About how long answering takes, to the next five minutes: a guess that is told as one."""
    total = 0
    for question in questions:
        total += MINUTES_EACH
        if isinstance(question.answer, Table | Text | Countries):
            total += MINUTES_TO_WRITE
        if question.evidence is not None:
            total += MINUTES_TO_ATTACH
    return -(-total // 5) * 5
