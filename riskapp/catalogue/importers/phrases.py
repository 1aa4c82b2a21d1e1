"""What importers add to foreign texts, in the language of the text; and which language that is."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from riskapp.catalogue.importers.words import LONGEST, shortened


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences of one language.

    `in_place` makes a question of a requirement, `so` of any other statement, `which` of what has
    options to choose from. `answer` ends a text that has its question mark elsewhere. `if_answer`
    stands before guidance on one answer, `example` before a model of one. `only_where` remarks a
    condition, whose parts `also`, `otherwise` and `unless` join: and, or, not. `todo` stands
    before a remedy.
    """

    in_place: str
    so: str
    which: str
    answer: str
    no_reason: str
    summary: str
    if_answer: str
    quoted: str
    only_where: str
    also: str
    otherwise: str
    unless: str
    todo: str
    example: str
    general: str
    yes: str
    no: str
    none: str
    controls: str
    threats: str


_PHRASES = {
    "en": Phrases(
        in_place="is this in place?",
        so="is this so?",
        which="Which of these applies to you?",
        answer="Please answer:",
        no_reason="The source gives no reason for asking this.",
        summary="Imported questionnaire.",
        if_answer="If “{}”:",
        quoted="“{}”",
        only_where="(Only where {})",
        also="and",
        otherwise="or",
        unless="not",
        todo="To do:",
        example="For example:",
        general="General",
        yes="Yes",
        no="No",
        none="None of these",
        controls="Related controls:",
        threats="Threats:",
    ),
    "de": Phrases(
        in_place="ist das umgesetzt?",
        so="trifft das zu?",
        which="Was davon trifft auf Sie zu?",
        answer="Bitte antworten Sie:",
        no_reason="Die Quelle nennt keinen Grund für diese Frage.",
        summary="Importierter Fragebogen.",
        if_answer="Bei „{}“:",
        quoted="„{}“",
        only_where="(Nur bei {})",
        also="und",
        otherwise="oder",
        unless="nicht",
        todo="Zu tun:",
        example="Zum Beispiel:",
        general="Allgemeines",
        yes="Ja",
        no="Nein",
        none="Nichts davon",
        controls="Zugehörige Maßnahmen:",
        threats="Bedrohungen:",
    ),
    "fr": Phrases(
        in_place="est-ce en place ?",
        so="est-ce le cas ?",
        which="Qu'est-ce qui s'applique à vous ?",
        answer="Veuillez répondre :",
        no_reason="La source ne donne pas la raison de cette question.",
        summary="Questionnaire importé.",
        if_answer="Si « {} » :",
        quoted="« {} »",
        only_where="(Seulement si {})",
        also="et",
        otherwise="ou",
        unless="pas",
        todo="À faire :",
        example="Par exemple :",
        general="Généralités",
        yes="Oui",
        no="Non",
        none="Rien de cela",
        controls="Mesures associées :",
        threats="Menaces :",
    ),
    "es": Phrases(
        in_place="¿está implantado?",
        so="¿es así?",
        which="¿Qué se aplica en su caso?",
        answer="Responda, por favor:",
        no_reason="La fuente no indica el motivo de esta pregunta.",
        summary="Cuestionario importado.",
        if_answer="Si «{}»:",
        quoted="«{}»",
        only_where="(Solo si {})",
        also="y",
        otherwise="o",
        unless="no",
        todo="Por hacer:",
        example="Por ejemplo:",
        general="General",
        yes="Sí",
        no="No",
        none="Nada de esto",
        controls="Controles relacionados:",
        threats="Amenazas:",
    ),
    "it": Phrases(
        in_place="è attuato?",
        so="è così?",
        which="Che cosa vale per voi?",
        answer="Si prega di rispondere:",
        no_reason="La fonte non indica il motivo di questa domanda.",
        summary="Questionario importato.",
        if_answer="Se «{}»:",
        quoted="«{}»",
        only_where="(Solo se {})",
        also="e",
        otherwise="o",
        unless="non",
        todo="Da fare:",
        example="Per esempio:",
        general="Generale",
        yes="Sì",
        no="No",
        none="Niente di tutto ciò",
        controls="Controlli correlati:",
        threats="Minacce:",
    ),
    "nl": Phrases(
        in_place="is dit ingevoerd?",
        so="is dat zo?",
        which="Wat hiervan is op u van toepassing?",
        answer="Graag uw antwoord:",
        no_reason="De bron geeft geen reden voor deze vraag.",
        summary="Geïmporteerde vragenlijst.",
        if_answer="Bij “{}”:",
        quoted="“{}”",
        only_where="(Alleen bij {})",
        also="en",
        otherwise="of",
        unless="niet",
        todo="Te doen:",
        example="Bijvoorbeeld:",
        general="Algemeen",
        yes="Ja",
        no="Nee",
        none="Niets hiervan",
        controls="Bijbehorende maatregelen:",
        threats="Dreigingen:",
    ),
    "pt": Phrases(
        in_place="isto está implementado?",
        so="é assim?",
        which="O que se aplica ao seu caso?",
        answer="Responda, por favor:",
        no_reason="A fonte não indica o motivo desta pergunta.",
        summary="Questionário importado.",
        if_answer="Se “{}”:",
        quoted="“{}”",
        only_where="(Somente se {})",
        also="e",
        otherwise="ou",
        unless="não",
        todo="A fazer:",
        example="Por exemplo:",
        general="Geral",
        yes="Sim",
        no="Não",
        none="Nada disto",
        controls="Controles relacionados:",
        threats="Ameaças:",
    ),
    "pl": Phrases(
        in_place="czy to jest wdrożone?",
        so="czy tak jest?",
        which="Co z tego Państwa dotyczy?",
        answer="Prosimy o odpowiedź:",
        no_reason="Źródło nie podaje powodu tego pytania.",
        summary="Zaimportowany kwestionariusz.",
        if_answer="Przy odpowiedzi „{}”:",
        quoted="„{}”",
        only_where="(Tylko przy {})",
        also="i",
        otherwise="lub",
        unless="nie",
        todo="Do zrobienia:",
        example="Na przykład:",
        general="Ogólne",
        yes="Tak",
        no="Nie",
        none="Nic z tego",
        controls="Powiązane zabezpieczenia:",
        threats="Zagrożenia:",
    ),
    "cs": Phrases(
        in_place="je to zavedeno?",
        so="je tomu tak?",
        which="Co z toho se vás týká?",
        answer="Prosíme o odpověď:",
        no_reason="Zdroj neuvádí důvod této otázky.",
        summary="Importovaný dotazník.",
        if_answer="Při odpovědi „{}“:",
        quoted="„{}“",
        only_where="(Jen při {})",
        also="a",
        otherwise="nebo",
        unless="ne",
        todo="Co udělat:",
        example="Například:",
        general="Obecné",
        yes="Ano",
        no="Ne",
        none="Nic z toho",
        controls="Související opatření:",
        threats="Hrozby:",
    ),
    "sv": Phrases(
        in_place="är detta infört?",
        so="stämmer det?",
        which="Vad av detta gäller för er?",
        answer="Vänligen svara:",
        no_reason="Källan anger inget skäl till frågan.",
        summary="Importerat frågeformulär.",
        if_answer="Vid ”{}”:",
        quoted="”{}”",
        only_where="(Bara vid {})",
        also="och",
        otherwise="eller",
        unless="inte",
        todo="Att göra:",
        example="Till exempel:",
        general="Allmänt",
        yes="Ja",
        no="Nej",
        none="Inget av detta",
        controls="Tillhörande åtgärder:",
        threats="Hot:",
    ),
    "da": Phrases(
        in_place="er det indført?",
        so="passer det?",
        which="Hvad af dette gælder for jer?",
        answer="Svar venligst:",
        no_reason="Kilden angiver ingen grund til spørgsmålet.",
        summary="Importeret spørgeskema.",
        if_answer="Ved ”{}”:",
        quoted="”{}”",
        only_where="(Kun ved {})",
        also="og",
        otherwise="eller",
        unless="ikke",
        todo="At gøre:",
        example="For eksempel:",
        general="Generelt",
        yes="Ja",
        no="Nej",
        none="Intet af dette",
        controls="Tilhørende foranstaltninger:",
        threats="Trusler:",
    ),
}
_COMMON = {
    "en": "the and of to is are for with your have that or be this which do does should",
    "de": "der die das und ist sind für mit wird werden nicht eine einen zu von den sie ihre muss",
    "fr": "le la les et des est sont pour avec une dans sur vous votre que qui du ne pas être",
    "es": "el los las y es son para con una que del se su sus por en como está debe",
    "it": "il gli e è sono per con una che del della di nel si sua suo dei delle non",
    "nl": "het een en is zijn voor met de van dat die niet wordt worden uw op aan moet",
    "pt": "os as e é são para com uma que do da se em não dos das por sua seu",
    "pl": "i w na z do się jest są nie oraz dla czy lub przez ich które",
    "cs": "a v na se je jsou pro nebo které který jak s z k být má mají",
    "sv": "och är att en ett för med av på inte som det den till ska har",
    "da": "og er at en et for med af på ikke som det den til skal har",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_LETTERS = re.compile(r"[^\W\d_]+")
_MOST_WORDS = 5_000
_ENOUGH = 0.05
"""The share of common words that any text of some length has."""

_FEW = 2
"""So many words in common are chance."""


def phrases_of(language: str) -> Phrases | None:
    """The sentences of a language, which may name a region (“pt-BR”); None where there are none."""
    return _PHRASES.get(language.partition("-")[0])


def language_of(texts: Iterable[str]) -> str:
    """The language of texts by their commonest words; English where none speaks for another."""
    seen: Counter[str] = Counter()
    total = 0
    for text in texts:
        for word in _LETTERS.findall(text.lower()):
            total += 1
            seen.update(language for language, common in _WORDS.items() if word in common)
        if total > _MOST_WORDS:
            break
    best = max(_WORDS, key=lambda language: (seen[language], language == "en"))
    enough = max(seen["en"], total * _ENOUGH, _FEW)
    return best if seen[best] > enough else "en"


_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]([A-Za-z]{2,4}))?")


def language_named(name: str) -> str | None:
    """A language as the format writes it: “pt_BR” is pt-BR; None where it is no name of one."""
    found = _LANGUAGE.fullmatch(name.strip())
    if found is None:
        return None
    return f"{found[1]}-{found[2]}" if found[2] else found[1]


def asked(text: str, addition: str | None, phrases: Phrases | None) -> str:
    """A text as a question: itself if it ends like one, else with an addition; never too long.

    `addition` is one of `phrases`: a question in its own sentence where it begins with a capital
    or an opening mark, else a tail behind a dash; None stands for a text to be answered in words.
    """
    if text.endswith(("?", ":")) and len(text) <= LONGEST:
        return text
    if phrases is None or addition is None:
        return f"{shortened(text, LONGEST - 1).rstrip(' .;,…')}:"
    if "?" in text and not addition[0].isupper():
        addition = phrases.answer
    if addition[0].isupper() or addition.startswith("¿Q"):
        head = shortened(text, LONGEST - len(addition) - 2)
        closed = head if head.endswith((".", "!", "?", "…", ")", "”")) else f"{head}."
        return f"{closed} {addition}"
    head = shortened(text, LONGEST - len(addition) - 3)
    return f"{head.rstrip(' .;,:')} — {addition}"
