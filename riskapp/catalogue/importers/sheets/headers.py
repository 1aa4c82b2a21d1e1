"""What headers of columns say, in English and German: the words by which a field is known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST_HEADER = 120

REMARKS = "remarks"
"""Not a field: a column that the vendor or a reviewer fills in, which is not imported."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a header means, and how surely: 3 its very words, 2 a word in it, 1 a weak word."""

    field: str
    strength: int


_EXACT: Mapping[str, str] = {
    "id": """id|nr|no|#|ref|num|number|nummer|lfd nr|lfd|laufende nummer|code|kennung|index|pos|
        position|item|item no|item number|key|identifier|kriterium nr|reference|ref no|ref id|
        reference id|reference number|referenz|referenznummer|q|q no|q id|ques num|uid|urn|ziffer|
        question id|question no|question nr|question number|question num|question code|
        question ref|question reference|frage id|frage nr|fragennr|frage nummer|fragenummer|
        fragen id|fragen nr|frage code|req id|req no|requirement id|requirement number|
        anforderung id|anforderung nr|anforderungsnummer|control no|control number""",
    "section": """section|sections|domain|domains|category|categories|chapter|area|areas|topic|
        topics|theme|themes|group|family|pillar|security domain|question category|
        control domain|control group|control family|control area|control category|domain title|
        domain name|ccm domain title|section title|section name|chapter name|category name|
        bereich|bereiche|kapitel|abschnitt|kategorie|kategorien|thema|themen|themengebiet|
        themenbereich|themenfeld|themenblock|domäne|gruppe|fragengruppe|fragenblock|
        prüfbereich|rubrik|baustein|main category|hauptkategorie|teil|part""",
    "subsection": """subsection|sub section|sub sections|subcategory|sub category|sub domain|
        subdomain|sub topic|subtopic|sub area|sub group|unterkategorie|unterabschnitt|
        unterkapitel|unterbereich|unterthema|untergruppe|teilbereich""",
    "question": """question|questions|question text|full question|security question|frage|fragen|
        fragetext|fragestellung|prüffrage|prüffragen|kontrollfrage|sicherheitsfrage|
        question request|question requirement|requirement|requirements|requirement text|
        requirement description|anforderung|anforderungen|anforderungstext|
        consensus assessment questions|consensus assessment question|assessment question|
        control question|audit question|question statement|pregunta|domanda|vraag|
        frage anforderung|was wird gefragt""",
    "why": """why|why we ask|why this is asked|reason|reason for question|reasons|rationale|
        objective|objectives|control objective|purpose|intent|goal|background|justification|
        control specification|ccm control specification|begründung|zweck|ziel|hintergrund|warum|
        warum wir fragen|grund|schutzziel|kontrollziel|motivation|reason for asking""",
    "guidance": """guidance|standard guidance|help|help text|hint|hints|tip|tips|explanation|
        explanations|clarification|clarifications|instruction|instructions|
        implementation guidance|assessment guidance|acceptance criteria|what counts|example|
        examples|erläuterung|erläuterungen|erklärung|erklärungen|hinweis|hinweise|hilfe|
        hilfetext|hilfestellung|anleitung|ausfüllhinweis|ausfüllhinweise|umsetzungshinweis|
        umsetzungshinweise|bewertungskriterien|was zählt|beispiel|beispiele|
        question guidance|additional guidance|further explanation""",
    "options": """answer options|answer option|options|possible answers|possible responses|
        response options|answer type|response type|question type|type of answer|answer format|
        response format|answer choices|choices|allowed answers|allowed values|valid answers|
        valid responses|field type|input type|data type|type|antwortoptionen|
        antwortmöglichkeiten|antwortmöglichkeit|antworttyp|antwortart|antwortformat|antwort typ|
        auswahl|auswahlmöglichkeiten|mögliche antworten|fragetyp|typ|wertebereich""",
    "answer": """answer|answers|your answer|vendor answer|vendor answers|vendor response|
        vendor responses|supplier answer|supplier response|provider answer|provider response|
        response|responses|reply|csp caiq answer|caiq answer|consensus assessment answers|
        company response|your response|antwort|antworten|ihre antwort|antwort des anbieters|
        antwort des lieferanten|antwort lieferant|antwort anbieter|umsetzungsstatus|
        implementation status|compliance status|erfüllungsgrad|erfüllt|umgesetzt|implemented|
        compliant|in place|answer yes no|yes no|ja nein|yes no n a|ja nein n a""",
    "weight": """weight|weights|weighting|default weight|question weight|importance|
        default importance|priority|severity|criticality|gewicht|gewichtung|priorität|
        wichtigkeit|bedeutung|kritikalität|relevanz|schweregrad|risk weight|risk rating|
        risk level|weight factor|gewichtungsfaktor""",
    "good": """compliant answer|compliant response|compliant value|preferred answer|
        preferred response|expected answer|expected response|desired answer|desired response|
        correct answer|ideal answer|ideal response|good answer|best answer|target answer|
        acceptable answer|required answer|erwartete antwort|gewünschte antwort|soll antwort|
        sollantwort|konforme antwort|richtige antwort|gute antwort|beste antwort|zielantwort|
        soll|positive answer|compliance answer|konformitätsantwort""",
    "inverted": """no is compliant|no is the compliant answer|no is good|no means compliant|
        compliant if no|no compliant|inverted|inverse|reversed|reverse scored|inverted question|
        inverted answer|negative question|negatively worded|nein ist konform|nein konform|
        nein ist gut|nein bedeutet konform|konform bei nein|invertiert|umgekehrt|
        negativ formuliert|nein ist die konforme antwort|invertierte frage""",
    "evidence": """evidence|evidences|proof|required evidence|evidence required|
        expected evidence|evidence requested|required documents|required documentation|
        documentation required|supporting documents|supporting documentation|
        supporting evidence|artifacts|artefacts|artifact|artefact|documents|documentation|
        nachweis|nachweise|beleg|belege|erforderlicher nachweis|erforderliche nachweise|
        geforderter nachweis|geforderte nachweise|nachweisdokument|nachweisdokumente|
        unterlagen|dokumente|dokumentation|mögliche nachweise|evidence examples""",
    "mapping": """mapping|mappings|crosswalk|references|referenzen|standard|standards|framework|
        frameworks|norm|normen|regulation|regulations|ccm control id|related controls|
        related requirements|normbezug|bezug|quelle|article|artikel""",
    REMARKS: """comment|comments|kommentar|kommentare|bemerkung|bemerkungen|anmerkung|
        anmerkungen|remark|remarks|notes|note|notiz|notizen|additional information|
        additional info|zusätzliche informationen|weitere informationen|details|
        analyst notes|analyst comments|reviewer notes|reviewer comments|explanation of answer|
        csp implementation description|csc responsibilities|ssrm control ownership|
        implementation description|owner|verantwortlich|responsible|score|punkte|points|result|
        ergebnis|bewertung|rating|finding|findings|date|datum|evidence link|link|
        vendor comments|supplier comments|begründung der antwort|ansprechpartner|contact|
        answered by|last updated|attachments|anhänge""",
}

