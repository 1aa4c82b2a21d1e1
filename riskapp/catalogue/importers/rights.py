"""What a foreign file says of its licence, and whether its texts may be passed on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from riskapp.catalogue.importers.words import clean, plain, shortened

UNKNOWN = "Unknown: ask whoever gave you the file."
_SHORT = 300
_LONGEST = 500

_OPEN = (
    (r"\bApache(?:-| License,? Version | Licen[cs]e )?2\.0|licenses/LICENSE-2\.0", "Apache-2.0"),
    (r"\bCC0\b|publicdomain/zero", "CC0-1.0"),
    (r"\bCC[ -]BY[ -]SA\b|licenses/by-sa/|Attribution-ShareAlike", "CC BY-SA"),
    (r"\bCC[ -]BY\b|licenses/by/|Creative Commons Attribution\b", "CC BY"),
    (r"\bMIT Licen[cs]e\b|\bSPDX-License-Identifier: MIT\b|^MIT$", "MIT"),
    (r"\bBSD[ -][0-9]|\bBSD Licen[cs]e\b", "BSD"),
    (r"\bpublic domain\b|17 U\.?S\.?C\.? (?:§ ?)?105", "Public domain"),
    (r"\bOpen Government Licen[cs]e\b", "Open Government Licence"),
    (r"\bEUPL\b|European Union Public Licen[cs]e", "EUPL"),
    (r"\bEtalab\b|Licence Ouverte", "Licence Ouverte"),
    (r"\bA?GPL(?:v?[23])?\b|GNU (?:Affero )?General Public License", "GPL"),
    (r"\bdl-de/|Datenlizenz Deutschland", "Datenlizenz Deutschland"),
)
_CLOSED = r"\bBY[ -]N[CD]\b|\bBY[ -]NC[ -](?:SA|ND)\b|by-n[cd]|Non-?Commercial|No-?Deriv"
_OWNERS = (
    (r"Cloud Security Alliance|\bCAIQ\b|Consensus Assessments?|Cloud Controls Matrix|\bCSA CCM\b",
     "the Cloud Security Alliance (CAIQ, CCM)"),
    (r"Shared Assessments|Standardi[sz]ed Information Gathering|\bSIG (?:Core|Lite|Full)\b",
     "Shared Assessments (SIG)"),
    (r"\bHECVAT\b|\bEDUCAUSE\b|Higher Education Community Vendor", "EDUCAUSE (HECVAT)"),
    (r"\bISO(?:/IEC)?[ -]?[0-9]{4,5}\b|International Organi[sz]ation for Standard|iso\.org/st",
     "ISO/IEC"),
    (r"\bAICPA\b|Trust Services Criteria|\bSOC ?2\b", "the AICPA (SOC criteria)"),
    (r"\bPCI[ -]?(?:DSS|SSC)\b|PCI Security Standards", "the PCI Security Standards Council"),
    (r"\bHITRUST\b", "HITRUST"),
    (r"\bISACA\b|\bCOBIT\b", "ISACA"),
)  # fmt: skip
_RESERVED = (
    r"all rights reserved|alle Rechte vorbehalten|tous droits réservés|alle rechten voorbehouden"
    r"|todos los derechos reservados|tutti i diritti riservati"
)
_KEPT = (
    r"strictly confidential|\bconfidential\b|\bvertraulich\b|\bconfidentiel\b|internal use only"
    r"|not? (?:be|for) (?:re)?distribut\w+|do not (?:re)?distribute|\bproprietary\b"
)
_MARKS = (
    (r"\bTLP[ :-]*(?:AMBER|RED|GREEN)(?:\+STRICT)?", "it is marked {}"),
    (_RESERVED, "it says “{}”"),
    (_KEPT, "it says “{}”"),
)
_IN_TEXTS = 2
"""So many of the marks count in the texts too; “confidential” is what questions ask about."""

_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright\b)(?:[^.\n]|\.(?=\S)|(?<=\bInc)\.|(?<=\bLtd)\.){0,160}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rights:
    """`licence` is what the file says; `restricted` is why its texts may not be passed on."""

    licence: str
    restricted: str | None


def rights(licence: Iterable[str], about: Iterable[str], body: str) -> Rights:
    """`licence`: what the file says of it; `about`: titles, authors, descriptions; `body`: all."""
    said = [text for text in map(str, licence) if text.strip()]
    stated = "\n".join(said)
    heading = "\n".join([stated, *about])
    name = _first(_OPEN, stated) or _first(_OPEN, heading)
    closed = re.search(_CLOSED, stated, re.IGNORECASE)
    return Rights(_note(said, name), _reason(stated, heading, body, "" if closed else name or ""))


def _first(known: Iterable[tuple[str, str]], text: str) -> str | None:
    return next((name for one, name in known if re.search(one, text, re.IGNORECASE)), None)


def _note(said: list[str], name: str | None) -> str:
    if not said:
        return name or UNKNOWN
    words = " ".join(clean(plain(text)) for text in said)
    found = _COPYRIGHT.search("\n".join(said))
    if name and found:
        return f"{name}. {clean(found[0]).rstrip(' ,;:.')}."
    return words if len(words) <= _SHORT else f"{name}." if name else shortened(words, _LONGEST)


def _reason(stated: str, heading: str, body: str, open_name: str) -> str | None:
    owner = _first(_OWNERS, heading)
    if owner is not None:
        return f"The texts are, or quote, those of {owner}; pass them on only with its licence."
    if re.search(_CLOSED, stated, re.IGNORECASE):
        return (
            "The licence forbids commercial use or changed versions; read it before you pass it on."
        )
    for number, (mark, words) in enumerate(_MARKS):
        text = f"{heading}\n{body}" if number < _IN_TEXTS else heading
        found = re.search(mark, text, re.IGNORECASE)
        if found and (not open_name or number == 0):
            return f"The file may not be passed on: {words.format(clean(found[0]))}."
    if open_name:
        return None
    if stated.strip():
        return "The file states no licence that is known to allow passing it on; ask its owner."
    return "The licence is unknown; do not pass the texts on before you know it."
