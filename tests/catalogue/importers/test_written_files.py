"""What importers write is read back to the same words."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.importers.common import question_ids, write
from riskapp.catalogue.lines import read

ODD = "ab -#:>|'\"\\\x07\ufeff\u2028&*!%@`{}[],?.é😀\ud800"


def folded(text: str) -> str:
    return " ".join(text.split())


WORDS = (
    (st.text(min_size=1) | st.text(alphabet=ODD, min_size=60, max_size=300))
    .map(folded)
    .filter(bool)
)
KEYS = WORDS | st.sampled_from(["id", "null", "yes", "1", "no", "on", "asked_when", "a-b"])
VALUES = st.recursive(
    WORDS,
    lambda inner: (
        st.dictionaries(KEYS, inner, min_size=1, max_size=4)
        | st.lists(inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def whole(value: Any) -> Any:
    """Without halves of characters, which no file can hold."""
    if isinstance(value, dict):
        return {whole(key): whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [whole(one) for one in value]
    return "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in value)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "null", "no"]), VALUES, min_size=1))
def test_words_are_read_back_as_they_were_written(contents: dict[str, Any]) -> None:
    text = write(contents)
    assert whole(read(text, "x").root.plain()) == whole(contents)
    assert text.encode()


def test_numbers_truths_and_empty_lists_are_plain_and_none_is_left_out() -> None:
    contents = {
        "weight": 3,
        "gate": True,
        "options": [],
        "why": None,
        "in": {"a": [1, {"b": None, "c": 2}]},
    }
    assert write(contents) == "weight: 3\ngate: true\noptions: []\nin:\n  a:\n    - 1\n    - c: 2\n"


def test_long_words_are_folded_and_short_ones_quoted() -> None:
    written = write({"short": "no", "long": "word " * 40})
    assert written.startswith('short: "no"\nlong: >-\n  word word')
    assert all(len(line) <= 100 for line in written.splitlines())


def test_ids_have_as_many_digits_as_the_last_one() -> None:
    assert question_ids("ABC", 2) == ["ABC-01", "ABC-02"]
    assert question_ids("ABC", 100)[0] == "ABC-001"
    assert question_ids("ABC", 5000)[-1] == "ABC-5000"