_WORDS: Mapping[str, str] = {
    "inverted": r"\bno (is|=|→|means) |\bnein (ist|=|→) |\binvert",
    "good": r"\b(compliant|preferred|expected|desired|ideal|correct|target) (answer|response)"
    r"|\b(erwartete|gewünschte|konforme|richtige) antwort|\bsoll-?antwort",
    "mapping": r"\biso\b|\biso.?(iec)?.?27\d{3}|\bnist\b|\bgdpr\b|\bdsgvo\b|\bnis.?2\b|\bdora\b"
    r"|\bmvsp\b|\bcsf\b|\bcis\b|\bpci\b|\bhipaa\b|\bsoc.?2\b|\btsc\b|\bccm\b|\bbsi\b|\btisax\b"
    r"|\bvda\b|\beba\b|\bcobit\b|\bc5\b|\bfedramp\b|\bcmmc\b|\bhitrust\b|\bowasp\b|\basvs\b"
    r"|\bmapping|\bcrosswalk|\bcross.?reference",
    "options": r"\b(answer|response) (options?|types?|formats?|choices|values)"
    r"|\bantwort(-| )?(option|typ|art|möglichkeit|format)",
    "id": r"\b(question|frage|req|requirement|anforderung)s?[ _-]{0,2}(id|nr|no|number|num|code)\b",
    "weight": r"\bweight|\bimportance\b|\bgewicht|\bpriorit|\bseverity\b|\bcriticality\b"
    r"|\bkritikalität",
    "evidence": r"\bevidence\b|\bnachweis|\bproof\b",
    "why": r"\brationale\b|\bobjective\b|\bspecification\b|\breason\b|\bbegründung\b|\bwarum\b",
    "guidance": r"\bguidance\b|\bhinweis|\berläuterung|\bhilfe|\bclarification",
    REMARKS: r"\bcomment|\bkommentar|\bremark|\bbemerkung|\banmerkung|\bnotes?\b"
    r"|\badditional info|\bownership\b|\bresponsib|\bimplementation description\b|\bscore\b",
    "answer": r"\banswers?\b|\bresponses?\b|\bantwort",
    "question": r"\bquestions?\b|\bfragen?\b|\bfragestellung|\bprüffrage|\brequirements?\b"
    r"|\banforderung",
    "subsection": r"\bsub-?(section|categor|domain|topic)|\bunter(kapitel|kategorie|abschnitt)",
    "section": r"\b(section|domain|category|chapter|topic)\b|\b(bereich|kapitel|kategorie|thema)\b",
}

