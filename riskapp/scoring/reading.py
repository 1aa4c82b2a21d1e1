"""Reading a receipt that anybody may have written: every field is checked and named when wrong.

Sizes are bounded so that no file, however made, keeps the exact arithmetic busy for long: the
digits of a number, the items and domains, and how different the denominators of credits are.
"""

import json
import math
import re
from fractions import Fraction
from itertools import pairwise
from typing import Any, Never

from riskapp.scoring.constants import (
    LADDER,
    SCHEMES,
    Constants,
    KnockoutLevel,
    Level,
    may_be_own,
)
from riskapp.scoring.fields import MalformedReceipt, Node
from riskapp.scoring.sheet import (
    Domain,
    Evidence,
    Inherent,
    Item,
    Knockout,
    Questionnaire,
    Sheet,
    State,
)
from riskapp.vendors.rules import Bounds, Factor, Tier, inherent_score, tier_of

FILE_BYTES = 8_000_000
ITEMS, DOMAINS, QUESTIONNAIRES, FACTORS = 5_000, 100, 100, 50
DENOMINATOR_BITS = 512
"""Most bits of the common denominator of all credits, and of an inherent score from factors."""
SCORE_DIGITS = 200
STATED_DIGITS = 500
"""Most digits of a stated contribution, which is compared and never computed with."""
_WHOLE_LENGTH = 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def decode(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Decode JSON strictly: UTF-8, no key twice, no NaN, no endless digits or nesting.

    Raises MalformedReceipt, with the field `receipt` where the place has no better name.
    """
    whole = Node(text)
    if len(text) > FILE_BYTES:
        whole.refuse(f"must be at most {FILE_BYTES} bytes, not {len(text)}")
    try:
        return json.loads(
            text if isinstance(text, str) else text.decode("utf-8-sig"),
            object_pairs_hook=_distinct,
            parse_constant=_not_a_number,
            parse_int=_whole,
        )
    except UnicodeDecodeError as error:
        whole.refuse(f"must be UTF-8 text; byte {error.start} is not")
    except json.JSONDecodeError as error:
        whole.refuse(f"must be JSON: {error.msg} in line {error.lineno}, column {error.colno}")
    except RecursionError:
        whole.refuse("is nested too deeply to be a receipt")


def read_receipt(data: object) -> tuple[Sheet, dict[str, Any] | None]:
    """Read decoded JSON as a sheet, and the result that it states, if it states one.

    `result` and each item's `contribution` may be absent or null; everything else is required
    and nothing else allowed. Raises MalformedReceipt naming the first wrong field. The stated
    result is not checked beyond being an object: comparing it is what recomputing is for.
    """
    keys = ("as_of", "constants", "domains", "inherent", "items", "questionnaires", "scheme")
    root = Node(data).record(keys, ("result",))
    scheme = _scheme(root["scheme"])
    as_of = root["as_of"].day()
    constants = read_constants(root["constants"])
    domains = tuple(_domain(row) for row in root["domains"].rows(DOMAINS))
    _distinct_ids(root["domains"], [domain.id for domain in domains])
    inherent = _inherent(root["inherent"], constants.inherent_bounds)
    items = _items(root["items"], {domain.id for domain in domains})
    asked = tuple(_questionnaire(row) for row in root["questionnaires"].rows(QUESTIONNAIRES))
    _distinct_ids(root["questionnaires"], [questionnaire.id for questionnaire in asked])
    result = root["result"].value
    if result is not None and not isinstance(result, dict):
        root["result"].wrong("an object, or left out")
    return Sheet(as_of, constants, inherent, asked, domains, items, scheme), result


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise MalformedReceipt(json.dumps(key[:60])[1:-1], "stands twice in the same object")
        found[key] = value
    return found


def _not_a_number(word: str) -> Never:
    raise MalformedReceipt("receipt", f"must be JSON, which has no {word}")


def _whole(digits: str) -> int:
    if len(digits) > _WHOLE_LENGTH:
        raise MalformedReceipt("receipt", f"holds a number of {len(digits)} digits: far too long")
    return int(digits)


def _distinct_ids(rows: Node, ids: list[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if name in seen:
            Node(name, f"{rows.path}[{index}].id").refuse("stands twice; ids must be distinct")
        seen.add(name)


def _scheme(node: Node) -> str:
    known = isinstance(node.value, str) and (node.value in SCHEMES or may_be_own(node.value))
    if not known:
        published = ", ".join(SCHEMES)
        node.wrong(f"a known scheme: {published}, or an organisation's own, such as harbour-1")
    return node.text()


def read_constants(node: Node) -> Constants:
    """Read the constants of a scheme. Raises MalformedReceipt naming the first wrong field."""
    keys = ("bounds", "evidence", "inherent_bounds", "kappa", "knockout", "weak")
    parts = node.record(keys)
    bounds = _bounds(parts["bounds"])
    ladder = parts["evidence"].record(LADDER)
    evidence = {level: ladder[level].fraction(1) for level in LADDER}
    for lower, upper in pairwise(LADDER):
        if evidence[lower] > evidence[upper]:
            ladder[upper].refuse(f"must be at least what {lower} is worth, {evidence[lower]}")
    inherent_bounds = _bounds(parts["inherent_bounds"])
    kappa = parts["kappa"].fraction(1)
    floors = parts["knockout"].record(list(KnockoutLevel))
    knockout = {level: floors[level].fraction(100) for level in KnockoutLevel}
    tiers = (Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
    minima = parts["weak"].record(tiers)
    weak = {tier: minima[tier].fraction(1) for tier in tiers}
    return Constants(bounds, inherent_bounds, kappa, evidence, knockout, weak)


def _bounds(node: Node) -> Bounds:
    parts = node.record(("medium", "high", "critical"))
    medium = parts["medium"].fraction(100)
    high = parts["high"].fraction(100)
    critical = parts["critical"].fraction(100)
    if not medium <= high:
        parts["high"].refuse(f"must not lie below medium, {medium}")
    if not high <= critical:
        parts["critical"].refuse(f"must not lie below high, {high}")
    return Bounds(medium, high, critical)


def _domain(node: Node) -> Domain:
    parts = node.record(("id", "weight"))
    return Domain(parts["id"].text(), parts["weight"].weight())


def _questionnaire(node: Node) -> Questionnaire:
    parts = node.record(("id", "release", "sha256"))
    name, release, sha256 = (parts[key].text() for key in ("id", "release", "sha256"))
    if not _SHA256.fullmatch(sha256):
        parts["sha256"].wrong("64 lower-case hexadecimal digits")
    return Questionnaire(name, release, sha256)


def _inherent(node: Node, bounds: Bounds) -> Inherent:
    parts = node.record(("factors", "score", "tier"))
    entries = parts["factors"].entries(FACTORS)
    factors = {name: _factor(entry) for name, entry in entries.items()}
    if factors:
        total = sum((factor.weight for factor in factors.values()), Fraction(0))
        if total != 1:
            parts["factors"].refuse("must have weights that sum to 1")
        if inherent_score(factors).denominator.bit_length() > DENOMINATOR_BITS:
            parts["factors"].refuse("have numbers too unlike each other to be an intake")
    score = parts["score"].fraction(100, SCORE_DIGITS)
    tier = parts["tier"].word(list(Tier))
    right = tier_of(score, bounds)
    if tier is not right:
        parts["tier"].refuse(f"must be {right}, as the score is {parts['score'].value}")
    return Inherent(score, tier, factors)


def _factor(node: Node) -> Factor:
    parts = node.record(("answer", "floor", "value", "weight"))
    answer = None if parts["answer"].value is None else parts["answer"].text()
    floor = None if parts["floor"].value is None else parts["floor"].fraction(100)
    value = parts["value"].fraction(1)
    return Factor(answer, parts["weight"].fraction(1), value, floor)


def _items(node: Node, domains: set[str]) -> tuple[Item, ...]:
    items = []
    common = 1
    for row in node.rows(ITEMS):
        item = _item(row, domains)
        common = math.lcm(common, item.credit.denominator)
        if common.bit_length() > DENOMINATOR_BITS:
            Node(None, f"{row.path}.credit").refuse(
                "has a denominator too unlike those of the items before it"
            )
        items.append(item)
    _distinct_ids(node, [item.id for item in items])
    return tuple(items)


def _item(node: Node, domains: set[str]) -> Item:
    keys = ("credit", "domain", "evidence", "id", "knockout", "state", "weight")
    parts = node.record(keys, ("contribution",))
    if parts["contribution"].value is not None:
        parts["contribution"].fraction(100, STATED_DIGITS)
    credit = parts["credit"].fraction(1)
    domain = parts["domain"].text()
    if domain not in domains:
        parts["domain"].wrong("the id of one of the domains of this receipt")
    evidence = _evidence(parts["evidence"])
    name = parts["id"].text()
    knockout = None if parts["knockout"].value is None else _knockout(parts["knockout"])
    state = parts["state"].word(list(State))
    return Item(name, domain, parts["weight"].weight(), credit, state, evidence, knockout)


def _evidence(node: Node) -> Evidence:
    parts = node.record(("asked", "issued_on", "level", "valid_until"))
    asked = parts["asked"].flag()
    issued_on, valid_until = (
        None if parts[key].value is None else parts[key].day()
        for key in ("issued_on", "valid_until")
    )
    return Evidence(asked, parts["level"].word(list(Level)), issued_on, valid_until)


def _knockout(node: Node) -> Knockout:
    parts = node.record(("below", "level"))
    below = parts["below"].fraction(1)
    return Knockout(parts["level"].word(list(KnockoutLevel)), below)
