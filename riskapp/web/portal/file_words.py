"""Why a file was not taken, in words that say how it can be."""

from riskapp.core.sentences import Sentence
from riskapp.evidence.archives import MOST_ENTRIES
from riskapp.evidence.problems import InfectedRefused, Problem, TypeRefused
from riskapp.evidence.sniff import KINDS

_WORDS = {
    Problem.EMPTY: Sentence("The file is empty. Choose another one."),
    Problem.EXTENSION: Sentence("Files of this type are not taken. Take one of: {known}."),
    Problem.SIGNATURE: Sentence(
        "The file is not what its name says (.{extension}). Save it again as {extension}, or give "
        "it its right ending."
    ),
    Problem.NOT_TEXT: Sentence("The file is not text, though its name ends in .{extension}."),
    Problem.NOT_UTF8: Sentence(
        "The file is not UTF-8, which .{extension} has to be. Save it as UTF-8."
    ),
    Problem.MARKUP: Sentence(
        "The file is a web page or drawing, which is not taken. Save it as PDF."
    ),
    Problem.TWO_AT_ONCE: Sentence(
        "The file is two things at once: a .{extension} and another file hidden in it. Save it "
        "anew as {extension}, without attachments, and send what was in it by itself."
    ),
    Problem.NO_END: Sentence(
        "The file is not whole: its list of contents is missing. Save or pack it again."
    ),
    Problem.BEHIND_END: Sentence(
        "Something stands behind the end of the file that does not belong to it. Save or pack it "
        "again."
    ),
    Problem.INCONSISTENT: Sentence(
        "What the file says of its contents does not agree with itself. Save or pack it again."
    ),
    Problem.TOO_MANY: Sentence(
        "The archive holds too many files: at most {most} are taken. Send it in several parts."
    ),
    Problem.TOO_LARGE: Sentence(
        "Unpacked, the file would be far larger than is taken. Leave out what is not needed, or "
        "send the documents one by one."
    ),
    Problem.NESTED: Sentence(
        "The archive holds another archive, “{entry}”, which cannot be looked into. Unpack that "
        "one first, or send its documents by themselves."
    ),
    Problem.ENCRYPTED: Sentence(
        "The file has a password, so that it cannot be checked. Save or pack it without one: it is "
        "encrypted here as it arrives."
    ),
    Problem.PACKING: Sentence(
        "“{entry}” is packed in a way that cannot be checked. Pack it again as an ordinary ZIP."
    ),
    Problem.NAMES: Sentence(
        "The archive holds a file, “{entry}”, whose name hides where it leads. Rename it and pack "
        "it again."
    ),
    Problem.MACROS: Sentence(
        "The file holds macros, which are not taken. Save it without them, or as PDF."
    ),
}
_INFECTED = Sentence(
    "A virus scanner found “{signature}” in the file, so it was not kept. Check the computer that "
    "it comes from, and send a clean file."
)


def type_words(refused: TypeRefused) -> Sentence:
    return _WORDS[refused.reason].of(
        extension=refused.extension,
        known=", ".join(KINDS),
        entry=refused.entry,
        most=MOST_ENTRIES,
    )


def infected_words(refused: InfectedRefused) -> Sentence:
    return _INFECTED.of(signature=refused.signature)