_WEAK: Mapping[str, str] = {
    "question": """control|controls|control text|control description|description|beschreibung|
        text|criterion|criteria|kriterium|kriterien|statement|measure|measures|maßnahme|
        maßnahmen|control statement|check|prüfpunkt|prüfpunkte|verification|
        security requirement|inhalt|prompt""",
    "id": "control id|kontroll id|control|section|abschnitt|kapitel|cid",
    "answer": "status|value|wert|compliance|konformität",
    "section": "title|titel|heading|überschrift|module|modul|function|funktion|scope",
    "guidance": "description|beschreibung|details",
    "mapping": "control id|source|reference|referenz|ref",
    "weight": "risk|risiko|impact|points|punkte|max score|must should",
}

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = re.compile(r"[^\w#&]+|_")


def _listed(words: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, phrases in words.items():
        for phrase in phrases.split("|"):
            found.setdefault(" ".join(phrase.split()), []).append(field)
    return found


_EXACTLY, _WEAKLY = _listed(_EXACT), _listed(_WEAK)
_PATTERNS = [(field, re.compile(pattern)) for field, pattern in _WORDS.items()]


def bare(header: str) -> str:
    """A header's words in small letters, without marks and what stands in brackets."""
    lower = header.casefold().replace("ss", "ß") if "ß" in header else header.lower()
    without = _MARKS.sub(" ", _ASIDE.sub(" ", lower)).strip()
    return without or _MARKS.sub(" ", lower).strip() or lower.strip()


def meanings(header: str) -> list[Meaning]:
    """What a header may mean, the surest first; empty where it says nothing or is no header."""
    if not header or len(header) > LONGEST_HEADER:
        return []
    words = bare(header)
    found = [Meaning(field, 3) for field in _EXACTLY.get(words, ())]
    if not found:
        lower = header.lower()
        found = [Meaning(field, 2) for field, pattern in _PATTERNS if pattern.search(lower)][:1]
    weak = [Meaning(field, 1) for field in _WEAKLY.get(words, ())]
    known = {one.field for one in found}
    return found + [one for one in weak if one.field not in known]


def known(headers: Sequence[str]) -> int:
    """How many different fields these headers name, weak words counted half."""
    best: dict[str, int] = {}
    for header in headers:
        for one in meanings(header)[:1]:
            best[one.field] = max(best.get(one.field, 0), one.strength)
    return sum(2 if strength > 1 else 1 for strength in best.values())
