"""The receipt: a score that whoever holds the file can recompute, and the check that does so."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from riskapp.core.canonical import canonical
from riskapp.scoring.constants import SCHEMES, Constants
from riskapp.scoring.fields import MalformedReceipt
from riskapp.scoring.reading import decode, read_receipt
from riskapp.scoring.rules import Floor, FloorKind, Result, evaluate
from riskapp.scoring.sheet import Evidence, Inherent, Item, Sheet
from riskapp.vendors.rules import Bounds, Factor

__all__ = [
    "MalformedReceipt",
    "Recomputed",
    "first_difference",
    "read_receipt",
    "receipt_bytes",
    "receipt_document",
    "recompute",
]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a receipt says when it is computed anew.

    `document_bytes` the right receipt, canonical; `same` whether what the file stated agrees
    with it, None where it stated no result; `difference` the first field that does not agree;
    `foreign_constant` the first constant that is not the one of the published scheme that the
    file names: the sum may be right and yet not be that scheme's. `own_scheme` says that it names
    none that is published: its constants are known from the file alone.
    """

    document: dict[str, Any]
    document_bytes: bytes
    same: bool | None
    difference: str | None
    foreign_constant: str | None
    own_scheme: bool


def receipt_document(sheet: Sheet, result: Result) -> dict[str, Any]:
    """Write a receipt as JSON values: exact fractions as text, days as ISO dates, ids in order."""
    return {
        "scheme": sheet.scheme,
        "as_of": sheet.as_of.isoformat(),
        "constants": constants_document(sheet.constants),
        "inherent": {
            "score": str(sheet.inherent.score),
            "tier": str(sheet.inherent.tier),
            "factors": {name: _factor(factor) for name, factor in sheet.inherent.factors.items()},
        },
        "questionnaires": [
            {"id": asked.id, "release": asked.release, "sha256": asked.sha256}
            for asked in sheet.questionnaires
        ],
        "domains": [{"id": domain.id, "weight": domain.weight} for domain in sheet.domains],
        "items": [_item(item, result.contributions[item.id]) for item in sheet.items],
        "result": _result(result),
    }


def receipt_bytes(sheet: Sheet, result: Result) -> bytes:
    """Write the receipt as it is stored, hashed and compared: canonical JSON (RFC 8785)."""
    return canonical(receipt_document(sheet, result))


def constants_document(constants: Constants) -> dict[str, Any]:
    return {
        "bounds": _bounds(constants.bounds),
        "inherent_bounds": _bounds(constants.inherent_bounds),
        "kappa": str(constants.kappa),
        "evidence": {str(level): str(g) for level, g in constants.evidence.items()},
        "knockout": {str(level): str(at) for level, at in constants.knockout.items()},
        "weak": {str(tier): str(least) for tier, least in constants.weak.items()},
    }


def recompute(text: str | bytes) -> Recomputed:
    """Compute a receipt anew from its own text alone.

    Where it carries intake factors, its inherent score is computed from them as well. Raises
    MalformedReceipt for text that is not a receipt.
    """
    stated = decode(text)
    sheet, result = read_receipt(stated)
    right = sheet
    if sheet.inherent.factors:
        bounds = sheet.constants.inherent_bounds
        right = replace(sheet, inherent=Inherent.of(sheet.inherent.factors, bounds))
    document = receipt_document(right, evaluate(right))
    difference = first_difference(
        _claims(stated, str(sheet.inherent.score), stated),
        _claims(document, document["inherent"]["score"], stated),
    )
    agrees = None if result is None else True
    return Recomputed(
        document=document,
        document_bytes=canonical(document),
        same=agrees if difference is None else False,
        difference=difference,
        foreign_constant=_foreign(sheet),
        own_scheme=sheet.scheme not in SCHEMES,
    )


def _foreign(sheet: Sheet) -> str | None:
    published = SCHEMES.get(sheet.scheme)
    if published is None:
        return None
    return first_difference(constants_document(sheet.constants), constants_document(published))


def first_difference(old: object, new: object, path: str = "") -> str | None:
    """Name the first field, in canonical order, in which two JSON values differ; None if none.

    The field of `old` or `new` itself is the empty text. 1, 1.0 and true are different values.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            inner = f"{path}.{key}" if path else str(key)
            if key not in old or key not in new:
                return inner
            found = first_difference(old[key], new[key], inner)
            if found is not None:
                return found
        return None
    if isinstance(old, list) and isinstance(new, list):
        for index, pair in enumerate(zip(old, new, strict=False)):
            found = first_difference(*pair, f"{path}[{index}]")
            if found is not None:
                return found
        return None if len(old) == len(new) else f"{path}[{min(len(old), len(new))}]"
    return None if type(old) is type(new) and old == new else path


def _claims(document: dict[str, Any], score: str, stated: dict[str, Any]) -> dict[str, Any]:
    """Pick what can be checked: the outcome, as far as `stated` says anything of it."""
    claims: dict[str, Any] = {
        "inherent": {"score": score},
        "items": [
            {"contribution": item["contribution"]} if own.get("contribution") is not None else {}
            for item, own in zip(document["items"], stated["items"], strict=True)
        ],
    }
    if stated.get("result") is not None:
        claims["result"] = document["result"]
    return claims


def _bounds(bounds: Bounds) -> dict[str, str]:
    return {
        "medium": str(bounds.medium),
        "high": str(bounds.high),
        "critical": str(bounds.critical),
    }


def _factor(factor: Factor) -> dict[str, str | None]:
    return {
        "answer": factor.answer,
        "weight": str(factor.weight),
        "value": str(factor.value),
        "floor": _optional(factor.floor),
    }


def _item(item: Item, contribution: Fraction) -> dict[str, Any]:
    knockout = item.knockout
    return {
        "id": item.id,
        "domain": item.domain,
        "weight": item.weight,
        "credit": str(item.credit),
        "state": str(item.state),
        "evidence": _evidence(item.evidence),
        "knockout": knockout and {"level": str(knockout.level), "below": str(knockout.below)},
        "contribution": str(contribution),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "asked": evidence.asked,
        "level": str(evidence.level),
        "issued_on": evidence.issued_on and evidence.issued_on.isoformat(),
        "valid_until": evidence.valid_until and evidence.valid_until.isoformat(),
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "residual": str(result.residual),
        "score": str(result.score),
        "shown": result.shown,
        "tier": str(result.tier),
        "effectiveness": str(result.effectiveness),
        "claimed": str(result.claimed),
        "confidence": str(result.confidence),
        "na_share": str(result.na_share),
        "base": str(result.base),
        "floors": [_floor(floor) for floor in result.floors],
        "blocked": result.blocked,
    }


def _floor(floor: Floor) -> dict[str, str]:
    holder = "domain" if floor.kind is FloorKind.WEAK_DOMAIN else "item"
    return {"kind": str(floor.kind), holder: floor.subject, "at": str(floor.at)}


def _optional(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
